#ifndef SYNC_VOTE_H_
#define SYNC_VOTE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "party.h"

/**
 * vote(p):
 * chain.agree = majority.  Ask all endpoints about the highest block that more
 * than half of them report as finalized.  If more than half of all report the
 * same about it (network, hash, keys, owners, permits, stakes), set p->winner
 * to the first of those.  If not, ask about the next lower reported head, so
 * an endpoint that claims too much cannot keep the others from agreeing.
 */
void vote(struct party *p);

/**
 * vote_agrees(p, i):
 * Does the i-th endpoint agree with p->winner?
 */
bool vote_agrees(const struct party *p, size_t i);

/**
 * vote_time_ms(p):
 * Return the time of the winner's block: the lower median of the times from
 * those that agree, so that one of them cannot make the block look newer.
 */
int64_t vote_time_ms(const struct party *p);

#endif /* !SYNC_VOTE_H_ */
