#ifndef LEDGER_REDIS_SCRIPT_H_
#define LEDGER_REDIS_SCRIPT_H_

#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/redis_args.h"

/*
 * One decision, as Redis executes it: all or nothing, since nothing behind the
 * first change can fail.  (Whether there is memory, Redis asks itself when the
 * script starts.)
 *
 * Three keys, in one slot of a cluster for their tag: a hash of the floor and
 * of which server ran last, a sorted set of replay keys by signed time, a hash
 * of the day's counters.  Two clocks must agree on a birth, and the slower one
 * says what may be forgotten: the machine's and that of Redis.  Replay keys are
 * not left to Redis to expire: nobody would learn what was forgotten.
 */
extern const char redis_script[];

/*
 * The way back of one decision: the replay key is forgotten, the counters named
 * go down by one.  Two keys, replay and day; ARGV: the key or "", then names.
 */
extern const char redis_script_undo[];

/* The answer is { verdict, ... }, all integers. */
enum redis_script_verdict {
	REDIS_SCRIPT_OK,	/* 0, then each counter */
	REDIS_SCRIPT_EARLY,
	REDIS_SCRIPT_REPLAY,
	REDIS_SCRIPT_LIMIT,	/* which counter */
	REDIS_SCRIPT_FOREIGN,	/* what is there was not written by us */
	REDIS_SCRIPT_CLOCKS,	/* Redis has another time than we: no birth */
	REDIS_SCRIPT_AHEAD	/* the floor is: see ledger_floor_ahead */
};

/**
 * redis_script_day(day, key):
 * Write the name of the hash of the counters of ${day}.
 */
#define REDIS_SCRIPT_DAY_MAX 63

void redis_script_day(int64_t day, char key[REDIS_SCRIPT_DAY_MAX + 1]);

/**
 * redis_script_args(a, day, run_id, r):
 * Append to ${a} keys and arguments of the script for ${r}, where ${day} is
 * the name of the hash of its day, on the server that calls itself ${run_id}.
 * All of them must stay.
 */
void redis_script_args(struct redis_args *a, const char *day,
    const char *run_id, const struct ledger_request *r);

/**
 * redis_script_undo_args(a, day, r, was):
 * Append to ${a} keys and arguments of redis_script_undo.
 */
void redis_script_undo_args(struct redis_args *a, const char *day,
    const struct ledger_request *r, const struct ledger_result *was);

#endif /* !LEDGER_REDIS_SCRIPT_H_ */
