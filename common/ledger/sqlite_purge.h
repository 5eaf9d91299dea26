#ifndef LEDGER_SQLITE_PURGE_H_
#define LEDGER_SQLITE_PURGE_H_

#include <stdint.h>

#include "ledger/floor.h"
#include "ledger/sqlite_db.h"

/*
 * The rows that a transaction forgets: replay keys that cannot be used again,
 * and counts of old days.
 */
struct sqlite_purge {
	struct ledger_floor floor;
	int64_t oldest_ms;	/* signed time of a key; INT64_MAX: no key */
	int64_t oldest_day;	/* of a count; INT64_MAX: none */
	int64_t born_ms;	/* SQLITE_PURGE_NEVER: in another run */
};

#define SQLITE_PURGE_NEVER INT64_MAX

/**
 * sqlite_purge_look(d, now):
 * Read it.
 *   Errors  ERR_LEDGER, see d->reason; also for times that no ledger wrote
 */
CHECKED enum err sqlite_purge_look(struct sqlite_db *d,
    struct sqlite_purge *now);

/**
 * sqlite_purge(d, now, r):
 * Forget what is too old at ${r}, up to LEDGER_PURGE_MAX of each, and record in
 * the floor what keys were forgotten.  Keys are kept for a second longer than
 * they must, so that not every decision has one to forget.
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_purge(struct sqlite_db *d,
    const struct sqlite_purge *now, const struct ledger_request *r);

#endif /* !LEDGER_SQLITE_PURGE_H_ */
