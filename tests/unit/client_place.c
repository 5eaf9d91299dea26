#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "test.h"
#include "tmpdir.h"

static char dir[200];
static struct place p;

static int
open_place(void **state)
{

	(void)state;
	return (tmpdir_make(dir, sizeof(dir)) != 0 ||
	    place_open(&p, dir) != NULL);
}

static int
close_place(void **state)
{

	(void)state;
	place_close(&p);
	tmpdir_clear(dir);
	return (0);
}

/* Is there such a file that is not whole? */
static bool
has_part(const char *id)
{

	return (faccessat(p.own, id, F_OK, 0) == 0);
}

static void
a_part_is_locked_until_it_is_closed(void **state)
{
	int fd = place_part(&p, "a.part");

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(place_part(&p, "a.part"), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	close(fd);
	assert_int_not_equal(fd = place_part(&p, "a.part"), -1);
	close(fd);
	place_drop(&p, "a.part");
}

/* Load the file again and again, as another run does. */
static void
load_for_ever(void)
{
	int fd;

	for (;;) {
		if ((fd = place_part(&p, "a.part")) == -1)
			continue;
		(void)place_take(&p, "a.part", "sub/whole");
		close(fd);
	}
}

static void
a_part_is_never_the_file_that_another_run_has_named(void **state)
{
	struct stat part, name;
	unsigned got = 0, tries;
	pid_t pid = fork();
	int fd;

	(void)state;
	if (pid == 0) {
		alarm(20);
		load_for_ever();
	}
	for (tries = 0; tries < 2000000 && got < 3000; tries++) {
		if ((fd = place_part(&p, "a.part")) == -1)
			continue;
		got++;
		assert_int_equal(fstat(fd, &part), 0);
		assert_int_equal(fstatat(p.own, "a.part", &name, 0), 0);
		assert_true(part.st_ino == name.st_ino);
		close(fd);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(got > 0);
	place_drop(&p, "a.part");
}

static void
a_sweep_removes_old_parts_that_nobody_has(void **state)
{
	const int64_t later = (int64_t)time(NULL) + 100;
	int held = place_part(&p, "held.part");

	(void)state;
	close(place_part(&p, "old.part"));
	close(place_part(&p, "other"));
	assert_int_equal(symlinkat("old.part", p.own, "link.part"), 0);
	place_sweep(&p, ".part", later - 1000);
	assert_true(has_part("old.part"));
	place_sweep(&p, ".part", later);
	assert_false(has_part("old.part"));
	assert_true(has_part("held.part"));
	assert_true(has_part("other"));
	close(held);
	place_sweep(&p, ".part", later);
	assert_false(has_part("held.part"));
	assert_int_equal(unlinkat(p.own, "link.part", 0), 0);
	place_drop(&p, "other");
}

static void
a_directory_of_parts_that_others_may_write_to_is_refused(void **state)
{
	struct place other;
	struct stat st;

	(void)state;
	assert_int_equal(fstat(p.own, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fchmod(p.own, 0720), 0);
	assert_non_null(place_open(&other, dir));
	assert_int_equal(fchmod(p.own, 0702), 0);
	assert_non_null(place_open(&other, dir));
	assert_true(other.dir == -1 && other.own == -1);
	assert_int_equal(fchmod(p.own, 0755), 0);
	assert_null(place_open(&other, dir));
	place_close(&other);
}

static void
a_directory_of_parts_of_another_user_is_refused(void **state)
{
	struct place other;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(fchown(p.own, 65534, 65534), 0);
	assert_non_null(place_open(&other, dir));
	assert_true(has_part("."));
	assert_int_equal(fchown(p.own, 0, 0), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(a_part_is_locked_until_it_is_closed,
	    open_place, close_place),
	cmocka_unit_test_setup_teardown(
	    a_part_is_never_the_file_that_another_run_has_named, open_place,
	    close_place),
	cmocka_unit_test_setup_teardown(
	    a_sweep_removes_old_parts_that_nobody_has, open_place, close_place),
	cmocka_unit_test_setup_teardown(
	    a_directory_of_parts_that_others_may_write_to_is_refused,
	    open_place, close_place),
	cmocka_unit_test_setup_teardown(
	    a_directory_of_parts_of_another_user_is_refused, open_place,
	    close_place),
};

TEST_MAIN(tests)
