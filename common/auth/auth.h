#ifndef AUTH_AUTH_H_
#define AUTH_AUTH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signed_text.h"
#include "base/err.h"
#include "crypto/sr25519.h"
#include "crypto/ss58.h"

struct btauth_proof;
struct config;
struct hmac;
struct metagraph;
struct metagraph_info;
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

/* How the proof travels: a signed text in the body, or headers. */
enum auth_scheme { AUTH_TEXT, AUTH_TAO, AUTH_BTAUTH };

/* Who says to be asking, before any of it is proven. */
struct auth_caller {
	struct ss58 hotkey;
	int64_t signed_at_ms;
	enum auth_scheme scheme;
	const char *signature;		/* AUTH_TEXT: hex, as it came */
	struct signed_text header_text;	/* AUTH_TAO: sig is set, too */
	const struct btauth_proof *btauth;	/* AUTH_BTAUTH: likewise */
	uint8_t sig[SR25519_SIGNATURE_LEN];	/* after auth_proven() */
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
 * auth_metagraph(cfg, h):
 * A reader of the snapshots of the configured subnet of the configured network,
 * in the state directory; see metagraph_new().
 */
struct metagraph *auth_metagraph(const struct config *cfg, struct hmac *h);

/**
 * auth_time(a, timestamp):
 *   Errors  ERR_TIMESTAMP outside the window
 */
CHECKED enum err auth_time(const struct auth *a, int64_t timestamp);

/**
 * auth_fresh(a):
 * Map the latest snapshot and tell whether it may be believed.
 *   Errors  ERR_NO_IDENTITY there is none; ERR_STALE the chain made its block
 *	     more than auth_max_age_s() ago, or in the future
 */
CHECKED enum err auth_fresh(const struct auth *a);

/**
 * auth_max_age_s(a, info):
 * How old the block of the snapshot ${info} may be: chain.max_age_s.  While the
 * chain stands still, that is if a majority of nodes told this block as the
 * last one not longer ago than that, chain.halt_max_age_s if it is longer.
 */
int64_t auth_max_age_s(const struct auth *a,
    const struct metagraph_info *info);

/**
 * auth_miner(a, hotkey, coldkey, id):
 * Set ${id} to ${hotkey}'s registration, if ${coldkey} owns it; NULL means
 * whoever does.
 *   Errors  as auth_fresh(); ERR_NOT_REGISTERED; ERR_COLDKEY
 */
CHECKED enum err auth_miner(const struct auth *a, const struct ss58 *hotkey,
    const struct ss58 *coldkey, struct auth_identity *id);

/**
 * auth_counts_total(a), auth_stake(a, n):
 * Does the total stake make a validator, or its alpha?  That of ${n}, in rao.
 */
bool auth_counts_total(const struct auth *a);
uint64_t auth_stake(const struct auth *a, const struct metagraph_neuron *n);

/**
 * auth_validator(a, hotkey, id):
 * Set ${id} to ${hotkey}'s registration, if it is a validator's: a permit, and
 * a stake strictly above chain.min_validator_stake, compared in rao.
 *   Errors  as auth_fresh(); ERR_NO_IDENTITY also if the snapshot lacks the
 *	     kind of stake that counts; ERR_NO_VALIDATOR not registered;
 *	     ERR_NO_PERMIT; ERR_LOW_STAKE
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
 *   Errors  ERR_SIGNATURE none; ERR_HOTKEY_KIND nobody can sign for ${id}'s
 *	     hotkey with sr25519: it is another kind of account's
 */
CHECKED enum err auth_signed(const struct auth_identity *id,
    const uint8_t sig[SR25519_SIGNATURE_LEN], const struct signed_text *texts,
    size_t n, size_t *which);

/**
 * auth_proven(id, who, texts, n, which):
 * If ${who} sent headers: did ${id} sign their text (${which} is then 0)?
 * If not: did it sign one of the ${n} ${texts}?  Sets who->sig.
 *   Errors  as auth_signed()
 */
CHECKED enum err auth_proven(const struct auth_identity *id,
    struct auth_caller *who, const struct signed_text *texts, size_t n,
    size_t *which);

#endif /* !AUTH_AUTH_H_ */
