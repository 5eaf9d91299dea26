/* Ledgers of earlier forms, and programs of earlier forms beside ours. */
#include "ledger.h"

#include <sqlite3.h>

#define VECTOR "tests/vectors/ledger/store.sqlite"

/* The statements of programs that sorted replay keys by key. */
#define OLD_SEEN "SELECT 1 FROM replay WHERE key = ?1"
#define OLD_REMEMBER "INSERT INTO replay VALUES (?1, ?2)"
#define OLD_PURGE "DELETE FROM replay WHERE key IN (SELECT key FROM replay" \
    " WHERE signed_ms < ?1 AND signed_ms <= (SELECT min(signed_ms)"	\
    " FROM replay) + ?3 ORDER BY signed_ms LIMIT ?2) RETURNING signed_ms"

static void
take_vector(void)
{
	static uint8_t data[1 << 17];
	size_t len;
	FILE *f;

	assert_non_null(f = fopen(VECTOR, "rb"));
	len = fread(data, 1, sizeof(data), f);
	assert_in_range(len, 1, sizeof(data) - 1);
	fclose(f);
	assert_non_null(f = fopen(in_dir("store.sqlite"), "wb"));
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
	assert_int_equal(chmod(in_dir("store.sqlite"), 0600), 0);
}

static sqlite3 *
look(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(in_dir("store.sqlite"), &db), SQLITE_OK);
	return (db);
}

static int64_t
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return (n);
}

static void
an_older_ledger_forgets_nothing_when_it_is_completed(void **state)
{
	struct ledger *s;
	sqlite3 *db;
	int64_t n;

	(void)state;
	take_vector();
	s = opened();
	for (n = 100; n < 300; n++)
		assert_int_equal(admit(s, n, NOW - 300000 + n, NOW),
		    ERR_REPLAY);
	assert_int_equal(admit(s, 2, NOW - DAY_MS + 1, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 2, NOW - DAY_MS + 2, NOW), ERR_OK);
	assert_int_equal(used(s, TODAY, "a"), 200);
	assert_int_equal(used(s, TODAY - 1, "a"), 1);
	assert_int_equal(spend(s, "a", 200, NOW), ERR_LIMIT);
	assert_int_equal(spend(s, "a", 201, NOW), ERR_OK);
	ledger_free(s);

	db = look();
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema"
	    " WHERE name IN ('replay_signed', 'sorted')"), 0);
	sqlite3_close(db);
	assert_int_equal(logged("\n"), 0);
}

static void
an_older_ledger_can_be_read_before_it_is_completed(void **state)
{
	struct ledger *s;
	sqlite3 *db;

	(void)state;
	take_vector();
	s = opened();
	assert_int_equal(used(s, TODAY, "a"), 200);
	ledger_free(s);
	db = look();
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema"
	    " WHERE name = 'replay_signed'"), 1);
	sqlite3_close(db);
}

/* Killed at any moment, it is of one form or the other, and whole. */
static void
a_process_killed_while_it_completes_a_ledger_loses_nothing(void **state)
{
	struct ledger *s;
	pid_t pid;
	int64_t n;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		unlink(in_dir("store.sqlite-wal"));
		unlink(in_dir("store.sqlite-shm"));
		take_vector();
		if ((pid = fork()) == 0) {
			s = opened();
			(void)!spend(s, "b", 9, NOW);
			_exit(0);
		}
		usleep((useconds_t)(i * 100));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		s = opened();
		for (n = 100; n < 300; n += 7)
			assert_int_equal(admit(s, n, NOW - 300000 + n, NOW),
			    ERR_REPLAY);
		assert_int_equal(used(s, TODAY, "a"), 200);
		ledger_free(s);
	}
}

static sqlite3_stmt *
old_statement(sqlite3 *db, const char *sql, int64_t n, int64_t signed_ms)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	sqlite3_bind_blob(s, 1, key(n), LEDGER_KEY_LEN, SQLITE_TRANSIENT);
	sqlite3_bind_int64(s, 2, signed_ms);
	return (s);
}

/* As during an upgrade: the old program has prepared its statements before. */
static void
an_older_program_and_ours_refuse_what_the_other_has_seen(void **state)
{
	sqlite3_stmt *seen, *remember, *purge;
	struct ledger *s;
	sqlite3 *db;
	int64_t n;

	(void)state;
	take_vector();
	db = look();
	seen = old_statement(db, OLD_SEEN, 2, 0);
	remember = old_statement(db, OLD_REMEMBER, 3, NOW);
	assert_int_equal(sqlite3_step(seen), SQLITE_DONE);
	sqlite3_reset(seen);

	s = opened();
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_int_equal(sqlite3_step(seen), SQLITE_ROW);
	sqlite3_reset(seen);
	assert_int_equal(admit(s, 3, NOW - 1, NOW), ERR_OK);
	assert_int_equal(sqlite3_step(remember), SQLITE_DONE);
	sqlite3_reset(remember);
	assert_int_equal(admit(s, 3, NOW, NOW), ERR_REPLAY);

	/* It forgets, as it does it, what is too old, oldest first. */
	purge = old_statement(db, OLD_PURGE, 0, 200);
	sqlite3_bind_int64(purge, 1, NOW - 299850);
	sqlite3_bind_int64(purge, 3, 3600000);
	for (n = 0; sqlite3_step(purge) == SQLITE_ROW; n++)
		assert_true(sqlite3_column_int64(purge, 0) < NOW - 299850);
	assert_int_equal(n, 50);
	sqlite3_finalize(purge);
	sqlite3_finalize(seen);
	sqlite3_finalize(remember);
	sqlite3_close(db);
	ledger_free(s);
}

static void
a_new_ledger_has_small_pages(void **state)
{
	sqlite3 *db;

	(void)state;
	ledger_free(born());
	db = look();
	assert_int_equal(number(db, "PRAGMA page_size"), 2048);
	sqlite3_close(db);
}

/* As plain CGI does: each request is a process that has nothing open before or
   after it. */
static void
the_journal_stays_short_if_nobody_has_the_ledger_open(void **state)
{
	struct ledger *s = born();
	off_t largest = 0;
	struct stat st;
	int64_t n;

	(void)state;
	ledger_free(s);
	for (n = 10; n < 1010; n++) {
		s = opened();
		assert_int_equal(admit(s, n, NOW, NOW), ERR_OK);
		ledger_free(s);
		assert_int_equal(stat(in_dir("store.sqlite-wal"), &st), 0);
		largest = st.st_size > largest ? st.st_size : largest;
	}
	/* It is written back now and then, not by every request. */
	assert_in_range(largest, 200 << 10, 350 << 10);
	s = opened();
	for (n = 10; n < 1010; n++)
		assert_int_equal(admit(s, n, NOW, NOW), ERR_REPLAY);
	ledger_free(s);
}

static const struct CMUnitTest tests[] = {
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	IN_DIR(an_older_ledger_forgets_nothing_when_it_is_completed),
	IN_DIR(an_older_ledger_can_be_read_before_it_is_completed),
	IN_DIR(a_process_killed_while_it_completes_a_ledger_loses_nothing),
	IN_DIR(an_older_program_and_ours_refuse_what_the_other_has_seen),
	IN_DIR(a_new_ledger_has_small_pages),
	IN_DIR(the_journal_stays_short_if_nobody_has_the_ledger_open),
};

TEST_MAIN(tests)
