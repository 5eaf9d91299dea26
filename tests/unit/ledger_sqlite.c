/* What only the local ledger can meet: files, locks, a full disk. */
#include "ledger.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/time.h>

#include <sqlite3.h>

#include "ledger/lock.h"
#include "ledger/sqlite_files.h"

static ino_t
inode(const char *name)
{
	struct stat st;

	return (stat(in_dir(name), &st) == 0 ? st.st_ino : 0);
}

static void
the_files_of_the_ledger_are_closed_to_others(void **state)
{
	struct ledger_options o = { .directory = dir, .redis_url = "",
	    .redis_password_file = "", .full_sync = true, .wait_ms = 100 };
	struct ledger *s;
	struct stat st;

	(void)state;
	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	assert_int_equal(admit(s, 1, NOW, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 1, NOW + 1, NOW), ERR_OK);
	assert_int_equal(stat(in_dir("store.sqlite"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_dir("store.sqlite-wal"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_dir("store.lock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	ledger_free(s);
	assert_int_equal(logged("\n"), 0);
}

static void
a_directory_that_cannot_be_is_refused(void **state)
{
	struct ledger_options o = { .directory = "", .redis_url = "",
	    .redis_password_file = "" };
	char path[PATH_MAX + 1];
	struct ledger *s;

	(void)state;
	assert_int_equal(ledger_open(&o, &s), ERR_FORMAT);
	assert_null(s);
	memset(path, 'x', sizeof(path));
	path[PATH_MAX] = '\0';
	o.directory = path;
	assert_int_equal(ledger_open(&o, &s), ERR_FORMAT);
	path[PATH_MAX - 10] = '\0';
	assert_int_equal(ledger_open(&o, &s), ERR_FORMAT);
	o.directory = dir;
	o.wait_ms = -1;
	assert_int_equal(ledger_open(&o, &s), ERR_FORMAT);
	ledger_free(NULL);
}

static void
network_file_systems_are_known_by_their_number(void **state)
{

	(void)state;
	assert_string_equal(sqlite_files_network(0x6969), "NFS");
	assert_string_equal(sqlite_files_network(0xff534d42), "CIFS");
	assert_string_equal(sqlite_files_network(0xfe534d42), "SMB2");
	assert_string_equal(sqlite_files_network((uint64_t)(int32_t)0xfe534d42),
	    "SMB2");
	assert_string_equal(sqlite_files_network(0x65735546), "FUSE");
	assert_null(sqlite_files_network(0xef53));	/* ext4 */
	assert_null(sqlite_files_network(0x01021994));	/* tmpfs */
	assert_null(sqlite_files_network(0x794c7630));	/* overlay */
	assert_null(sqlite_files_network(0x9123683e));	/* btrfs */
}

/* Directories come and go; trouble is told at its begin and at its end. */
static void
a_missing_directory_is_told_at_its_begin_and_end(void **state)
{
	struct ledger_options o = { .directory = in_dir("sub"),
	    .redis_url = "", .redis_password_file = "", .wait_ms = 100 };
	struct ledger *s;
	int i;

	(void)state;
	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	for (i = 0; i < 3; i++)
		assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("ledger_unavailable"), 1);
	assert_int_equal(logged("no such directory"), 1);
	assert_int_equal(mkdir(in_dir("sub"), 0700), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	assert_int_equal(logged("ledger_unavailable"), 1);
	assert_int_equal(logged("ledger_available"), 1);
	ledger_free(s);
	unlink(in_dir("sub/store.sqlite"));
	unlink(in_dir("sub/store.sqlite-wal"));
	unlink(in_dir("sub/store.sqlite-shm"));
	unlink(in_dir("sub/store.lock"));
}

static void
remove_database(void)
{

	unlink(in_dir("store.sqlite"));
	unlink(in_dir("store.sqlite-wal"));
	unlink(in_dir("store.sqlite-shm"));
}

static void
a_ledger_that_was_deleted_begins_again(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_OK);
	remove_database();
	unlink(in_dir("store.lock"));

	/* What was seen before is forgotten, so it is too early now. */
	assert_int_equal(admit(s, 2, NOW, NOW + 5), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 3, NOW + 5, NOW + 5), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 3, NOW + 6, NOW + 6), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_LIMIT);
	ledger_free(s);
}

/* Of two who have the database open, the one who is slower to see that it is
   gone must do no harm to the new one; nor may what lies beside it. */
static void
a_ledger_deleted_under_two_processes_begins_once(void **state)
{
	struct ledger *a = born(), *b = opened();
	ino_t wal, shm;

	(void)state;
	assert_int_equal(spend(a, "a", 9, NOW), ERR_OK);
	assert_int_equal(spend(b, "a", 9, NOW), ERR_OK);
	wal = inode("store.sqlite-wal");
	shm = inode("store.sqlite-shm");
	unlink(in_dir("store.sqlite"));
	assert_int_equal(spend(a, "a", 9, NOW), ERR_OK);
	assert_int_not_equal(inode("store.sqlite-wal"), wal);
	assert_int_not_equal(inode("store.sqlite-shm"), shm);
	wal = inode("store.sqlite-wal");
	shm = inode("store.sqlite-shm");
	assert_int_equal(spend(b, "a", 9, NOW), ERR_OK);
	assert_int_equal(inode("store.sqlite-wal"), wal);
	assert_int_equal(inode("store.sqlite-shm"), shm);
	assert_int_equal(spend(a, "a", 9, NOW), ERR_OK);
	assert_int_equal(used(b, TODAY, "a"), 3);
	ledger_free(b);
	assert_int_equal(spend(a, "a", 4, NOW), ERR_OK);
	assert_int_equal(spend(a, "a", 4, NOW), ERR_LIMIT);
	ledger_free(a);
}

static void
an_empty_file_becomes_a_ledger(void **state)
{
	struct ledger *s;

	(void)state;
	write_file(in_dir("store.sqlite"), "", 0600);
	s = born();
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	ledger_free(s);
}

/* What is there and cannot be read stays as it is. */
static void
a_damaged_ledger_refuses_and_stays_as_it_is(void **state)
{
	struct ledger *s;
	struct stat st;
	char text[200];
	int i;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	write_file(in_dir("store.sqlite"), text, 0600);
	s = opened();
	for (i = 0; i < 3; i++)
		assert_int_equal(admit(s, 2, NOW, NOW), ERR_LEDGER);
	assert_int_equal(ledger_usage(s, TODAY, "", add_used, &i), ERR_LEDGER);
	assert_int_equal(logged("ledger_unavailable"), 2);
	assert_int_equal(logged("damaged"), 2);
	assert_int_equal(stat(in_dir("store.sqlite"), &st), 0);
	assert_int_equal(st.st_size, sizeof(text) - 1);

	/* Taken away, it works again. */
	unlink(in_dir("store.sqlite"));
	assert_int_equal(admit(s, 2, NOW + 1, NOW), ERR_OK);
	assert_int_equal(logged("ledger_available"), 1);
	ledger_free(s);
}

/* Change what is in a database with SQL of our own. */
static void
change(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(in_dir("store.sqlite"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
a_database_of_another_form_is_refused(void **state)
{
	struct ledger *s;

	(void)state;
	change("CREATE TABLE meta (a)");
	s = opened();
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_LEDGER);
	assert_int_equal(logged("not a ledger, or of another version"), 1);
	ledger_free(s);

	remove_database();
	ledger_free(born());
	change("PRAGMA user_version = 2");
	s = opened();
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_LEDGER);
	change("PRAGMA user_version = 1; DELETE FROM meta");
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_LEDGER);
	assert_int_equal(logged("damaged"), 1);
	change("INSERT INTO meta VALUES (1, 0)");
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	ledger_free(s);

	remove_database();
	assert_int_equal(symlink("/etc/passwd", in_dir("store.sqlite")), 0);
	s = opened();
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_LEDGER);
	ledger_free(s);
}

/* Counters of more than a week ago are deleted, 200 at a time. */
static void
counters_of_more_than_a_week_ago_are_deleted(void **state)
{
	struct ledger *s = born();
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 250; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		assert_int_equal(spend(s, name, 1, NOW), ERR_OK);
	}
	assert_int_equal(spend(s, "b", 9, NOW + 7 * DAY_MS), ERR_OK);
	assert_int_equal(used(s, TODAY, ""), 250);
	assert_int_equal(spend(s, "b", 9, NOW + 8 * DAY_MS), ERR_OK);
	assert_int_equal(used(s, TODAY, ""), 50);
	assert_int_equal(spend(s, "b", 9, NOW + 8 * DAY_MS), ERR_OK);
	assert_int_equal(used(s, TODAY, ""), 0);
	assert_int_equal(used(s, TODAY + 7, ""), 1);
	ledger_free(s);
}

/* The highest count there can be is no way around a limit. */
static void
the_highest_count_does_not_pass_a_limit(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(spend(s, "a", INT64_MAX, NOW), ERR_OK);
	change("UPDATE counter SET used = 9223372036854775806");
	assert_int_equal(spend(s, "a", INT64_MAX, NOW), ERR_OK);
	assert_int_equal(spend(s, "a", INT64_MAX, NOW), ERR_LIMIT);
	assert_true(used(s, TODAY, "a") == INT64_MAX);
	ledger_free(s);
}

static void
on_alarm(int sig)
{

	(void)sig;
}

/* Somebody does not let go.  Signals of others do not shorten the wait. */
static void
a_lock_that_is_held_is_waited_for_in_full(void **state)
{
	struct ledger_options o = { .directory = dir, .redis_url = "",
	    .redis_password_file = "", .wait_ms = 150 };
	struct itimerval often = { { 0, 10000 }, { 0, 10000 } }, off = { 0 };
	struct sigaction sa = { .sa_handler = on_alarm };
	sigset_t mask, pending;
	struct ledger *s;
	double start;
	int fd, i;

	(void)state;
	ledger_free(born());
	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	fd = open(in_dir("store.lock"), O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (i = 0; i < 3; i++) {
		start = seconds();
		assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
		assert_true(seconds() - start >= 0.145);
		assert_true(seconds() - start < 5);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	assert_int_equal(logged("busy"), 1);

	/* Our signal is blocked, so whatever is left of it is harmless. */
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_true(sigismember(&mask, SIGRTMIN));
	assert_false(sigismember(&mask, SIGALRM));
	nap_ms(50);
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGRTMIN));
	raise(SIGRTMIN);
	start = seconds();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_true(seconds() - start >= 0.145);

	close(fd);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	ledger_free(s);
}

/* Whoever holds the lock dies: the next one goes on at once. */
static void
a_lock_whose_holder_dies_is_taken_at_once(void **state)
{
	struct ledger *s = born();
	int fd, p[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(p), 0);
	if ((pid = fork()) == 0) {
		fd = open(in_dir("store.lock"), O_RDWR);
		flock(fd, LOCK_EX);
		(void)!write(p[1], "", 1);
		nap_ms(100);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(read(p[0], &c, 1), 1);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	waitpid(pid, NULL, 0);
	close(p[0]);
	close(p[1]);
	ledger_free(s);
}

/* Killed while it makes the database: the next one finishes that. */
static void
a_process_killed_at_birth_leaves_a_good_ledger(void **state)
{
	struct ledger *s;
	pid_t pid;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		remove_database();
		if ((pid = fork()) == 0) {
			s = opened();
			while (spend(s, "a", INT64_MAX, NOW) == ERR_OK)
				;
			_exit(1);
		}
		usleep((useconds_t)(i * 150));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		s = opened();
		assert_int_equal(spend(s, "b", 1, NOW), ERR_OK);
		assert_int_equal(used(s, TODAY, "b"), 1);
		ledger_free(s);
	}
}

/* A database that somebody else writes to is waited for, too. */
static void
a_database_that_is_written_to_is_waited_for(void **state)
{
	struct ledger_options o = { .directory = dir, .redis_url = "",
	    .redis_password_file = "", .wait_ms = 100 };
	struct ledger *s;
	sqlite3 *db;

	(void)state;
	ledger_free(born());
	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	assert_int_equal(sqlite3_open(in_dir("store.sqlite"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(used(s, TODAY, "a"), 1);
	sqlite3_close(db);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	assert_int_equal(used(s, TODAY, "a"), 2);
	ledger_free(s);
}

static void
fill(const char *path)
{
	static char zero[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	while (write(fd, zero, sizeof(zero)) > 0)
		;
	close(fd);
}

/* On a disk of 1 MiB: from empty, and with a database on it. */
static void
a_full_disk_refuses_and_recovers(void **state)
{
	struct ledger_options o = { .directory = in_dir("disk"),
	    .redis_url = "", .redis_password_file = "", .wait_ms = 100 };
	struct ledger *s;
	int64_t n = 10, before;
	int round;

	(void)state;
	assert_int_equal(mkdir(in_dir("disk"), 0700), 0);
	if (mount("none", in_dir("disk"), "tmpfs", 0, "size=1m") != 0) {
		print_message("# SKIP: cannot mount a tmpfs\n");
		skip();
	}
	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	fill(in_dir("disk/filler"));
	assert_int_equal(admit(s, 1, NOW, NOW), ERR_LEDGER);
	assert_int_equal(logged("no room on the disk"), 1);
	unlink(in_dir("disk/filler"));
	assert_int_equal(admit(s, 1, NOW - 1000, NOW - 1000), ERR_SIGNED_EARLY);

	for (round = 0; round < 3; round++) {
		assert_int_equal(spend(s, "a", INT64_MAX, NOW), ERR_OK);
		fill(in_dir("disk/filler"));
		while (admit(s, n, NOW, NOW) == ERR_OK)
			assert_true(++n < 100000);
		before = used(s, TODAY, "a");
		assert_int_equal(admit(s, n, NOW, NOW), ERR_LEDGER);
		assert_int_equal(spend(s, "b", 9, NOW), ERR_LEDGER);
		unlink(in_dir("disk/filler"));
		assert_int_equal(used(s, TODAY, "a"), before);
		assert_int_equal(used(s, TODAY, "b"), 0);
		assert_int_equal(admit(s, n, NOW, NOW), ERR_OK);
		assert_int_equal(admit(s, n, NOW, NOW), ERR_REPLAY);
		n++;
	}
	assert_int_equal(logged("ledger_available"), 4);
	ledger_free(s);
	assert_int_equal(umount(in_dir("disk")), 0);
}

static int
remove_disk(void **state)
{

	(void)umount2(in_dir("disk"), MNT_DETACH);
	return (remove_dir(state));
}

/* The log of changes is written back and stays short. */
static void
the_journal_stays_short(void **state)
{
	struct ledger *s = born();
	struct stat st;
	int64_t n;

	(void)state;
	for (n = 10; n < 3010; n++)
		assert_int_equal(admit(s, n, NOW, NOW), ERR_OK);
	assert_int_equal(stat(in_dir("store.sqlite-wal"), &st), 0);
	assert_in_range(st.st_size, 1, 20 << 20);
	ledger_free(s);
}

/* --- clocks -------------------------------------------------------------- */

/* The ledger, opened in that run of the machine. */
static struct ledger *
opened_in(const char *boot_id)
{
	struct ledger_options o = { .directory = dir, .redis_url = "",
	    .redis_password_file = "", .wait_ms = 5000, .boot_id = boot_id };
	struct ledger *s;

	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	return (s);
}

/* As admit(), on a machine that was started an hour before NOW, and whose clock
   is ahead by ${ahead_ms}; all times are the right ones. */
static enum err
admit_ahead(struct ledger *s, int64_t n, int64_t signed_ms, int64_t now_ms,
    int64_t ahead_ms)
{
	struct ledger_request r = request(n, signed_ms, now_ms + ahead_ms);
	struct ledger_result out;

	r.boot_ms = NOW - 3600000 + ahead_ms;
	return (ledger_admit(s, &r, &out));
}

static void
a_birth_under_a_wrong_clock_shuts_nobody_out(void **state)
{
	static const int64_t ahead[] = { DAY_MS, 30 * DAY_MS, -DAY_MS,
	    -300000, -NOW / 2 };
	struct ledger *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		s = opened_in("one");
		assert_int_equal(admit_ahead(s, 1, 0, NOW, ahead[i]),
		    ERR_SIGNED_EARLY);

		/* It is put right: what was signed before is still refused. */
		assert_int_equal(admit_ahead(s, 2, NOW, NOW + 5, 0),
		    ERR_SIGNED_EARLY);
		assert_int_equal(admit_ahead(s, 2, NOW + 1, NOW + 5, 0),
		    ERR_OK);
		ledger_free(s);
		s = opened_in("one");
		assert_int_equal(admit_ahead(s, 3, NOW, NOW + 5, 0),
		    ERR_SIGNED_EARLY);
		assert_int_equal(admit_ahead(s, 2, NOW + 1, NOW + 5, 0),
		    ERR_REPLAY);
		ledger_free(s);
		remove_database();
	}
	assert_int_equal(logged("\n"), 0);
}

/* The next start of the machine refuses what was signed before it; how long the
   last one had run says nothing any more. */
static void
a_birth_ends_with_the_run_of_the_machine(void **state)
{
	struct ledger *s = opened_in("one");
	struct ledger_request r;
	struct ledger_result out;

	(void)state;
	assert_int_equal(admit_ahead(s, 1, 0, NOW, 0), ERR_SIGNED_EARLY);
	ledger_free(s);
	s = opened_in("two");
	r = request(2, NOW + 60001, NOW + 60005);
	r.boot_ms = NOW + 60000;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	r.replay_key = key(3);
	r.signed_at_ms = NOW + 60000;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_SIGNED_EARLY);
	ledger_free(s);
}

/* For an hour it serves clients whose clocks are wrong in the same way. */
static void
a_clock_that_was_ahead_for_long_shuts_nobody_out(void **state)
{
	struct ledger *s = opened_in("one");
	int64_t n, t;

	(void)state;
	assert_int_equal(admit_ahead(s, 1, 0, NOW, 0), ERR_SIGNED_EARLY);
	assert_int_equal(admit_ahead(s, 2, NOW + 1, NOW + 1, 0), ERR_OK);
	for (n = 100; n < 160; n++) {
		t = NOW + 60000 * (n - 99);
		assert_int_equal(admit_ahead(s, n, t + DAY_MS, t, DAY_MS),
		    ERR_OK);
	}
	t = NOW + 62 * 60000;
	assert_int_equal(admit_ahead(s, 2, NOW + 1, t, 0), ERR_SIGNED_EARLY);
	assert_int_equal(admit_ahead(s, 3, t, t, 0), ERR_OK);
	assert_int_equal(admit_ahead(s, 3, t, t, 0), ERR_REPLAY);
	assert_int_equal(logged("\n"), 0);

	/* A day later nothing of that time is let in again. */
	for (n = 100; n < 160; n++) {
		t = NOW + 60000 * (n - 99) + DAY_MS;
		assert_int_not_equal(admit_ahead(s, n, t, t, 0), ERR_OK);
	}
	t = NOW + 62 * 60000 + DAY_MS;
	assert_int_equal(admit_ahead(s, 4, t, t, 0), ERR_OK);
	ledger_free(s);
}

static void
a_floor_in_the_future_is_a_failure_of_ours_and_told_once(void **state)
{
	struct ledger *s = born();
	char sql[100];
	int i;

	(void)state;
	snprintf(sql, sizeof(sql), "UPDATE meta SET floor_ms = %" PRId64,
	    NOW + DAY_MS);
	change(sql);
	for (i = 0; i < 3; i++)
		assert_int_equal(admit(s, 2, NOW, NOW), ERR_LEDGER);
	assert_int_equal(logged("ledger_unavailable"), 1);
	assert_int_equal(logged("a clock is or was wrong"), 1);
	assert_int_equal(admit(s, 2, NOW + DAY_MS + 1, NOW + DAY_MS), ERR_OK);
	assert_int_equal(logged("ledger_available"), 1);
	ledger_free(s);
}

/* It has a floor only: its birth, and what it forgot. */
static void
a_ledger_of_before_is_completed(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	ledger_free(s);
	change("DROP TABLE clock");
	s = opened_in("one");
	assert_int_equal(admit_ahead(s, 3, NOW - 600000, NOW, 0),
	    ERR_SIGNED_EARLY);
	assert_int_equal(admit_ahead(s, 3, NOW - 599999, NOW, 0), ERR_OK);
	assert_int_equal(admit_ahead(s, 2, NOW, NOW, 0), ERR_REPLAY);
	change("DELETE FROM clock");
	assert_int_equal(admit(s, 4, NOW, NOW), ERR_LEDGER);
	assert_int_equal(logged("damaged"), 1);
	ledger_free(s);
}

static const struct CMUnitTest tests[] = {
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	IN_DIR(the_files_of_the_ledger_are_closed_to_others),
	IN_DIR(a_directory_that_cannot_be_is_refused),
	cmocka_unit_test(network_file_systems_are_known_by_their_number),
	IN_DIR(a_missing_directory_is_told_at_its_begin_and_end),
	IN_DIR(a_ledger_that_was_deleted_begins_again),
	IN_DIR(a_ledger_deleted_under_two_processes_begins_once),
	IN_DIR(an_empty_file_becomes_a_ledger),
	IN_DIR(a_damaged_ledger_refuses_and_stays_as_it_is),
	IN_DIR(a_database_of_another_form_is_refused),
	IN_DIR(counters_of_more_than_a_week_ago_are_deleted),
	IN_DIR(the_highest_count_does_not_pass_a_limit),
	IN_DIR(a_lock_that_is_held_is_waited_for_in_full),
	IN_DIR(a_lock_whose_holder_dies_is_taken_at_once),
	IN_DIR(a_process_killed_at_birth_leaves_a_good_ledger),
	IN_DIR(a_database_that_is_written_to_is_waited_for),
	cmocka_unit_test_setup_teardown(a_full_disk_refuses_and_recovers,
	    make_dir, remove_disk),
	IN_DIR(the_journal_stays_short),
	IN_DIR(a_birth_under_a_wrong_clock_shuts_nobody_out),
	IN_DIR(a_birth_ends_with_the_run_of_the_machine),
	IN_DIR(a_clock_that_was_ahead_for_long_shuts_nobody_out),
	IN_DIR(a_floor_in_the_future_is_a_failure_of_ours_and_told_once),
	IN_DIR(a_ledger_of_before_is_completed),
};

TEST_MAIN(tests)
