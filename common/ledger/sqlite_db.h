#ifndef LEDGER_SQLITE_DB_H_
#define LEDGER_SQLITE_DB_H_

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/sqlite_files.h"

/*
 * The open database of the local ledger: its file, its settings, and its
 * statements.  A writer holds the lock of sqlite_files.
 */
struct sqlite3;
struct sqlite3_stmt;

enum sqlite_db_statement {
	SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK, SQL_LOOK, SQL_SEEN, SQL_USED,
	SQL_PURGE, SQL_RAISE, SQL_KEEP, SQL_REMEMBER, SQL_COUNT, SQL_FORGET,
	SQL_UNSEE, SQL_UNCOUNT_LAST, SQL_UNCOUNT, SQL_STATEMENTS
};

/* The boot id of Linux has 36 digits and hyphens. */
#define SQLITE_DB_BOOT_ID_SIZE 64

struct sqlite_db {
	struct sqlite_files files;
	bool full_sync;
	char boot_id[SQLITE_DB_BOOT_ID_SIZE];	/* "": unknown */
	struct sqlite3 *db;			/* NULL: not open */
	bool doubtful;			/* open it again before it is used */
	bool committed;			/* since it was opened */
	struct sqlite3_stmt *statement[SQL_STATEMENTS];	/* NULL: not yet */
	const char *reason;		/* of the last ERR_LEDGER */
};

/**
 * sqlite_db_warm(d):
 * Open the database and prepare what a decision needs, if it is there and up to
 * date, without the lock, so that a CGI program holds that for a short time.
 * Whatever fails here is found again by sqlite_db_ready().
 */
void sqlite_db_warm(struct sqlite_db *d);

/**
 * sqlite_db_ready(d, r):
 * Open the file that is there now, unless it is open already.  Without one, a
 * ledger is born at ${r}.  The caller holds the lock.
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_db_ready(struct sqlite_db *d,
    const struct ledger_request *r);

/**
 * sqlite_db_open_file(d, form):
 * Open the file, to read it.  ${form} is what sqlite_schema_form() says of it;
 * 0: it is empty.
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_db_open_file(struct sqlite_db *d, int64_t *form);

/**
 * sqlite_db_get(d, which):
 * Return a statement, ready for sqlite3_bind_*(); NULL with d->reason, which
 * these functions and sqlite_db_run() survive.
 */
struct sqlite3_stmt *sqlite_db_get(struct sqlite_db *d,
    enum sqlite_db_statement which);

/**
 * sqlite_db_run(d, which, largest):
 * Run a statement to its end.  ${largest}, if not NULL, is raised to the
 * largest number in the first column.
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_db_run(struct sqlite_db *d,
    enum sqlite_db_statement which, int64_t *largest);

/**
 * sqlite_db_prepare(d, text, statement):
 * Prepare a statement that the caller finalizes.
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_db_prepare(struct sqlite_db *d, const char *text,
    struct sqlite3_stmt **statement);

/**
 * sqlite_db_number(d, text, number):
 * Raise ${number} to the result of a statement.
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_db_number(struct sqlite_db *d, const char *text,
    int64_t *number);

/**
 * sqlite_db_execute(d, fmt, ...):
 * Run statements, written as by sqlite3_mprintf().
 *   Errors  ERR_LEDGER, see d->reason
 */
CHECKED enum err sqlite_db_execute(struct sqlite_db *d, const char *fmt, ...);

/**
 * sqlite_db_failed(d, rc), sqlite_db_wrong(d, reason):
 * Return ERR_LEDGER, for what SQLite returned or for a reason of ours.  After
 * what does not pass by itself, the database is opened again.
 */
CHECKED enum err sqlite_db_failed(struct sqlite_db *d, int rc);
CHECKED enum err sqlite_db_wrong(struct sqlite_db *d, const char *reason);

/**
 * sqlite_db_close(d):
 * Close the database.  What is in its journal stays there.
 */
void sqlite_db_close(struct sqlite_db *d);

#endif /* !LEDGER_SQLITE_DB_H_ */
