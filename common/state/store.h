#ifndef STATE_STORE_H_
#define STATE_STORE_H_

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
 * One store serves one thread of one process: open it after fork().
 */
struct store;

struct store_options {
	const char *directory;		/* of the local store */
	const char *redis_url;		/* "": the local store */
	const char *redis_password_file;	/* "": none */
	bool full_sync;			/* local: survive a power cut whole */
	bool allow_network_fs;
	int64_t wait_ms;		/* local: longest wait for our turn */
};

/**
 * store_open(o, s):
 * A new ${s}, configured by ${o}, of which nothing is kept.  An engine that is
 * down is no error here: every store_admit() tries again.  Takes SIGRTMIN,
 * which stays blocked but for waits.
 *   Shape   redis_url: redis://[[USER]:PASSWORD@|USER@]HOST[:PORT][/DB] or
 *	     unix://[[USER]:PASSWORD@|USER@]/PATH[?db=DB]; %XX in user and
 *	     password, an IPv6 address in brackets.  The password file goes
 *	     before a password in the URL, which works, with a warning.  There
 *	     is no TLS: rediss:// is refused.  A HOST that is a name is looked
 *	     up at every connect, for as long as the resolver takes.
 *   Errors  ERR_FORMAT options that make no sense; ERR_DENIED the directory is
 *	     on a network file system, where locks are not to be relied on;
 *	     as secret_load(); each is logged, and ${s} is then NULL
 */
CHECKED enum err store_open(const struct store_options *o, struct store **s);

/* A name to count under, within one day. */
struct store_counter {
	const char *name;	/* 1 to STORE_NAME_MAX bytes */
	int64_t limit;		/* as many a day; 0: none */
	bool shared;		/* among many keys: see ${free} below */
};

#define STORE_COUNTERS_MAX 4
#define STORE_NAME_MAX 200
#define STORE_KEY_LEN 64

/*
 * A signed time is good for 300 s back, and a client's clock may be 60 s ahead
 * of ours; so a replay key is remembered until that long after its signed time.
 */
#define STORE_WINDOW_MS 360000

/* Counts are kept for as many days back. */
#define STORE_DAYS 7

struct store_request {
	const uint8_t *replay_key;	/* STORE_KEY_LEN bytes; NULL: may be
					   replayed, signed_at_ms is not read */
	int64_t signed_at_ms;
	int64_t now_ms;
	int64_t boot_ms;		/* when this machine was started */
	int64_t day;			/* days since 1970-01-01 UTC */
	const struct store_counter *counter;	/* [0]: the key's own */
	size_t counters;
	int64_t free;			/* shared counters are neither looked at
					   nor counted up while counter[0] was
					   below this */
};

struct store_result {
	size_t which;			/* ERR_LIMIT: the one used up */
	int64_t used[STORE_COUNTERS_MAX];	/* ERR_OK: after this request */
};

/**
 * store_admit(s, r, out):
 * In one step, here and for everybody who shares the store: check that ${r} was
 * signed late enough, is new, and that no counter is at its limit; then
 * remember its key and count it.  In that order, and refused means that nothing
 * is remembered or counted.  Locally it waits for wait_ms at most, and as long
 * again should somebody else have the database; with Redis for 2 s.
 *   Shape   names differ; counter[0] is not shared; counters may be 0
 *   Errors  ERR_SIGNED_EARLY signed_at_ms is at or before the time before which
 *	     something may have been forgotten: boot_ms, the birth of the store
 *	     (its first request, so that this one is always refused; with Redis
 *	     also the first one after a restart or failover), or the youngest
 *	     key forgotten for its age, whatever clocks have done since;
 *	     ERR_REPLAY; ERR_LIMIT, see out->which;
 *	     ERR_STORE not reachable, full, damaged, not ours, or busy for too
 *	     long; logged when it begins and when it ends.  The request may have
 *	     been counted all the same, and is not to be granted;
 *	     ERR_INTERNAL wrong shape, logged
 */
CHECKED enum err store_admit(struct store *s, const struct store_request *r,
    struct store_result *out);

/**
 * store_usage(s, day, prefix, each, user):
 * Call ${each}(${user}, ...) for every counter of ${day} whose name starts with
 * ${prefix}, sorted by name.  A store that does not exist has none.
 *   Errors  ERR_STORE, logged
 */
CHECKED enum err store_usage(struct store *s, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user);

/**
 * store_free(s):
 * Close; NULL is fine.
 */
void store_free(struct store *s);

#endif /* !STATE_STORE_H_ */
