#ifndef AUTH_AUTH_H_
#define AUTH_AUTH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signed_text.h"
#include "base/err.h"
#include "crypto/sr25519.h"
#include "crypto/ss58.h"

struct config;
struct metagraph;
struct metagraph_neuron;

/*
 * Who asks, and may they?  The checks in the order in which an endpoint calls
 * them: harmless and cheap first, the signature late, what spends last.
 */

/* What a decision is made from. */
struct auth {
	const struct config *cfg;
	struct metagraph *metagraph;
	int64_t now_s;
};

/* Somebody the chain knows; proven once auth_proven() has returned ERR_OK. */
struct auth_identity {
	struct ss58 hotkey, coldkey;	/* as the chain says */
	const char *role;		/* "miner" or "validator" */
	const struct metagraph_neuron *neuron;
};

/* Who says to be asking, before any of it is proven. */
struct auth_caller {
	struct ss58 hotkey;
	int64_t signed_at_ms;
	bool by_headers;		/* X-Tao; so sig and header_text are
					   set, and else this: */
	const char *signature;		/* hex, as it came */
	struct signed_text header_text;
	uint8_t sig[SR25519_SIGNATURE_LEN];	/* behind auth_proven() */
};

/* A signed time is good from this long before now to that long after.
   Source: the original's rule, edges included (300 s and 60 s are good). */
#define AUTH_PAST_S 300
#define AUTH_FUTURE_S 60

/* One alpha in rao. */
#define AUTH_RAO UINT64_C(1000000000)

/* Longest text of a signature: hex digits, 0x, some spaces. */
#define AUTH_SIGNATURE_MAX 255

/**
 * auth_time(a, timestamp):
 *   Errors  ERR_TIMESTAMP outside the window
 */
CHECKED enum err auth_time(const struct auth *a, int64_t timestamp);

/**
 * auth_fresh(a):
 * Map the latest snapshot and tell whether it may be believed.
 *   Errors  ERR_NO_IDENTITY there is none; ERR_STALE the chain was last seen to
 *	     advance more than chain.max_age_s ago
 */
CHECKED enum err auth_fresh(const struct auth *a);

/**
 * auth_miner(a, hotkey, coldkey, id):
 * Set ${id} to ${hotkey}'s registration, if ${coldkey} owns it; NULL means
 * whoever does.
 *   Errors  as auth_fresh(); ERR_NOT_REGISTERED; ERR_COLDKEY
 */
CHECKED enum err auth_miner(const struct auth *a, const struct ss58 *hotkey,
    const struct ss58 *coldkey, struct auth_identity *id);

/**
 * auth_validator(a, hotkey, id):
 * Set ${id} to ${hotkey}'s registration, if it is a validator's: a permit, and
 * alpha stake strictly above chain.min_validator_stake, compared in rao.
 *   Errors  as auth_fresh(); ERR_NO_VALIDATOR not registered; ERR_NO_PERMIT;
 *	     ERR_LOW_STAKE
 */
CHECKED enum err auth_validator(const struct auth *a,
    const struct ss58 *hotkey, struct auth_identity *id);

/**
 * auth_signature(text, sig):
 * Decode the hex signature of a request's body.
 *   Shape   128 digits of either case; 0x before them and spaces between
 *	     bytes are tolerated
 *   Errors  ERR_SIGNATURE
 */
CHECKED enum err auth_signature(const char *text,
    uint8_t sig[SR25519_SIGNATURE_LEN]);

/**
 * auth_signed(id, sig, texts, n, which):
 * Set ${which} to the first of the ${n} ${texts} that ${id} signed, either as
 * they are or, as wallets in a browser do, between <Bytes> and </Bytes>.
 * Costs up to 2 * ${n} verifications, so callers come here with few.
 *   Errors  ERR_SIGNATURE none
 */
CHECKED enum err auth_signed(const struct auth_identity *id,
    const uint8_t sig[SR25519_SIGNATURE_LEN], const struct signed_text *texts,
    size_t n, size_t *which);

/**
 * auth_proven(id, who, texts, n, which):
 * If ${who} sent X-Tao headers: did ${id} sign their text (${which} is then 0)?
 * If not: did it sign one of the ${n} ${texts}?  Sets who->sig.
 *   Errors  ERR_SIGNATURE
 */
CHECKED enum err auth_proven(const struct auth_identity *id,
    struct auth_caller *who, const struct signed_text *texts, size_t n,
    size_t *which);

#endif /* !AUTH_AUTH_H_ */
