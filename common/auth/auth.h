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
 * Who is the caller, and is it allowed to ask?  The checks are in the order in
 * which an endpoint runs them: harmless and cheap ones first, the signature
 * late, the one that spends last.
 */

/* The data that decisions are made from. */
struct auth {
	const struct config *cfg;
	struct metagraph *metagraph;
	int64_t now_s;
};

/* A registered caller.  It is proven once auth_proven() has returned
   ERR_OK. */
struct auth_identity {
	struct ss58 hotkey, coldkey;	/* from the chain */
	const char *role;		/* "miner" or "validator" */
	const struct metagraph_neuron *neuron;
};

/* How the proof travels: a signed text in the body, or headers. */
enum auth_scheme { AUTH_TEXT, AUTH_TAO, AUTH_BTAUTH };

/* The claimed caller, before anything is proven. */
struct auth_caller {
	struct ss58 hotkey;
	int64_t signed_at_ms;
	enum auth_scheme scheme;
	const char *signature;		/* AUTH_TEXT: hex, as received */
	struct signed_text header_text;	/* AUTH_TAO: sig is set, too */
	const struct btauth_proof *btauth;	/* AUTH_BTAUTH: and sig */
	uint8_t sig[SR25519_SIGNATURE_LEN];	/* after auth_proven() */
};

/* A signed time is valid from AUTH_PAST_S before now to AUTH_FUTURE_S after
   it.  Source: the original's rule, edges included (300 s and 60 s are
   valid). */
#define AUTH_PAST_S 300
#define AUTH_FUTURE_S 60

/* One alpha in rao. */
#define AUTH_RAO UINT64_C(1000000000)

/* Longest text of a signature: hex digits, 0x, some spaces. */
#define AUTH_SIGNATURE_MAX 255

/**
 * auth_metagraph(cfg, h):
 * Return a reader of the snapshots of the configured network and subnet, in
 * the state directory.  See metagraph_new().
 */
struct metagraph *auth_metagraph(const struct config *cfg, struct hmac *h);

/**
 * auth_time(a, timestamp):
 *   Errors  ERR_TIMESTAMP outside the window
 */
CHECKED enum err auth_time(const struct auth *a, int64_t timestamp);

/**
 * auth_fresh(a):
 * Map the latest snapshot and check that it is recent.
 *   Errors  ERR_NO_IDENTITY there is none; ERR_STALE the chain made its block
 *	     more than auth_max_age_s() ago, or in the future
 */
CHECKED enum err auth_fresh(const struct auth *a);

/**
 * auth_max_age_s(a, info):
 * Return the greatest age of the block of the snapshot ${info}:
 * chain.max_age_s.  While the chain stands still it is chain.halt_max_age_s,
 * if that is longer.  The chain stands still if a majority of nodes reported
 * this block as the last one, not longer ago than chain.max_age_s.
 */
int64_t auth_max_age_s(const struct auth *a,
    const struct metagraph_info *info);

/**
 * auth_miner(a, hotkey, coldkey, id):
 * Set ${id} to ${hotkey}'s registration, if ${coldkey} owns it.  A ${coldkey}
 * of NULL accepts any owner.
 *   Errors  as auth_fresh(); ERR_NOT_REGISTERED; ERR_COLDKEY
 */
CHECKED enum err auth_miner(const struct auth *a, const struct ss58 *hotkey,
    const struct ss58 *coldkey, struct auth_identity *id);

/**
 * auth_counts_total(a), auth_stake(a, n):
 * Does the total stake of a validator count, or its alpha?  Return the stake
 * of ${n} that counts, in rao.
 */
bool auth_counts_total(const struct auth *a);
uint64_t auth_stake(const struct auth *a, const struct metagraph_neuron *n);

/**
 * auth_validator(a, hotkey, id):
 * Set ${id} to ${hotkey}'s registration if it is a validator.  A validator has
 * a permit and a stake strictly above chain.min_validator_stake, compared in
 * rao.
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
 * Set ${which} to the first of the ${n} ${texts} that ${id} signed.  A text
 * may be signed as it is or, as browser wallets do, between <Bytes> and
 * </Bytes>.  This costs up to 2 * ${n} verifications, so callers pass few
 * texts.
 *   Errors  ERR_SIGNATURE none; ERR_HOTKEY_KIND ${id}'s hotkey belongs to
 *	     another kind of account, which cannot sign with sr25519
 */
CHECKED enum err auth_signed(const struct auth_identity *id,
    const uint8_t sig[SR25519_SIGNATURE_LEN], const struct signed_text *texts,
    size_t n, size_t *which);

/**
 * auth_proven(id, who, texts, n, which):
 * If ${who} sent headers, check that ${id} signed their text (${which} is then
 * 0).  Otherwise check that it signed one of the ${n} ${texts}.  Set who->sig.
 *   Errors  as auth_signed()
 */
CHECKED enum err auth_proven(const struct auth_identity *id,
    struct auth_caller *who, const struct signed_text *texts, size_t n,
    size_t *which);

#endif /* !AUTH_AUTH_H_ */
