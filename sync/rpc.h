#ifndef SYNC_RPC_H_
#define SYNC_RPC_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "state/metagraph.h"

/*
 * The JSON-RPC calls of a subtensor node that chain-sync makes: the texts of
 * requests, and the content of answers.  Nothing is sent here.  Source: the
 * JSON-RPC 2.0 specification; Substrate's RPC methods chain_getFinalizedHead,
 * chain_getHeader, chain_getBlockHash, state_getRuntimeVersion,
 * state_getStorage, state_call.
 */
#define RPC_HASH_LEN 32

/* A quoted hash, "\"0x...\"". */
#define RPC_HASH_TEXT_LEN (2 + 2 + 2 * RPC_HASH_LEN)

/* Why an answer was refused, in fixed words. */
#define RPC_REASON_MAX 159
struct rpc_fault {
	char reason[RPC_REASON_MAX + 1];
	bool limited;		/* the node asks for a later retry */
};

/* An answer's body. */
struct rpc_answer {
	const char *text;
	size_t len;
};

/**
 * rpc_quote(hash, out):
 * Write ${hash} as a parameter.
 */
void rpc_quote(const uint8_t hash[RPC_HASH_LEN],
    char out[RPC_HASH_TEXT_LEN + 1]);

/**
 * rpc_call_params(netuid, total, at, b):
 * Append the parameters of state_call for the metagraph of ${netuid}, with the
 * total stakes if ${total}, at the block with the quoted hash ${at}.
 */
void rpc_call_params(uint16_t netuid, bool total, const char *at,
    struct buf *b);

/* Timestamp.Now in the storage. */
#define RPC_TIMESTAMP_NOW						\
	"0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"

/**
 * rpc_hash(a, hash, f), rpc_height(a, height, f), rpc_spec_version(a, spec, f),
 * rpc_time(a, ms, f):
 * Read the hash in the answer ${a}; the height in a header; the version of a
 * runtime; Timestamp.Now, Unix milliseconds, -1 if the block has none.
 *   Errors  ERR_FORMAT not the requested value; ${f} has the reason
 */
CHECKED enum err rpc_hash(const struct rpc_answer *a,
    uint8_t hash[RPC_HASH_LEN], struct rpc_fault *f);
CHECKED enum err rpc_height(const struct rpc_answer *a, uint64_t *height,
    struct rpc_fault *f);
CHECKED enum err rpc_spec_version(const struct rpc_answer *a, uint32_t *spec,
    struct rpc_fault *f);
CHECKED enum err rpc_time(const struct rpc_answer *a, int64_t *ms,
    struct rpc_fault *f);

/**
 * rpc_metagraph(a, netuid, total, block, neurons, n, f):
 * Read the metagraph in the answer ${a}.  See scale_metagraph().
 *   Errors  as above, and those of scale_metagraph()
 */
CHECKED enum err rpc_metagraph(const struct rpc_answer *a, uint16_t netuid,
    bool total, uint64_t *block, struct metagraph_neuron **neurons,
    uint32_t *n, struct rpc_fault *f);

#endif /* !SYNC_RPC_H_ */
