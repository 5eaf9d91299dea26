#ifndef LEDGER_SQLITE_SCHEMA_H_
#define LEDGER_SQLITE_SCHEMA_H_

#include <stdint.h>

#include "ledger/sqlite_db.h"

/*
 * The tables of the local ledger, and of its earlier forms.  A program of an
 * earlier form may have the same file open, before and after it is completed:
 * tables keep the order of their columns, and the version does not change.
 */

/**
 * sqlite_schema_form(d, form):
 * What is in the database that was opened?  0: nothing at all.
 *   Errors  ERR_LEDGER not a ledger, or of another version
 */
CHECKED enum err sqlite_schema_form(struct sqlite_db *d, int64_t *form);

/**
 * sqlite_schema_is_current(form):
 * Is it a ledger to which sqlite_schema_complete() would change nothing?
 */
bool sqlite_schema_is_current(int64_t form);

/**
 * sqlite_schema_prepare(d), sqlite_schema_create(d, r):
 * Make an empty database a ledger that is born at ${r}.  The first is called
 * before the journal is opened.
 *   Errors  ERR_LEDGER
 */
CHECKED enum err sqlite_schema_prepare(struct sqlite_db *d);
CHECKED enum err sqlite_schema_create(struct sqlite_db *d,
    const struct ledger_request *r);

/**
 * sqlite_schema_complete(d, form):
 * Bring a ledger of an earlier form up to date, in one transaction.  Nothing
 * that was counted or seen is lost.
 *   Errors  ERR_LEDGER
 */
CHECKED enum err sqlite_schema_complete(struct sqlite_db *d, int64_t form);

#endif /* !LEDGER_SQLITE_SCHEMA_H_ */
