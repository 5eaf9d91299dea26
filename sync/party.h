#ifndef SYNC_PARTY_H_
#define SYNC_PARTY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "look.h"

/*
 * All endpoints in one look, and what is decided from what they told so far.
 * It is decided anew whenever one of them has answered, or at wake_ms.
 */
struct party {
	struct look_rules rules;
	struct look look[CONFIG_ITEMS_MAX];
	size_t n;
	int64_t started_ms;	/* all of clock_tick_ms() */
	int64_t wake_ms;	/* decide again then; 0: only after an answer */
	size_t winner;		/* whose view it is; n: nobody's yet */
	uint64_t target;	/* majority: the height that is asked for */
	bool targeted;
};

/**
 * party_shared_head(p):
 * One of more than half of all endpoints, and at least two, that told the same
 * finalized head; ${n} if there is none.
 */
size_t party_shared_head(const struct party *p);

/**
 * party_limit_ms(p, hash):
 * How old the block ${hash} may be.
 */
int64_t party_limit_ms(const struct party *p,
    const uint8_t hash[RPC_HASH_LEN]);

/**
 * party_believes(p, look):
 * Is ${look}'s head to be believed, in spite of its doubt if need be?
 */
bool party_believes(const struct party *p, const struct look *look);

/**
 * party_patience(p):
 * Until when those that are slower are waited for, from now on: as long again
 * as the others have taken, within bounds.
 */
int64_t party_patience(const struct party *p);

#endif /* !SYNC_PARTY_H_ */
