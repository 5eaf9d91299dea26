#ifndef SYNC_PARTY_H_
#define SYNC_PARTY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "look.h"

/*
 * All endpoints in one look, and the decision from their reports so far.  It
 * is made again whenever an endpoint has answered, or at wake_ms.
 */
struct party {
	struct look_rules rules;
	struct look look[CONFIG_ITEMS_MAX];
	size_t n;
	int64_t started_ms;	/* all of clock_tick_ms() */
	int64_t wake_ms;	/* decide again then; 0: after an answer */
	size_t winner;		/* index of its view; n: none yet */
	uint64_t target;	/* majority: the requested height */
	bool targeted;
};

/**
 * party_shared_head(p):
 * Return one of more than half of all endpoints, and at least two, that
 * reported the same finalized head, or ${n} if there is none.
 */
size_t party_shared_head(const struct party *p);

/**
 * party_limit_ms(p, hash):
 * Return the greatest age of the block ${hash}.
 */
int64_t party_limit_ms(const struct party *p,
    const uint8_t hash[RPC_HASH_LEN]);

/**
 * party_believes(p, look):
 * Is ${look}'s head believed, even if there is a doubt?
 */
bool party_believes(const struct party *p, const struct look *look);

/**
 * party_patience(p):
 * Return the time until which slower endpoints are waited for, from now on.
 * They get as much time again as the others have taken, within bounds.
 */
int64_t party_patience(const struct party *p);

#endif /* !SYNC_PARTY_H_ */
