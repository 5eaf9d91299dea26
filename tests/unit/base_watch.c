#include "test.h"
#include "tmpdir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "base/watch.h"

static char dir[4000], path[4096], other[4096], into[4096];
static struct watch w;

/* Now, by the clock that files have their times from. */
static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void
write_file(const char *name, const char *text)
{
	const size_t n = strlen(text);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_true(write(fd, text, n) == (ssize_t)n);
	close(fd);
}

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(other, sizeof(other), "%s/b", dir);
	snprintf(into, sizeof(into), "%s/c", dir);
	memset(&w, 0, sizeof(w));
	write_file(path, "one");
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	tmpdir_clear(dir);
	return (rmdir(dir));
}

/* Let the file be read, as of ${t}. */
static void
was_read(int64_t t)
{

	assert_true(watch_changed(&w, path, t));
	assert_false(watch_changed(&w, path, t + 1000));
}

static void
a_file_that_stays_is_read_once(void **state)
{
	const int64_t t = now_ms() + 5000;
	int i;

	(void)state;
	was_read(t);
	for (i = 2; i < 20; i++)
		assert_false(watch_changed(&w, path, t + i * 1000));
}

static void
a_file_that_changed_a_second_ago_is_read_at_once(void **state)
{
	const int64_t t = now_ms() + 5000;

	(void)state;
	was_read(t);
	write_file(path, "two");
	assert_true(watch_changed(&w, path, t + 2000));
	write_file(other, "new");
	assert_int_equal(rename(other, path), 0);
	assert_true(watch_changed(&w, path, t + 3000));
	assert_false(watch_changed(&w, path, t + 4000));
}

static void
a_file_that_is_just_changing_is_read_a_second_later(void **state)
{
	const int64_t t = now_ms() - 5000;

	(void)state;
	assert_false(watch_changed(&w, path, t));
	assert_true(watch_changed(&w, path, t + 1000));
	write_file(path, "first half");
	assert_false(watch_changed(&w, path, t + 2000));
	write_file(path, "first half and second half");
	assert_false(watch_changed(&w, path, t + 3000));
	assert_true(watch_changed(&w, path, t + 4000));
}

static void
a_file_is_looked_at_once_a_second(void **state)
{
	const int64_t t = now_ms() + 5000;
	int i;

	(void)state;
	was_read(t);
	write_file(path, "another");
	for (i = 1001; i < 2000; i++)
		assert_false(watch_changed(&w, path, t + i));
	assert_true(watch_changed(&w, path, t + 2000));
}

static void
a_clock_that_is_set_back_stops_no_look(void **state)
{
	const int64_t t = now_ms() + 5000;

	(void)state;
	was_read(t);
	write_file(path, "another");
	assert_false(watch_changed(&w, path, t - 3600000));
	assert_true(watch_changed(&w, path, t - 3599000));
}

static void
a_link_that_leads_to_another_file_is_a_change(void **state)
{
	const int64_t t = now_ms() + 5000;

	(void)state;
	write_file(other, "one");
	assert_int_equal(symlink(path, into), 0);
	assert_true(watch_changed(&w, into, t));
	assert_false(watch_changed(&w, into, t + 1000));
	assert_int_equal(unlink(into), 0);
	assert_int_equal(symlink(other, into), 0);
	assert_true(watch_changed(&w, into, t + 2000));
}

static void
a_missing_file_is_a_change_once_it_stays_away(void **state)
{
	const int64_t t = now_ms() + 5000;

	(void)state;
	was_read(t);
	assert_int_equal(unlink(path), 0);
	assert_false(watch_changed(&w, path, t + 2000));
	assert_true(watch_changed(&w, path, t + 3000));
	assert_false(watch_changed(&w, path, t + 4000));
	write_file(path, "back");
	assert_true(watch_changed(&w, path, t + 5000));
}

static void
a_file_that_could_not_be_used_is_read_at_each_look(void **state)
{
	const int64_t t = now_ms() + 5000;
	int i;

	(void)state;
	was_read(t);
	for (i = 2; i < 6; i++) {
		watch_again(&w);
		assert_true(watch_changed(&w, path, t + i * 1000));
	}
	assert_false(watch_changed(&w, path, t + i * 1000));
}

static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	TEST(a_file_that_stays_is_read_once),
	TEST(a_file_that_changed_a_second_ago_is_read_at_once),
	TEST(a_file_that_is_just_changing_is_read_a_second_later),
	TEST(a_file_is_looked_at_once_a_second),
	TEST(a_clock_that_is_set_back_stops_no_look),
	TEST(a_link_that_leads_to_another_file_is_a_change),
	TEST(a_missing_file_is_a_change_once_it_stays_away),
	TEST(a_file_that_could_not_be_used_is_read_at_each_look),
};

TEST_MAIN(tests)
