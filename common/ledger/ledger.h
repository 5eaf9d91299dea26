#ifndef LEDGER_LEDGER_H_
#define LEDGER_LEDGER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What all processes must agree on before anything is vended: which signed
 * requests were seen already, and how many were granted today.  One decision,
 * all or nothing: across the processes of a machine (a SQLite file in the state
 * directory) or across machines (one Redis).
 *
 * One ledger serves one thread of one process: open it after fork().
 */
struct ledger;

struct ledger_options {
	const char *directory;		/* of the local ledger */
	const char *redis_url;		/* "": the local ledger */
	const char *redis_password_file;	/* "": none */
	bool full_sync;			/* local: survive a power cut whole */
	bool allow_network_fs;
	int64_t wait_ms;		/* local: longest wait for our turn */
	const char *boot_id;		/* which run of the machine this is;
					   NULL or "": unknown */
};

/**
 * ledger_open(o, s):
 * A new ${s}, configured by ${o}, of which nothing is kept.  An engine that is
 * down is no error here: every ledger_admit() tries again.  Takes SIGRTMIN,
 * which stays blocked but for waits.
 *   Shape   redis_url: redis://[[USER]:PASSWORD@|USER@]HOST[:PORT][/DB] or
 *	     unix://[[USER]:PASSWORD@|USER@]/PATH[?db=DB]; %XX in user and
 *	     password, an IPv6 address in brackets.  The password file goes
 *	     before a password in the URL, which works, with a warning.  There
 *	     is no TLS: rediss:// is refused.  A HOST that is a name is looked
 *	     up at every connect, for as long as the resolver takes.
 *   Errors  ERR_FORMAT options that make no sense; ERR_UNSAFE the directory is
 *	     on a network file system, where locks are not to be relied on;
 *	     as secret_load(); each is logged, and ${s} is then NULL
 */
CHECKED enum err ledger_open(const struct ledger_options *o, struct ledger **s);

/* A name to count under, within one day. */
struct ledger_counter {
	const char *name;	/* 1 to LEDGER_NAME_MAX bytes */
	int64_t limit;		/* as many a day; 0: none */
	bool shared;		/* among many keys: see ${free} below */
};

#define LEDGER_COUNTERS_MAX 4
#define LEDGER_NAME_MAX 200
#define LEDGER_KEY_LEN 64

/*
 * A signed time is good for 300 s back, and a client's clock may be 60 s ahead
 * of ours; so a replay key is remembered until that long after its signed time.
 */
#define LEDGER_WINDOW_MS 360000

/*
 * As far ahead of its request a floor may lie, for a client's clock may be.
 * One that lies further ahead is not the client's fault: a clock was wrong.
 */
#define LEDGER_AHEAD_MS 60000

/* The reason that is logged with ERR_LEDGER where it does. */
extern const char ledger_floor_ahead[];

/* Times are exact up to here in Redis, too, whose scripts count in doubles. */
#define LEDGER_TIME_MAX_MS (INT64_C(1) << 52)

/* Counts are kept for as many days back. */
#define LEDGER_DAYS 7

struct ledger_request {
	const uint8_t *replay_key;	/* LEDGER_KEY_LEN bytes; NULL: may be
					   replayed, signed_at_ms is not read */
	int64_t signed_at_ms;
	int64_t now_ms;
	int64_t boot_ms;		/* when this machine was started */
	int64_t day;			/* days since 1970-01-01 UTC */
	const struct ledger_counter *counter;	/* [0]: the key's own */
	size_t counters;
	int64_t free;			/* shared counters are neither looked at
					   nor counted up while counter[0] was
					   below this */
};

struct ledger_result {
	size_t which;			/* ERR_LIMIT: the one used up */
	int64_t used[LEDGER_COUNTERS_MAX];	/* ERR_OK: after this request */
};

/**
 * ledger_admit(s, r, out):
 * In one step, here and for everybody who shares the ledger: check that ${r}
 * was signed late enough, is new, and that no counter is at its limit; then
 * remember its key and count it.  In that order, and refused means that nothing
 * is remembered or counted.  Locally it waits for wait_ms at most, and as long
 * again should somebody else have the database; with Redis for 2 s.
 *   Shape   names differ; counter[0] is not shared; counters may be 0
 *   Errors  ERR_SIGNED_EARLY signed_at_ms is at or before the time before which
 *	     something may have been forgotten: boot_ms, the birth of the ledger
 *	     (its first request, so that this one is always refused; with Redis
 *	     also the first one after a restart or failover), or the youngest
 *	     key forgotten for its age, whatever clocks have done since.  A
 *	     local birth is a moment of this run of the machine: it moves with
 *	     boot_ms when the clock is put right, and ends with the run;
 *	     ERR_REPLAY; ERR_LIMIT, see out->which;
 *	     ERR_LEDGER not reachable, full, damaged, not ours, or busy for too
 *	     long; a clock that is or was wrong refuses everybody (see
 *	     LEDGER_AHEAD_MS), or is not to begin a ledger in Redis; logged when
 *	     it begins and when it ends.  The request may have been counted all
 *	     the same, and is not to be granted;
 *	     ERR_INTERNAL wrong shape, logged
 */
CHECKED enum err ledger_admit(struct ledger *s, const struct ledger_request *r,
    struct ledger_result *out);

/**
 * ledger_undo(s, r, was):
 * Take back, in one step, what a successful ledger_admit(s, ${r}, ${was})
 * remembered and counted: for a request that is not granted after all, because
 * of a failure of ours.  Its signature may then be used again.
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
 * Close; NULL is fine.
 */
void ledger_free(struct ledger *s);

#endif /* !LEDGER_LEDGER_H_ */
