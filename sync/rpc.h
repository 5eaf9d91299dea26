#ifndef SYNC_RPC_H_
#define SYNC_RPC_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http.h"
#include "state/metagraph.h"

/*
 * The JSON-RPC calls of a subtensor node that chain-sync makes.  Source: the
 * JSON-RPC 2.0 specification; Substrate's RPC methods chain_getFinalizedHead,
 * chain_getHeader, chain_getBlockHash, state_getRuntimeVersion, state_call.
 */
#define RPC_HASH_LEN 32

/* One node, and why it last failed. */
struct rpc {
	struct http *http;		/* the caller's */
	const char *url;		/* likewise; http or https */
	struct http_limits limits;
	const char *reason;		/* static text */
};

/**
 * rpc_finalized_head(r, hash):
 * Set ${hash} to the hash of the last finalized block.
 * rpc_height(r, hash, height), rpc_hash_at(r, height, hash):
 * The height of a block; the hash of the block at a height.
 * rpc_spec_version(r, hash, spec):
 * The version of the runtime at a block.
 *   Errors  ERR_IO no answer; ERR_FORMAT one that is not what was asked for,
 *	     null included; r->reason says which
 */
CHECKED enum err rpc_finalized_head(struct rpc *r, uint8_t hash[RPC_HASH_LEN]);
CHECKED enum err rpc_height(struct rpc *r, const uint8_t hash[RPC_HASH_LEN],
    uint64_t *height);
CHECKED enum err rpc_hash_at(struct rpc *r, uint64_t height,
    uint8_t hash[RPC_HASH_LEN]);
CHECKED enum err rpc_spec_version(struct rpc *r,
    const uint8_t hash[RPC_HASH_LEN], uint32_t *spec);

/**
 * rpc_metagraph(r, hash, netuid, block, neurons, n):
 * The metagraph of ${netuid} at the block ${hash}; see scale_metagraph().
 *   Errors  as above, and those of scale_metagraph()
 */
CHECKED enum err rpc_metagraph(struct rpc *r, const uint8_t hash[RPC_HASH_LEN],
    uint16_t netuid, uint64_t *block, struct metagraph_neuron **neurons,
    uint32_t *n);

#endif /* !SYNC_RPC_H_ */
