#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/log.h"
#include "ledger/engine.h"
#include "ledger/floor.h"
#include "ledger/sqlite_files.h"

/* These two identify our file: "fgst", and the version of its tables. */
#define APPLICATION_ID 0x66677374
#define VERSION 1

/* The boot id of Linux has 36 digits and hyphens. */
#define BOOT_ID_SIZE 64

/* This table holds the interval above the floor (floor.h), and the birth, as
   the time for which the machine had run then.  Setting the clock does not
   change that time, and a clock that was wrong shuts nobody out.  The table was
   added later than the others, and separately, so that programs which do not
   know it still work. */
#define CLOCK_TABLE							\
    "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1),"	\
    " from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"		\
    " boot TEXT NOT NULL, born_ms INTEGER NOT NULL) STRICT;"		\
    "INSERT INTO clock VALUES (1, 0, -1, %Q, %lld);"

/* A request that was signed at or before the floor is refused.  The floor
   starts at the birth if it is unknown how long the machine had run then. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " floor_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE replay (key BLOB PRIMARY KEY, signed_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX replay_signed ON replay (signed_ms);"
    "CREATE TABLE counter (day INTEGER, name TEXT,"
    " used INTEGER NOT NULL CHECK (used > 0), PRIMARY KEY (day, name))"
    " STRICT, WITHOUT ROWID;"
    "INSERT INTO meta VALUES (1, %lld);"
    CLOCK_TABLE
    "PRAGMA application_id = %d;"
    "PRAGMA user_version = %d;"
    "COMMIT";

static const char schema_of_old[] = "BEGIN IMMEDIATE;" CLOCK_TABLE "COMMIT";

/* SQLite writes the journal back every 16 MiB.  (With 4 MiB, the slowest of 100
   decisions is ten times as slow.)  It cuts the journal to 32 MiB after a long
   read made it grow.  The cache is 256 kB, because each process has one. */
static const char settings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = %s;"
    "PRAGMA wal_autocheckpoint = 4000;"
    "PRAGMA journal_size_limit = 33554432;"
    "PRAGMA cache_size = -256;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF";

enum statement {
	BEGIN, COMMIT, ROLLBACK, FLOOR, SEEN, USED, PURGE, RAISE, KEEP,
	REMEMBER, COUNT, FORGET, UNSEE, UNCOUNT_LAST, UNCOUNT, STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[FLOOR] = "SELECT floor_ms, from_ms, to_ms FROM meta, clock",
	[SEEN] = "SELECT 1 FROM replay WHERE key = ?1",
	[USED] = "SELECT used FROM counter WHERE day = ?1 AND name = ?2",
	[PURGE] = "DELETE FROM replay WHERE key IN (SELECT key FROM replay"
	    " WHERE signed_ms < ?1 AND signed_ms <="
	    " (SELECT min(signed_ms) FROM replay) + ?3"
	    " ORDER BY signed_ms LIMIT ?2) RETURNING signed_ms",
	[RAISE] = "UPDATE meta SET floor_ms = ?1",
	[KEEP] = "UPDATE clock SET from_ms = ?1, to_ms = ?2",
	[REMEMBER] = "INSERT INTO replay VALUES (?1, ?2)",
	[COUNT] = "INSERT INTO counter VALUES (?1, ?2, 1)"
	    " ON CONFLICT DO UPDATE SET used = used + 1",
	[FORGET] = "DELETE FROM counter WHERE (day, name) IN"
	    " (SELECT day, name FROM counter WHERE day < ?1 LIMIT ?2)",
	[UNSEE] = "DELETE FROM replay WHERE key = ?1",
	[UNCOUNT_LAST] = "DELETE FROM counter"
	    " WHERE day = ?1 AND name = ?2 AND used = 1",
	[UNCOUNT] = "UPDATE counter SET used = used - 1"
	    " WHERE day = ?1 AND name = ?2 AND used > 1",
};

struct local {
	struct sqlite_files files;
	bool full_sync;
	char boot_id[BOOT_ID_SIZE];	/* "": unknown */
	sqlite3 *db;			/* NULL: not open */
	bool doubtful;			/* open it again before it is used */
	sqlite3_stmt *statement[STATEMENTS];
	struct ledger_floor floor;	/* as the transaction read it */
	int64_t born_ms;		/* NEVER: in another run */
	const char *reason;		/* of the last ERR_LEDGER */
};

#define NEVER INT64_MIN

static enum err
local_open(const struct ledger_options *o, void **engine)
{
	struct local *l;
	enum err e;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		log_die("out_of_memory", "ledger");
	l->full_sync = o->full_sync;
	if (o->boot_id != NULL)
		snprintf(l->boot_id, sizeof(l->boot_id), "%s", o->boot_id);
	if ((e = sqlite_files_init(&l->files, o)) != ERR_OK) {
		free(l);
		return (e);
	}
	*engine = l;
	return (ERR_OK);
}

static void
close_database(struct local *l)
{
	size_t i;

	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(l->statement[i]);
	memset(l->statement, 0, sizeof(l->statement));
	sqlite3_close(l->db);
	l->db = NULL;
	l->doubtful = false;
}

static void
local_free(void *engine)
{
	struct local *l = engine;

	close_database(l);
	sqlite_files_free(&l->files);
	free(l);
}

/* SQLite returned ${rc}.  After an error that does not pass by itself, the
   database is opened again. */
static enum err
failed(struct local *l, int rc)
{

	l->doubtful = true;
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		log_die("out_of_memory", "ledger");
	case SQLITE_FULL:
		l->reason = "no room on the disk";
		l->doubtful = false;
		break;
	case SQLITE_BUSY:
		l->reason = "busy";
		l->doubtful = false;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		l->reason = "damaged";
		break;
	default:
		l->reason = "files not accessible";
	}
	return (ERR_LEDGER);
}

static enum err
wrong(struct local *l, const char *reason)
{

	l->doubtful = true;
	l->reason = reason;
	return (ERR_LEDGER);
}

/*
 * Run a statement to its end.  ${largest}, if not NULL, is raised to the
 * largest number in the first column.
 */
static enum err
run(struct local *l, sqlite3_stmt *statement, int64_t *largest)
{
	int64_t value;
	int rc;

	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		value = sqlite3_column_int64(statement, 0);
		if (largest != NULL && value > *largest)
			*largest = value;
	}
	sqlite3_reset(statement);
	return (rc == SQLITE_DONE ? ERR_OK : failed(l, rc));
}

static enum err
prepare(struct local *l, const char *text, sqlite3_stmt **statement)
{
	int rc;

	rc = sqlite3_prepare_v2(l->db, text, -1, statement, NULL);
	return (rc == SQLITE_OK ? ERR_OK : failed(l, rc));
}

static enum err
run_once(struct local *l, const char *text, int64_t *largest)
{
	sqlite3_stmt *statement;
	enum err e;

	if (prepare(l, text, &statement) != ERR_OK)
		return (ERR_LEDGER);
	e = run(l, statement, largest);
	sqlite3_finalize(statement);
	return (e);
}

static enum err
execute(struct local *l, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int rc;

	va_start(ap, fmt);
	text = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	if (text == NULL)
		log_die("out_of_memory", "ledger");
	rc = sqlite3_exec(l->db, text, NULL, NULL, NULL);
	sqlite3_free(text);
	return (rc == SQLITE_OK ? ERR_OK : failed(l, rc));
}

/* Open the file, and check whether it is ours, or empty.  SQLite opens files by
   name, so we look at the names before and after. */
static enum err
open_file(struct local *l, bool *empty)
{
	int64_t id = 0, version = 0, tables = 0;
	struct stat before, after;
	int rc;

	if (sqlite_files_look(&l->files, &before, &l->reason) != ERR_OK)
		return (ERR_LEDGER);
	rc = sqlite3_open_v2(l->files.database, &l->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (rc != SQLITE_OK)
		return (failed(l, rc));
	if (sqlite_files_look(&l->files, &after, &l->reason) != ERR_OK)
		return (ERR_LEDGER);
	if (before.st_dev != after.st_dev || before.st_ino != after.st_ino)
		return (wrong(l, "replaced while it was opened"));
	sqlite3_busy_timeout(l->db, (int)l->files.wait_ms);
	if (run_once(l, "PRAGMA application_id", &id) != ERR_OK ||
	    run_once(l, "PRAGMA user_version", &version) != ERR_OK ||
	    run_once(l, "SELECT count(*) FROM sqlite_schema", &tables) !=
	    ERR_OK)
		return (ERR_LEDGER);
	*empty = id == 0 && version == 0 && tables == 0;
	if (!*empty && (id != APPLICATION_ID || version != VERSION))
		return (wrong(l, "not a ledger, or of another version"));
	return (ERR_OK);
}

/* Create the tables of a ledger that is born now. */
static enum err
give_birth(struct local *l, const struct ledger_request *r)
{
	const int64_t floor_ms = l->boot_id[0] != '\0' ? 0 : r->now_ms;

	return (execute(l, schema, (long long)floor_ms, l->boot_id,
	    (long long)(r->now_ms - r->boot_ms), APPLICATION_ID, VERSION));
}

/* Add the table that older ledgers lack.  Their floor is their birth. */
static enum err
complete(struct local *l)
{
	int64_t there = 0;

	if (run_once(l, "SELECT count(*) FROM sqlite_schema"
	    " WHERE name = 'clock'", &there) != ERR_OK)
		return (ERR_LEDGER);
	return (there != 0 ? ERR_OK : execute(l, schema_of_old, "", 0LL));
}

/* Read the time of birth, if that was in this run of the machine. */
static enum err
read_birth(struct local *l)
{
	sqlite3_stmt *statement;
	enum err e;

	l->born_ms = NEVER;
	if (prepare(l, "SELECT born_ms FROM clock WHERE boot = ?1"
	    " AND boot <> ''", &statement) != ERR_OK)
		return (ERR_LEDGER);
	sqlite3_bind_text(statement, 1, l->boot_id, -1, SQLITE_STATIC);
	e = run(l, statement, &l->born_ms);
	sqlite3_finalize(statement);
	return (e);
}

/* Open the database, or create one that is born at ${r}. */
static enum err
open_database(struct local *l, const struct ledger_request *r)
{
	struct stat st;
	bool empty;
	size_t i;

	if (lstat(l->files.database, &st) != 0 &&
	    sqlite_files_create(&l->files, &l->reason) != ERR_OK)
		return (ERR_LEDGER);
	if (open_file(l, &empty) != ERR_OK ||
	    execute(l, settings, l->full_sync ? "FULL" : "NORMAL") != ERR_OK ||
	    (empty ? give_birth(l, r) : complete(l)) != ERR_OK ||
	    read_birth(l) != ERR_OK)
		return (ERR_LEDGER);
	for (i = 0; i < STATEMENTS; i++) {
		if (prepare(l, sql[i], &l->statement[i]) != ERR_OK)
			return (ERR_LEDGER);
	}
	return (ERR_OK);
}

/* Make sure that the open database is the file that is there now. */
static enum err
ready(struct local *l, const struct ledger_request *r)
{
	int moved = 1;

	if (l->db != NULL && !l->doubtful && sqlite3_file_control(l->db,
	    "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && !moved)
		return (ERR_OK);
	close_database(l);
	if (open_database(l, r) == ERR_OK)
		return (ERR_OK);
	close_database(l);
	return (ERR_LEDGER);
}

static void
bind_counter(struct local *l, enum statement which,
    const struct ledger_request *r, size_t i)
{
	sqlite3_stmt *statement = l->statement[which];

	sqlite3_bind_int64(statement, 1, r->day);
	sqlite3_bind_text(statement, 2, r->counter[i].name, -1, SQLITE_STATIC);
}

static enum err
read_floor(struct local *l)
{
	sqlite3_stmt *statement = l->statement[FLOOR];
	struct ledger_floor *f = &l->floor;
	bool found;
	int rc;

	if ((found = (rc = sqlite3_step(statement)) == SQLITE_ROW)) {
		f->floor_ms = sqlite3_column_int64(statement, 0);
		f->from_ms = sqlite3_column_int64(statement, 1);
		f->to_ms = sqlite3_column_int64(statement, 2);
	}
	sqlite3_reset(statement);
	if (!found && rc != SQLITE_DONE)
		return (failed(l, rc));
	return (found && ledger_floor_ok(f) ? ERR_OK : wrong(l, "damaged"));
}

/* Was ${r} signed at or before the birth?  When the machine's clock is set, the
   time of birth moves with it. */
static bool
is_unborn(const struct local *l, const struct ledger_request *r)
{

	return (l->born_ms != NEVER &&
	    r->signed_at_ms - r->boot_ms <= l->born_ms);
}

static enum err
check_replay(struct local *l, const struct ledger_request *r)
{
	int64_t seen = 0;

	if (ledger_floor_shuts(&l->floor, r->now_ms)) {
		l->reason = ledger_floor_ahead;
		return (ERR_LEDGER);
	}
	if (r->signed_at_ms <= r->boot_ms || is_unborn(l, r) ||
	    ledger_floor_refuses(&l->floor, r->signed_at_ms))
		return (ERR_SIGNED_EARLY);
	sqlite3_bind_blob(l->statement[SEEN], 1, r->replay_key, LEDGER_KEY_LEN,
	    SQLITE_STATIC);
	if (run(l, l->statement[SEEN], &seen) != ERR_OK)
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
		bind_counter(l, USED, r, i);
		if (run(l, l->statement[USED], &out->used[i]) != ERR_OK)
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

/* Write the parts of the floor that changed.  Usually that is one number. */
static enum err
raise_floor(struct local *l, int64_t oldest, int64_t youngest)
{
	struct ledger_floor f = l->floor;

	ledger_floor_forget(&f, oldest, youngest);
	sqlite3_bind_int64(l->statement[RAISE], 1, f.floor_ms);
	sqlite3_bind_int64(l->statement[KEEP], 1, f.from_ms);
	sqlite3_bind_int64(l->statement[KEEP], 2, f.to_ms);
	if (f.floor_ms != l->floor.floor_ms &&
	    run(l, l->statement[RAISE], NULL) != ERR_OK)
		return (ERR_LEDGER);
	if ((f.from_ms != l->floor.from_ms || f.to_ms != l->floor.to_ms) &&
	    run(l, l->statement[KEEP], NULL) != ERR_OK)
		return (ERR_LEDGER);
	return (ERR_OK);
}

/* Forget replay keys that nobody can use again, and raise the floor. */
static enum err
purge(struct local *l, int64_t now_ms)
{
	sqlite3_stmt *statement = l->statement[PURGE];
	int64_t oldest = INT64_MAX, youngest = INT64_MIN, ms;
	int rc;

	sqlite3_bind_int64(statement, 1, now_ms - LEDGER_WINDOW_MS);
	sqlite3_bind_int64(statement, 2, LEDGER_PURGE_MAX);
	sqlite3_bind_int64(statement, 3, LEDGER_FLOOR_GAP_MS);
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		ms = sqlite3_column_int64(statement, 0);
		oldest = ms < oldest ? ms : oldest;
		youngest = ms > youngest ? ms : youngest;
	}
	sqlite3_reset(statement);
	if (rc != SQLITE_DONE)
		return (failed(l, rc));
	return (oldest > youngest ? ERR_OK : raise_floor(l, oldest, youngest));
}

static enum err
remember(struct local *l, const struct ledger_request *r)
{
	sqlite3_stmt *statement = l->statement[REMEMBER];

	sqlite3_bind_blob(statement, 1, r->replay_key, LEDGER_KEY_LEN,
	    SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, r->signed_at_ms);
	return (run(l, statement, NULL));
}

static enum err
count(struct local *l, const struct ledger_request *r, bool bypass,
    struct ledger_result *out)
{
	size_t i;

	for (i = 0; i < r->counters; i++) {
		if (r->counter[i].shared && bypass)
			continue;
		bind_counter(l, COUNT, r, i);
		if (run(l, l->statement[COUNT], NULL) != ERR_OK)
			return (ERR_LEDGER);
		out->used[i]++;
	}
	sqlite3_bind_int64(l->statement[FORGET], 1, r->day - LEDGER_DAYS);
	sqlite3_bind_int64(l->statement[FORGET], 2, LEDGER_PURGE_MAX);
	return (run(l, l->statement[FORGET], NULL));
}

/* Decide on ${r} within a transaction, and commit it if ${r} is admitted. */
static enum err
decide(struct local *l, const struct ledger_request *r,
    struct ledger_result *out)
{
	bool bypass;
	enum err e;

	if ((e = read_floor(l)) != ERR_OK ||
	    (r->replay_key != NULL && (e = check_replay(l, r)) != ERR_OK))
		return (e);
	if ((e = check_counters(l, r, &bypass, out)) != ERR_OK)
		return (e);
	if (purge(l, r->now_ms) != ERR_OK ||
	    (r->replay_key != NULL && remember(l, r) != ERR_OK) ||
	    count(l, r, bypass, out) != ERR_OK)
		return (ERR_LEDGER);
	return (run(l, l->statement[COMMIT], NULL));
}

/* Forget the key, and decrement the counters that were incremented. */
static enum err
take_back(struct local *l, const struct ledger_request *r,
    struct ledger_result *was)
{
	enum statement which;
	size_t i;

	if (r->replay_key != NULL) {
		sqlite3_bind_blob(l->statement[UNSEE], 1, r->replay_key,
		    LEDGER_KEY_LEN, SQLITE_STATIC);
		if (run(l, l->statement[UNSEE], NULL) != ERR_OK)
			return (ERR_LEDGER);
	}
	for (i = 0; i < r->counters; i++) {
		/* A row never counts 0: the last decrement deletes it. */
		for (which = UNCOUNT_LAST; which <= UNCOUNT; which++) {
			bind_counter(l, which, r, i);
			if (ledger_was_counted(r, was, i) &&
			    run(l, l->statement[which], NULL) != ERR_OK)
				return (ERR_LEDGER);
		}
	}
	return (run(l, l->statement[COMMIT], NULL));
}

/* Wait for our turn, and run ${step} in a transaction. */
static enum err
transact(struct local *l, const struct ledger_request *r,
    struct ledger_result *out, enum err (*step)(struct local *l,
    const struct ledger_request *r, struct ledger_result *out),
    const char **reason)
{
	enum err e;

	if (sqlite_files_take(&l->files, reason) != ERR_OK)
		return (ERR_LEDGER);
	if ((e = ready(l, r)) == ERR_OK &&
	    (e = run(l, l->statement[BEGIN], NULL)) == ERR_OK)
		e = step(l, r, out);
	*reason = l->reason;

	/* Roll back a transaction that was not committed. */
	if (l->db != NULL && !sqlite3_get_autocommit(l->db) &&
	    run(l, l->statement[ROLLBACK], NULL) != ERR_OK)
		l->doubtful = true;
	sqlite_files_leave(&l->files);
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
list(struct local *l, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user)
{
	sqlite3_stmt *statement;
	int rc;

	if (prepare(l, "SELECT name, used FROM counter WHERE day = ?1"
	    " AND substr(name, 1, length(?2)) = ?2 ORDER BY name",
	    &statement) != ERR_OK)
		return (ERR_LEDGER);
	sqlite3_bind_int64(statement, 1, day);
	sqlite3_bind_text(statement, 2, prefix, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
		each(user, (const char *)sqlite3_column_text(statement, 0),
		    sqlite3_column_int64(statement, 1));
	sqlite3_finalize(statement);
	return (rc == SQLITE_DONE ? ERR_OK : failed(l, rc));
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
	struct local l = { .files = ((struct local *)engine)->files };
	struct stat st;
	bool empty;
	enum err e;

	if (lstat(l.files.database, &st) != 0)
		return (ERR_OK);
	if ((e = open_file(&l, &empty)) == ERR_OK && !empty)
		e = list(&l, day, prefix, each, user);
	*reason = l.reason;
	close_database(&l);
	return (e);
}

const struct ledger_engine ledger_sqlite = {
	.name = "local",
	.open = local_open,
	.admit = local_admit,
	.undo = local_undo,
	.usage = local_usage,
	.free = local_free,
};
