#ifndef SYNC_LEARN_H_
#define SYNC_LEARN_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "net/http.h"
#include "state/metagraph.h"

struct hmac;

/* What a look at the chain found: a metagraph at one finalized block. */
struct learn_view {
	uint8_t block_hash[32];
	uint64_t block;
	uint32_t spec_version;		/* 0: the node did not tell */
	struct metagraph_neuron *neurons;
	uint32_t n;
};

/* What it takes to look. */
struct learn {
	const struct config *cfg;
	struct http *http;
	struct hmac *hmac;
	uint64_t known_block;		/* highest seen so far; 0: none */
	const char *reason;		/* why nothing was learnt */
};

/**
 * learn_any(l, v), learn_majority(l, v):
 * Ask the configured endpoints and set ${v}, to be given to learn_free().
 *
 * any: one after the other, the first that answers and is ahead of
 * ${known_block}; if none is ahead, the first that answers.
 *
 * majority: all of them.  The height is the (lower) median of their finalized
 * heads, or, if they do not agree there, the next lower head that was told;
 * ${v} is what more than half of the configured endpoints say of it: same hash,
 * same keys, owners, permits and stakes.
 *
 * Endpoints that fail or disagree are named in the log.
 *   Errors  ERR_IO, ERR_FORMAT; l->reason is the last endpoint's
 */
CHECKED enum err learn_any(struct learn *l, struct learn_view *v);
CHECKED enum err learn_majority(struct learn *l, struct learn_view *v);

/**
 * learn_free(v):
 * Free what ${v} holds; fine if it is all zero.
 */
void learn_free(struct learn_view *v);

#endif /* !SYNC_LEARN_H_ */
