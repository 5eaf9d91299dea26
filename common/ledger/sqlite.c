#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/log.h"
#include "ledger/engine.h"
#include "ledger/floor.h"
#include "ledger/sqlite_db.h"
#include "ledger/sqlite_purge.h"

struct local {
	struct sqlite_db d;
	struct sqlite_purge now;		/* as the transaction read it */
};

static enum err
local_open(const struct ledger_options *o, void **engine)
{
	struct local *l;
	enum err e;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		log_die("out_of_memory", "ledger");
	l->d.full_sync = o->full_sync;
	if (o->boot_id != NULL)
		snprintf(l->d.boot_id, sizeof(l->d.boot_id), "%s", o->boot_id);
	if ((e = sqlite_files_init(&l->d.files, o)) != ERR_OK) {
		free(l);
		return (e);
	}
	*engine = l;
	return (ERR_OK);
}

static void
local_free(void *engine)
{
	struct local *l = engine;

	sqlite_db_close(&l->d);
	sqlite_files_free(&l->d.files);
	free(l);
}

static bool
local_is_born(void *engine)
{
	const struct local *l = engine;
	struct stat st;

	return (lstat(l->d.files.database, &st) == 0 && st.st_size > 0);
}

static void
bind_counter(struct local *l, enum sqlite_db_statement which,
    const struct ledger_request *r, size_t i)
{
	sqlite3_stmt *statement = sqlite_db_get(&l->d, which);

	sqlite3_bind_int64(statement, 1, r->day);
	sqlite3_bind_text(statement, 2, r->counter[i].name, -1, SQLITE_STATIC);
}

static void
bind_key(struct local *l, enum sqlite_db_statement which,
    const struct ledger_request *r)
{
	sqlite3_stmt *statement = sqlite_db_get(&l->d, which);

	sqlite3_bind_blob(statement, 1, r->replay_key, LEDGER_KEY_LEN,
	    SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, r->signed_at_ms);
}

/* Was ${r} signed at or before the birth?  When the machine's clock is set, the
   time of birth moves with it. */
static bool
is_unborn(const struct local *l, const struct ledger_request *r)
{

	return (l->now.born_ms != SQLITE_PURGE_NEVER &&
	    r->signed_at_ms - r->boot_ms <= l->now.born_ms);
}

static enum err
check_replay(struct local *l, const struct ledger_request *r)
{
	int64_t seen = 0;

	if (ledger_floor_shuts(&l->now.floor, r->now_ms)) {
		l->d.reason = ledger_floor_ahead;
		return (ERR_LEDGER);
	}
	if (r->signed_at_ms <= r->boot_ms || is_unborn(l, r) ||
	    ledger_floor_refuses(&l->now.floor, r->signed_at_ms))
		return (ERR_SIGNED_EARLY);
	bind_key(l, SQL_SEEN, r);
	if (sqlite_db_run(&l->d, SQL_SEEN, &seen) != ERR_OK)
		return (ERR_LEDGER);
	return (seen != 0 ? ERR_REPLAY : ERR_OK);
}

/* Set out->used to the numbers used before this request. */
static enum err
check_counters(struct local *l, const struct ledger_request *r, bool *bypass,
    struct ledger_result *out)
{
	size_t i;

	for (i = 0; i < r->counters; i++) {
		bind_counter(l, SQL_USED, r, i);
		if (sqlite_db_run(&l->d, SQL_USED, &out->used[i]) != ERR_OK)
			return (ERR_LEDGER);
	}
	*bypass = out->used[0] < r->free;
	for (i = 0; i < r->counters; i++) {
		if (r->counter[i].shared && *bypass)
			continue;
		if (out->used[i] >= r->counter[i].limit) {
			out->which = i;
			return (ERR_LIMIT);
		}
	}
	return (ERR_OK);
}

static enum err
remember(struct local *l, const struct ledger_request *r)
{

	bind_key(l, SQL_REMEMBER, r);
	return (sqlite_db_run(&l->d, SQL_REMEMBER, NULL));
}

static enum err
count(struct local *l, const struct ledger_request *r, bool bypass,
    struct ledger_result *out)
{
	size_t i;

	for (i = 0; i < r->counters; i++) {
		if (r->counter[i].shared && bypass)
			continue;
		bind_counter(l, SQL_COUNT, r, i);
		if (sqlite_db_run(&l->d, SQL_COUNT, NULL) != ERR_OK)
			return (ERR_LEDGER);
		out->used[i]++;
	}
	return (ERR_OK);
}

/* Decide on ${r} within a transaction, and commit it if ${r} is admitted. */
static enum err
decide(struct local *l, const struct ledger_request *r,
    struct ledger_result *out)
{
	bool bypass;
	enum err e;

	if ((e = sqlite_purge_look(&l->d, &l->now)) != ERR_OK ||
	    (r->replay_key != NULL && (e = check_replay(l, r)) != ERR_OK))
		return (e);
	if ((e = check_counters(l, r, &bypass, out)) != ERR_OK)
		return (e);
	if (sqlite_purge(&l->d, &l->now, r) != ERR_OK ||
	    (r->replay_key != NULL && remember(l, r) != ERR_OK) ||
	    count(l, r, bypass, out) != ERR_OK)
		return (ERR_LEDGER);
	return (sqlite_db_run(&l->d, SQL_COMMIT, NULL));
}

/* Forget the key, and decrement the counters that were incremented. */
static enum err
take_back(struct local *l, const struct ledger_request *r,
    struct ledger_result *was)
{
	enum sqlite_db_statement which;
	size_t i;

	if (r->replay_key != NULL) {
		bind_key(l, SQL_UNSEE, r);
		if (sqlite_db_run(&l->d, SQL_UNSEE, NULL) != ERR_OK)
			return (ERR_LEDGER);
	}
	for (i = 0; i < r->counters; i++) {
		/* A row never counts 0: the last decrement deletes it. */
		for (which = SQL_UNCOUNT_LAST; which <= SQL_UNCOUNT; which++) {
			bind_counter(l, which, r, i);
			if (ledger_was_counted(r, was, i) &&
			    sqlite_db_run(&l->d, which, NULL) != ERR_OK)
				return (ERR_LEDGER);
		}
	}
	return (sqlite_db_run(&l->d, SQL_COMMIT, NULL));
}

/* Wait for our turn, and run ${step} in a transaction. */
static enum err
transact(struct local *l, const struct ledger_request *r,
    struct ledger_result *out, enum err (*step)(struct local *l,
    const struct ledger_request *r, struct ledger_result *out),
    const char **reason)
{
	struct sqlite_db *d = &l->d;
	enum err e;

	sqlite_db_warm(d);
	if (sqlite_files_take(&d->files, reason) != ERR_OK)
		return (ERR_LEDGER);
	if ((e = sqlite_db_ready(d, r)) == ERR_OK &&
	    (e = sqlite_db_run(d, SQL_BEGIN, NULL)) == ERR_OK)
		e = step(l, r, out);
	*reason = d->reason;

	/* Roll back a transaction that was not committed. */
	if (d->db != NULL && !sqlite3_get_autocommit(d->db) &&
	    sqlite_db_run(d, SQL_ROLLBACK, NULL) != ERR_OK)
		d->doubtful = true;
	sqlite_files_leave(&d->files);
	return (e);
}

static enum err
local_admit(void *engine, const struct ledger_request *r,
    struct ledger_result *out, const char **reason)
{

	return (transact(engine, r, out, decide, reason));
}

static enum err
local_undo(void *engine, const struct ledger_request *r,
    const struct ledger_result *was, const char **reason)
{
	struct ledger_result copy = *was;

	return (transact(engine, r, &copy, take_back, reason));
}

static enum err
list(struct sqlite_db *d, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user)
{
	sqlite3_stmt *statement;
	int rc;

	if (sqlite_db_prepare(d, "SELECT name, used FROM counter WHERE day = ?1"
	    " AND substr(name, 1, length(?2)) = ?2 ORDER BY name",
	    &statement) != ERR_OK)
		return (ERR_LEDGER);
	sqlite3_bind_int64(statement, 1, day);
	sqlite3_bind_text(statement, 2, prefix, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
		each(user, (const char *)sqlite3_column_text(statement, 0),
		    sqlite3_column_int64(statement, 1));
	sqlite3_finalize(statement);
	return (rc == SQLITE_DONE ? ERR_OK : sqlite_db_failed(d, rc));
}

/*
 * Read on a separate connection and without waiting for a turn.  The caller may
 * be another user, who must not own the lock file and must not delay others.
 */
static enum err
local_usage(void *engine, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user,
    const char **reason)
{
	struct sqlite_db d = { .files = ((struct local *)engine)->d.files };
	struct stat st;
	int64_t form;
	enum err e;

	if (lstat(d.files.database, &st) != 0)
		return (ERR_OK);
	if ((e = sqlite_db_open_file(&d, &form)) == ERR_OK && form != 0)
		e = list(&d, day, prefix, each, user);
	*reason = d.reason;
	sqlite_db_close(&d);
	return (e);
}

const struct ledger_engine ledger_sqlite = {
	.name = "local",
	.open = local_open,
	.is_born = local_is_born,
	.admit = local_admit,
	.undo = local_undo,
	.usage = local_usage,
	.free = local_free,
};
