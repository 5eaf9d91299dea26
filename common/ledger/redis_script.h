#ifndef LEDGER_REDIS_SCRIPT_H_
#define LEDGER_REDIS_SCRIPT_H_

#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/redis_args.h"

/*
 * One decision, as Redis executes it: all or nothing, since no step after the
 * first change can fail.  (Redis itself checks for memory when the script
 * starts.)
 *
 * Three keys, in one slot of a cluster because of their tag: a hash of the
 * floor and of the server that ran last, a sorted set of replay keys by signed
 * time, a hash of the day's counters.  The machine's clock and that of Redis
 * must agree on a birth, and the slower one decides what may be forgotten.
 * Redis must not expire replay keys by itself, because then nobody would know
 * which were forgotten.
 */
extern const char redis_script[];

/*
 * Undo one decision: forget the replay key and decrement the named counters.
 * Two keys, replay and day; ARGV: the key or "", then names.
 */
extern const char redis_script_undo[];

/* The answer is { verdict, ... }, all integers. */
enum redis_script_verdict {
	REDIS_SCRIPT_OK,	/* 0, then each counter */
	REDIS_SCRIPT_EARLY,
	REDIS_SCRIPT_REPLAY,
	REDIS_SCRIPT_LIMIT,	/* which counter */
	REDIS_SCRIPT_FOREIGN,	/* another program wrote the data */
	REDIS_SCRIPT_CLOCKS,	/* Redis and the machine differ: no birth */
	REDIS_SCRIPT_AHEAD,	/* floor is ahead: ledger_floor_ahead */
	REDIS_SCRIPT_FORGOT	/* took over less than SURE_MS ago */
};

/**
 * redis_script_day(day, key):
 * Write the name of the hash of the counters of ${day}.
 */
#define REDIS_SCRIPT_DAY_MAX 63

void redis_script_day(int64_t day, char key[REDIS_SCRIPT_DAY_MAX + 1]);

/**
 * redis_script_args(a, day, run_id, replid, r):
 * Append to ${a} keys and arguments of the script for ${r}, where ${day} is
 * the name of the hash of its day, on the server with the id ${run_id}.  With
 * a ${replid}, the server is one of several, and this names the history of its
 * data.  It changes whenever a replica becomes the master, which may lack what
 * the other master had taken.  All of them must stay valid.
 */
void redis_script_args(struct redis_args *a, const char *day,
    const char *run_id, const char *replid, const struct ledger_request *r);

/**
 * redis_script_undo_args(a, day, r, was):
 * Append to ${a} keys and arguments of redis_script_undo.
 */
void redis_script_undo_args(struct redis_args *a, const char *day,
    const struct ledger_request *r, const struct ledger_result *was);

#endif /* !LEDGER_REDIS_SCRIPT_H_ */
