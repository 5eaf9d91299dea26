#include <sqlite3.h>

#include "ledger/engine.h"
#include "ledger/sqlite_purge.h"

#define LONGER_MS 1000

/* A column of the row, or ${absent} for NULL. */
static int64_t
column(sqlite3_stmt *statement, int i, int64_t absent)
{

	return (sqlite3_column_type(statement, i) == SQLITE_NULL ? absent :
	    sqlite3_column_int64(statement, i));
}

enum err
sqlite_purge_look(struct sqlite_db *d, struct sqlite_purge *now)
{
	sqlite3_stmt *statement = sqlite_db_get(d, SQL_LOOK);
	bool found;
	int rc;

	if (statement == NULL)
		return (ERR_LEDGER);
	sqlite3_bind_text(statement, 1, d->boot_id, -1, SQLITE_STATIC);
	if ((found = (rc = sqlite3_step(statement)) == SQLITE_ROW)) {
		now->floor.floor_ms = sqlite3_column_int64(statement, 0);
		now->floor.from_ms = sqlite3_column_int64(statement, 1);
		now->floor.to_ms = sqlite3_column_int64(statement, 2);
		now->oldest_ms = column(statement, 3, INT64_MAX);
		now->oldest_day = column(statement, 4, INT64_MAX);
		now->born_ms = column(statement, 5, SQLITE_PURGE_NEVER);
	}
	sqlite3_reset(statement);
	if (!found && rc != SQLITE_DONE)
		return (sqlite_db_failed(d, rc));
	return (found && ledger_floor_ok(&now->floor) ? ERR_OK :
	    sqlite_db_wrong(d, "damaged"));
}

/* Write the parts of the floor that changed.  Usually that is one number. */
static enum err
raise_floor(struct sqlite_db *d, const struct ledger_floor *was,
    int64_t oldest_ms, int64_t youngest_ms)
{
	struct ledger_floor f = *was;
	sqlite3_stmt *statement;

	ledger_floor_forget(&f, oldest_ms, youngest_ms);
	if (f.floor_ms != was->floor_ms) {
		statement = sqlite_db_get(d, SQL_RAISE);
		sqlite3_bind_int64(statement, 1, f.floor_ms);
		if (sqlite_db_run(d, SQL_RAISE, NULL) != ERR_OK)
			return (ERR_LEDGER);
	}
	if (f.from_ms != was->from_ms || f.to_ms != was->to_ms) {
		statement = sqlite_db_get(d, SQL_KEEP);
		sqlite3_bind_int64(statement, 1, f.from_ms);
		sqlite3_bind_int64(statement, 2, f.to_ms);
		if (sqlite_db_run(d, SQL_KEEP, NULL) != ERR_OK)
			return (ERR_LEDGER);
	}
	return (ERR_OK);
}

static enum err
forget_keys(struct sqlite_db *d, const struct sqlite_purge *now, int64_t now_ms)
{
	sqlite3_stmt *statement = sqlite_db_get(d, SQL_PURGE);
	int64_t youngest_ms = now->oldest_ms, ms;
	int rc;

	if (statement == NULL)
		return (ERR_LEDGER);
	sqlite3_bind_int64(statement, 1, now_ms - LEDGER_WINDOW_MS);
	sqlite3_bind_int64(statement, 2, now->oldest_ms + LEDGER_FLOOR_GAP_MS);
	sqlite3_bind_int64(statement, 3, LEDGER_PURGE_MAX);
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		ms = sqlite3_column_int64(statement, 0);
		youngest_ms = ms > youngest_ms ? ms : youngest_ms;
	}
	sqlite3_reset(statement);
	if (rc != SQLITE_DONE)
		return (sqlite_db_failed(d, rc));
	return (raise_floor(d, &now->floor, now->oldest_ms, youngest_ms));
}

static enum err
forget_counts(struct sqlite_db *d, int64_t day)
{
	sqlite3_stmt *statement = sqlite_db_get(d, SQL_FORGET);

	sqlite3_bind_int64(statement, 1, day);
	sqlite3_bind_int64(statement, 2, LEDGER_PURGE_MAX);
	return (sqlite_db_run(d, SQL_FORGET, NULL));
}

enum err
sqlite_purge(struct sqlite_db *d, const struct sqlite_purge *now,
    const struct ledger_request *r)
{

	if (now->oldest_ms < r->now_ms - LEDGER_WINDOW_MS - LONGER_MS &&
	    forget_keys(d, now, r->now_ms) != ERR_OK)
		return (ERR_LEDGER);
	if (now->oldest_day < r->day - LEDGER_DAYS &&
	    forget_counts(d, r->day - LEDGER_DAYS) != ERR_OK)
		return (ERR_LEDGER);
	return (ERR_OK);
}
