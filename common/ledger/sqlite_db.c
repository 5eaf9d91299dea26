#include <sys/stat.h>

#include <stdarg.h>
#include <string.h>

#include <sqlite3.h>

#include "base/log.h"
#include "ledger/sqlite_db.h"
#include "ledger/sqlite_schema.h"

/* The cache is 256 kB, because each process has one. */
static const char settings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = %s;"
    "PRAGMA cache_size = -256;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF";

/*
 * How many pages of the journal a process leaves at its first commit, and at a
 * later one.  Whoever opens a database that nobody has open reads all of the
 * journal, so a CGI program, which commits once, keeps it short.  But writing
 * it back waits for the disk, four times, so a FastCGI program does it rarely.
 */
#define JOURNAL_PAGES_FIRST 150
#define JOURNAL_PAGES 2000

/* For how many pages of the cache SQLite makes room at once.  It writes to all
   of that room. */
#define PAGES_FIRST 8

/* Statements are prepared when they are first used, because a CGI program uses
   half of them, once. */
static const char *const sql[SQL_STATEMENTS] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_LOOK] = "SELECT floor_ms, from_ms, to_ms,"
	    " (SELECT min(signed_ms) FROM replay),"
	    " (SELECT min(day) FROM counter),"
	    " CASE WHEN boot = ?1 AND boot <> '' THEN born_ms END"
	    " FROM meta, clock",
	[SQL_SEEN] = "SELECT 1 FROM replay WHERE key = ?1 AND signed_ms = ?2",
	[SQL_USED] = "SELECT used FROM counter WHERE day = ?1 AND name = ?2",
	[SQL_PURGE] = "DELETE FROM replay WHERE (signed_ms, key) IN"
	    " (SELECT signed_ms, key FROM replay"
	    " WHERE signed_ms < ?1 AND signed_ms <= ?2"
	    " ORDER BY signed_ms LIMIT ?3) RETURNING signed_ms",
	[SQL_RAISE] = "UPDATE meta SET floor_ms = ?1",
	[SQL_KEEP] = "UPDATE clock SET from_ms = ?1, to_ms = ?2",
	[SQL_REMEMBER] = "INSERT INTO replay VALUES (?1, ?2)",
	[SQL_COUNT] = "INSERT INTO counter VALUES (?1, ?2, 1)"
	    " ON CONFLICT DO UPDATE SET used = used + 1",
	[SQL_FORGET] = "DELETE FROM counter WHERE (day, name) IN"
	    " (SELECT day, name FROM counter WHERE day < ?1 LIMIT ?2)",
	[SQL_UNSEE] = "DELETE FROM replay WHERE key = ?1 AND signed_ms = ?2",
	[SQL_UNCOUNT_LAST] = "DELETE FROM counter"
	    " WHERE day = ?1 AND name = ?2 AND used = 1",
	[SQL_UNCOUNT] = "UPDATE counter SET used = used - 1"
	    " WHERE day = ?1 AND name = ?2 AND used > 1",
};

enum err
sqlite_db_failed(struct sqlite_db *d, int rc)
{

	d->doubtful = true;
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		log_die("out_of_memory", "ledger");
	case SQLITE_FULL:
		d->reason = "no room on the disk";
		d->doubtful = false;
		break;
	case SQLITE_BUSY:
		d->reason = "busy";
		d->doubtful = false;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		d->reason = "damaged";
		break;
	default:
		d->reason = "files not accessible";
	}
	return (ERR_LEDGER);
}

enum err
sqlite_db_wrong(struct sqlite_db *d, const char *reason)
{

	d->doubtful = true;
	d->reason = reason;
	return (ERR_LEDGER);
}

enum err
sqlite_db_prepare(struct sqlite_db *d, const char *text,
    sqlite3_stmt **statement)
{
	int rc;

	rc = sqlite3_prepare_v2(d->db, text, -1, statement, NULL);
	return (rc == SQLITE_OK ? ERR_OK : sqlite_db_failed(d, rc));
}

sqlite3_stmt *
sqlite_db_get(struct sqlite_db *d, enum sqlite_db_statement which)
{

	if (d->statement[which] == NULL &&
	    sqlite_db_prepare(d, sql[which], &d->statement[which]) != ERR_OK)
		return (NULL);
	return (d->statement[which]);
}

static enum err
run(struct sqlite_db *d, sqlite3_stmt *statement, int64_t *largest)
{
	int64_t value;
	int rc;

	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		value = sqlite3_column_int64(statement, 0);
		if (largest != NULL && value > *largest)
			*largest = value;
	}
	sqlite3_reset(statement);
	return (rc == SQLITE_DONE ? ERR_OK : sqlite_db_failed(d, rc));
}

enum err
sqlite_db_run(struct sqlite_db *d, enum sqlite_db_statement which,
    int64_t *largest)
{
	sqlite3_stmt *statement = sqlite_db_get(d, which);

	return (statement == NULL ? ERR_LEDGER : run(d, statement, largest));
}

enum err
sqlite_db_number(struct sqlite_db *d, const char *text, int64_t *number)
{
	sqlite3_stmt *statement;
	enum err e;

	if (sqlite_db_prepare(d, text, &statement) != ERR_OK)
		return (ERR_LEDGER);
	e = run(d, statement, number);
	sqlite3_finalize(statement);
	return (e);
}

enum err
sqlite_db_execute(struct sqlite_db *d, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int rc;

	va_start(ap, fmt);
	text = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	if (text == NULL)
		log_die("out_of_memory", "ledger");
	rc = sqlite3_exec(d->db, text, NULL, NULL, NULL);
	sqlite3_free(text);
	return (rc == SQLITE_OK ? ERR_OK : sqlite_db_failed(d, rc));
}

/*
 * A commit left so many pages in the journal.  Write a long journal back, and
 * cut it to nothing: SQLite's own way keeps it and begins it again, but notes
 * where it begins only in shared memory, which is gone when no process has the
 * database open.  The next CGI program would take all of it for new.
 *
 * A reader, such as `foldergate usage`, can be in the way.  It is not waited
 * for, and the next commit tries again.
 */
static int
write_back(void *user, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_db *d = user;
	const int most = d->committed ? JOURNAL_PAGES : JOURNAL_PAGES_FIRST;

	d->committed = true;
	if (pages >= most) {
		sqlite3_busy_timeout(db, 0);
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_TRUNCATE,
		    NULL, NULL);
		sqlite3_busy_timeout(db, (int)d->files.wait_ms);
	}
	return (SQLITE_OK);
}

/* Only one thread uses SQLite, nobody asks what it allocates, and a CGI
   program needs few pages.  Once SQLite has begun, it refuses these. */
static void
spare(void)
{

	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, PAGES_FIRST);
}

/* SQLite opens files by name, so we look at the names before and after. */
enum err
sqlite_db_open_file(struct sqlite_db *d, int64_t *form)
{
	struct stat before, after;
	int rc;

	if (sqlite_files_look(&d->files, &before, &d->reason) != ERR_OK)
		return (ERR_LEDGER);
	spare();
	rc = sqlite3_open_v2(d->files.database, &d->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (rc != SQLITE_OK)
		return (sqlite_db_failed(d, rc));
	if (sqlite_files_look(&d->files, &after, &d->reason) != ERR_OK)
		return (ERR_LEDGER);
	if (before.st_dev != after.st_dev || before.st_ino != after.st_ino)
		return (sqlite_db_wrong(d, "replaced while it was opened"));

	/* Closing must not write the journal back: that waits for the disk,
	   and the processes that open the database meanwhile find it locked. */
	sqlite3_db_config(d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_hook(d->db, write_back, d);
	sqlite3_busy_timeout(d->db, (int)d->files.wait_ms);
	return (sqlite_schema_form(d, form));
}

static enum err
set(struct sqlite_db *d)
{

	return (sqlite_db_execute(d, settings,
	    d->full_sync ? "FULL" : "NORMAL"));
}

/* Open the database, or create one that is born at ${r}. */
static enum err
open_database(struct sqlite_db *d, const struct ledger_request *r)
{
	struct stat st;
	int64_t form;

	if (lstat(d->files.database, &st) != 0 &&
	    sqlite_files_create(&d->files, &d->reason) != ERR_OK)
		return (ERR_LEDGER);
	if (sqlite_files_writable(&d->files, &d->reason) != ERR_OK ||
	    sqlite_db_open_file(d, &form) != ERR_OK ||
	    (form == 0 && sqlite_schema_prepare(d) != ERR_OK) ||
	    set(d) != ERR_OK)
		return (ERR_LEDGER);
	return (form == 0 ? sqlite_schema_create(d, r) :
	    sqlite_schema_complete(d, form));
}

void
sqlite_db_warm(struct sqlite_db *d)
{
	static const enum sqlite_db_statement used[] = { SQL_BEGIN, SQL_LOOK,
	    SQL_SEEN, SQL_USED, SQL_REMEMBER, SQL_COUNT, SQL_COMMIT };
	struct stat st;
	int64_t form;
	size_t i;

	if (d->db != NULL || lstat(d->files.database, &st) != 0)
		return;
	if (sqlite_files_writable(&d->files, &d->reason) != ERR_OK ||
	    sqlite_db_open_file(d, &form) != ERR_OK ||
	    !sqlite_schema_is_current(form) || set(d) != ERR_OK)
		goto err;
	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		if (sqlite_db_get(d, used[i]) == NULL)
			goto err;
	}
	return;
err:
	sqlite_db_close(d);
}

enum err
sqlite_db_ready(struct sqlite_db *d, const struct ledger_request *r)
{
	int moved = 1;

	if (d->db != NULL && !d->doubtful && sqlite3_file_control(d->db,
	    "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && !moved)
		return (ERR_OK);
	sqlite_db_close(d);
	if (open_database(d, r) == ERR_OK)
		return (ERR_OK);
	sqlite_db_close(d);
	return (ERR_LEDGER);
}

void
sqlite_db_close(struct sqlite_db *d)
{
	size_t i;

	for (i = 0; i < SQL_STATEMENTS; i++)
		sqlite3_finalize(d->statement[i]);
	memset(d->statement, 0, sizeof(d->statement));
	sqlite3_close(d->db);
	d->db = NULL;
	d->doubtful = d->committed = false;
}
