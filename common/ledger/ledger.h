#ifndef LEDGER_LEDGER_H_
#define LEDGER_LEDGER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The state that all processes must agree on before anything is vended: the
 * signed requests seen already, and the number granted today.  One decision,
 * all or nothing: across the processes of a machine (a SQLite file in the
 * state directory) or across machines (one Redis).
 *
 * One ledger serves one thread of one process: open it after fork().
 */
struct ledger;

#define LEDGER_SENTINELS_MAX 16

struct ledger_options {
	const char *directory;		/* of the local ledger */
	const char *redis_url;		/* "": the local ledger */
	const char *redis_password_file;	/* "": none */
	size_t redis_sentinels;		/* how many; 0: redis_url has the
					   place */
	const char *redis_sentinel[LEDGER_SENTINELS_MAX];
	const char *redis_master;	/* its name there */
	const char *redis_sentinel_password_file;	/* "": none */
	bool full_sync;			/* local: lose nothing in a power cut */
	bool allow_network_fs;
	int64_t wait_ms;		/* local: longest wait for the lock */
	const char *boot_id;		/* identifies this run of the
					   machine; NULL or "": unknown */
};

/**
 * ledger_open(o, s):
 * Make a new ${s}, configured by ${o}, which may be released afterwards.  An
 * engine that is down is no error here: every ledger_admit() tries again.
 * Takes SIGRTMIN, which stays blocked except during waits.
 *   Shape   redis_url: redis://[[USER]:PASSWORD@|USER@]HOST[:PORT][/DB] or
 *	     unix://[[USER]:PASSWORD@|USER@]/PATH[?db=DB]; %XX in user and
 *	     password, an IPv6 address in brackets.  The password file takes
 *	     precedence over a password in the URL, which works, with a
 *	     warning.  There is no TLS: rediss:// is refused.  A HOST that is a
 *	     name is looked up at every connect, for as long as the resolver
 *	     takes.  With sentinels, each HOST[:PORT], HOST is redis_master,
 *	     without a port, and names no host.
 *   Errors  ERR_FORMAT options that make no sense; ERR_UNSAFE the directory is
 *	     on a network file system, where locks are unreliable; as
 *	     secret_load(); each is logged, and ${s} is then NULL
 */
CHECKED enum err ledger_open(const struct ledger_options *o, struct ledger **s);

/**
 * ledger_is_born(s):
 * Was there a first request already, as far as this can be told without asking
 * the ledger?
 */
bool ledger_is_born(struct ledger *s);

/* A counter's name, within one day. */
struct ledger_counter {
	const char *name;	/* 1 to LEDGER_NAME_MAX bytes */
	int64_t limit;		/* the most in a day; 0: no limit */
	bool shared;		/* by many keys: see ${free} below */
};

#define LEDGER_COUNTERS_MAX 4
#define LEDGER_NAME_MAX 200
#define LEDGER_KEY_LEN 64

/*
 * A signed time is valid for 300 s, and a client's clock may be 60 s ahead of
 * the server's.  So a replay key is kept until that long after its signed
 * time, or a little longer.
 */
#define LEDGER_WINDOW_MS 360000

/*
 * How far a floor may lie ahead of its request, since a client's clock may be
 * ahead.  If it lies further ahead, a clock of the service was wrong.
 */
#define LEDGER_AHEAD_MS 60000

/* The reason that is logged with ERR_LEDGER in that case. */
extern const char ledger_floor_ahead[];

/* Times up to this one are exact in Redis, too, whose scripts count in
   doubles. */
#define LEDGER_TIME_MAX_MS (INT64_C(1) << 52)

/* Counts are kept for this number of days. */
#define LEDGER_DAYS 7

struct ledger_request {
	const uint8_t *replay_key;	/* LEDGER_KEY_LEN bytes, a signature of
					   signed_at_ms: one key has one time;
					   NULL: replays are allowed,
					   signed_at_ms is not read */
	int64_t signed_at_ms;
	int64_t now_ms;
	int64_t boot_ms;		/* when this machine was started */
	int64_t day;			/* days since 1970-01-01 UTC */
	const struct ledger_counter *counter;	/* [0]: the key's own */
	size_t counters;
	int64_t free;			/* shared counters are not read and
					   not incremented while counter[0]
					   was below this */
};

struct ledger_result {
	size_t which;			/* ERR_LIMIT: the one used up */
	int64_t used[LEDGER_COUNTERS_MAX];	/* ERR_OK: after this request */
};

/**
 * ledger_admit(s, r, out):
 * In one step for all processes that share the ledger: check that ${r} was
 * signed late enough, is new, and that no counter is at its limit, in that
 * order; then remember its key and count it.  A refused request is not
 * remembered and not counted.  The local ledger waits for at most wait_ms, and
 * for the same time again if another program has the database.  Redis is
 * waited for 2 s.
 *   Shape   names differ; counter[0] is not shared; counters may be 0
 *   Errors  ERR_SIGNED_EARLY signed_at_ms is at or before the time up to which
 *	     keys may have been forgotten: boot_ms, the birth of the ledger
 *	     (its first request, which is therefore always refused; with Redis
 *	     also the first one after a restart or failover), or the youngest
 *	     key forgotten for its age, whatever clocks have done since.  A
 *	     local birth is a moment of this run of the machine: it moves with
 *	     boot_ms when the clock is corrected, and ends with the run;
 *	     ERR_REPLAY; ERR_LIMIT, see out->which; ERR_LEDGER not reachable,
 *	     full, damaged, foreign, or busy for too long; a clock that is or
 *	     was wrong refuses everybody (see LEDGER_AHEAD_MS), or must not
 *	     begin a ledger in Redis; with sentinels, for 65 s after a ledger
 *	     began or a replica took over; logged when it begins and ends.
 *	     The request may have been counted, but must not be granted;
 *	     ERR_INTERNAL wrong shape, logged
 */
CHECKED enum err ledger_admit(struct ledger *s, const struct ledger_request *r,
    struct ledger_result *out);

/**
 * ledger_undo(s, r, was):
 * Take back, in one step, what a successful ledger_admit(s, ${r}, ${was})
 * remembered and counted.  This is for a request that is not granted because
 * the service failed.  Its signature may then be used again.
 *   Errors  ERR_LEDGER, logged as by ledger_admit(): it stays counted
 */
CHECKED enum err ledger_undo(struct ledger *s, const struct ledger_request *r,
    const struct ledger_result *was);

/**
 * ledger_usage(s, day, prefix, each, user):
 * Call ${each}(${user}, ...) for every counter of ${day} whose name starts with
 * ${prefix}, sorted by name.  A ledger that does not exist has none.
 *   Errors  ERR_LEDGER, logged
 */
CHECKED enum err ledger_usage(struct ledger *s, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user);

/**
 * ledger_free(s):
 * Close.  NULL is accepted.
 */
void ledger_free(struct ledger *s);

#endif /* !LEDGER_LEDGER_H_ */
