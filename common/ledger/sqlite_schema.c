#include "ledger/sqlite_schema.h"

/* These two identify our file: "fgst", and the version of its tables. */
#define APPLICATION_ID 0x66677374
#define VERSION 1

/* This table holds the interval above the floor (floor.h), and the birth, as
   the time for which the machine had run then.  Setting the clock does not
   change that time, and a clock that was wrong shuts nobody out. */
#define CLOCK_TABLE							\
    "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1),"	\
    " from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"		\
    " boot TEXT NOT NULL, born_ms INTEGER NOT NULL) STRICT;"		\
    "INSERT INTO clock VALUES (1, 0, -1, %Q, %lld);"

/* Keys are sorted by time.  So a new one is written to the last page and an old
   one deleted from the first, and there is no index beside the table. */
#define REPLAY_TABLE							\
    " (key BLOB NOT NULL, signed_ms INTEGER NOT NULL,"			\
    " PRIMARY KEY (signed_ms, key)) STRICT, WITHOUT ROWID;"

/* A request that was signed at or before the floor is refused.  The floor
   starts at the birth if it is unknown how long the machine had run then. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " floor_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE replay" REPLAY_TABLE
    "CREATE TABLE counter (day INTEGER, name TEXT,"
    " used INTEGER NOT NULL CHECK (used > 0), PRIMARY KEY (day, name))"
    " STRICT, WITHOUT ROWID;"
    "INSERT INTO meta VALUES (1, %lld);"
    CLOCK_TABLE
    "PRAGMA application_id = %d;"
    "PRAGMA user_version = %d;"
    "COMMIT";

/* What earlier forms lack or have. */
#define SOME 1			/* any table or index */
#define CLOCK 2			/* the table of that name */
#define KEYED 4			/* keys sorted by key, with an index by time */

static const char form_now[] =
    "SELECT max(1) | max(2 * (name = 'clock')) |"
    " max(4 * (name = 'replay_signed')) FROM sqlite_schema";

static const char sort_by_time[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE sorted" REPLAY_TABLE
    "INSERT INTO sorted SELECT key, signed_ms FROM replay;"
    "DROP TABLE replay;"
    "ALTER TABLE sorted RENAME TO replay;"
    "COMMIT";

enum err
sqlite_schema_form(struct sqlite_db *d, int64_t *form)
{
	int64_t id = 0, version = 0;

	*form = 0;
	if (sqlite_db_number(d, "PRAGMA application_id", &id) != ERR_OK ||
	    sqlite_db_number(d, "PRAGMA user_version", &version) != ERR_OK ||
	    sqlite_db_number(d, form_now, form) != ERR_OK)
		return (ERR_LEDGER);
	if (*form == 0 && id == 0 && version == 0)
		return (ERR_OK);
	if (*form == 0 || id != APPLICATION_ID || version != VERSION)
		return (sqlite_db_wrong(d,
		    "not a ledger, or of another version"));
	return (ERR_OK);
}

bool
sqlite_schema_is_current(int64_t form)
{

	return (form == (SOME | CLOCK));
}

/* A decision changes a few rows in different places.  With small pages it
   writes less, and there is less to read again.  But it must need more than a
   block, or the end of the journal may have room for it on a full disk. */
enum err
sqlite_schema_prepare(struct sqlite_db *d)
{

	return (sqlite_db_execute(d, "PRAGMA page_size = 2048"));
}

enum err
sqlite_schema_create(struct sqlite_db *d, const struct ledger_request *r)
{
	const int64_t floor_ms = d->boot_id[0] != '\0' ? 0 : r->now_ms;

	/* Written back, so that a damaged file is not taken for a good one
	   because all of its pages are in the journal. */
	if (sqlite_db_execute(d, schema, (long long)floor_ms, d->boot_id,
	    (long long)(r->now_ms - r->boot_ms), APPLICATION_ID, VERSION) !=
	    ERR_OK)
		return (ERR_LEDGER);
	return (sqlite_db_execute(d, "PRAGMA wal_checkpoint(TRUNCATE)"));
}

/* The floor of a ledger without a clock is its birth. */
enum err
sqlite_schema_complete(struct sqlite_db *d, int64_t form)
{

	if ((form & CLOCK) == 0 && sqlite_db_execute(d, "BEGIN IMMEDIATE;"
	    CLOCK_TABLE "COMMIT", "", 0LL) != ERR_OK)
		return (ERR_LEDGER);
	if ((form & KEYED) != 0 && sqlite_db_execute(d, sort_by_time) !=
	    ERR_OK)
		return (ERR_LEDGER);
	return (ERR_OK);
}
