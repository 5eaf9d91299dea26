#include "test.h"
#include "tmpdir.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "state/shared.h"

#define SIZE 100000
#define HEAD "this form"
#define COUNT_AT 64	/* behind head and salt */

static const struct shared_form form = { HEAD, sizeof(HEAD), SIZE, false };
static char dir[4000], path[4096];
static int saved_stderr;

static int
setup(void **state)
{
	int null;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/a", dir);

	/* What is refused is logged as well: not here. */
	saved_stderr = dup(2);
	null = open("/dev/null", O_WRONLY);
	if (saved_stderr == -1 || null == -1 || dup2(null, 2) == -1)
		return (-1);
	return (close(null));
}

static int
teardown(void **state)
{

	(void)state;
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	(void)umount2(dir, MNT_DETACH);		/* what disk_full() left */
	return (tmpdir_clear(dir) == 0 ? rmdir(dir) : -1);
}

static size_t
names(void)
{
	struct dirent *d;
	size_t n = 0;
	DIR *all;

	all = opendir(dir);
	assert_non_null(all);
	while ((d = readdir(all)) != NULL)
		n++;
	closedir(all);
	return (n - 2);
}

static uint8_t *
opened(void)
{
	void *map;

	assert_int_equal(shared_open(path, &form, &map), ERR_OK);
	assert_non_null(map);
	return (map);
}

static void
put(const void *data, size_t len, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* Nothing is opened, and what is there stays. */
static void
assert_refused(void)
{
	struct stat before, after;
	int there = lstat(path, &before);
	size_t n = names();
	void *map = dir;

	assert_int_equal(shared_open(path, &form, &map), ERR_IO);
	assert_null(map);
	assert_int_equal(lstat(path, &after), there);
	if (there == 0)
		assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(names(), n);
}

static void
a_new_file_holds_its_head_a_salt_and_zeros(void **state)
{
	static const uint8_t zero[SIZE];
	struct stat st;
	uint8_t *a, *b;

	(void)state;
	a = opened();
	assert_memory_equal(a, HEAD, sizeof(HEAD));
	assert_memory_not_equal(a + sizeof(HEAD), zero, SHARED_SALT_LEN);
	assert_memory_equal(a + sizeof(HEAD) + SHARED_SALT_LEN, zero,
	    SIZE - sizeof(HEAD) - SHARED_SALT_LEN);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(st.st_size, SIZE);
	assert_true(st.st_blocks * 512 >= SIZE);
	assert_int_equal(names(), 1);

	b = opened();
	a[SIZE - 1] = 7;
	assert_int_equal(b[SIZE - 1], 7);
	shared_close(a, SIZE);
	shared_close(b, SIZE);
	a = opened();
	assert_int_equal(a[SIZE - 1], 7);
	shared_close(a, SIZE);
}

/* Deleted: who has it keeps it, who comes makes another one. */
static void
a_file_that_was_deleted_is_made_again(void **state)
{
	uint8_t *a, *b;

	(void)state;
	a = opened();
	a[SIZE - 1] = 7;
	assert_int_equal(unlink(path), 0);
	b = opened();
	assert_int_equal(b[SIZE - 1], 0);
	assert_memory_not_equal(a + sizeof(HEAD), b + sizeof(HEAD),
	    SHARED_SALT_LEN);
	assert_int_equal(a[SIZE - 1], 7);
	shared_close(a, SIZE);
	shared_close(b, SIZE);
}

static void
assert_replaced(const void *data, size_t len)
{
	uint8_t *a;

	put(data, len, 0600);
	a = opened();
	assert_memory_equal(a, HEAD, sizeof(HEAD));
	assert_int_equal(a[SIZE - 1], 0);
	assert_int_equal(names(), 1);
	shared_close(a, SIZE);
}

static void
a_file_of_another_form_is_replaced(void **state)
{
	static const struct shared_form look = { HEAD, sizeof(HEAD), SIZE,
	    true };
	static char data[SIZE + 1];
	struct stat st;
	uint8_t *a;
	void *map;
	int fd;

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_replaced(data, SIZE);
	memcpy(data, HEAD, sizeof(HEAD));
	assert_replaced(data, 0);
	assert_replaced(data, 1);
	assert_replaced(data, sizeof(HEAD));
	assert_replaced(data, SIZE - 1);
	assert_replaced(data, SIZE + 1);
	data[0] ^= 1;
	assert_replaced(data, SIZE);
	data[0] ^= 1;
	data[sizeof(HEAD) - 1] ^= 1;
	assert_replaced(data, SIZE);
	data[sizeof(HEAD) - 1] ^= 1;

	/* Who only looks replaces nothing. */
	put(data, SIZE - 1, 0600);
	assert_int_equal(shared_open(path, &look, &map), ERR_IO);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, SIZE - 1);

	/* The right one is not. */
	put(data, SIZE, 0600);
	a = opened();
	assert_int_equal(a[SIZE - 1], 'x');
	shared_close(a, SIZE);

	/* It is another file: whoever reads the old one loses nothing. */
	put(data, SIZE - 1, 0600);
	fd = open(path, O_RDONLY);
	shared_close(opened(), SIZE);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, SIZE - 1);
	assert_int_equal(st.st_nlink, 0);
	close(fd);
}

static void
a_link_or_a_file_open_to_others_is_refused(void **state)
{
	char target[4200];
	struct stat st;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(symlink(target, path), 0);
	assert_refused();
	assert_int_equal(access(target, F_OK), -1);
	unlink(path);

	shared_close(opened(), SIZE);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_refused();
	unlink(path);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused();
	rmdir(path);

	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(5);
	assert_refused();
	alarm(0);

	put("", 0, 0640);
	assert_refused();
	put("", 0, 0602);
	assert_refused();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);

	memset(path + strlen(path), 'a', 300);
	assert_refused();
	snprintf(path, sizeof(path), "%s/none/a", dir);
	assert_refused();
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_refused();
	path[0] = '\0';
	assert_refused();
}

static void
a_file_of_another_user_is_refused(void **state)
{

	(void)state;
	if (geteuid() != 0) {
		print_message("# SKIP only root can give a file away\n");
		skip();
	}
	put("", 0, 0600);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_refused();
}

#define OPENERS 8

/* In a child, once all are there: open it and count there. */
static void
open_and_count(int gate)
{
	void *map;
	char c;

	if (read(gate, &c, 1) != 0 ||
	    shared_open(path, &form, &map) != ERR_OK)
		_exit(1);
	atomic_fetch_add((_Atomic uint8_t *)map + COUNT_AT, 1);
	_exit(0);
}

static void
open_together(void)
{
	pid_t child[OPENERS];
	int gate[2], i, status;
	uint8_t *a;

	assert_int_equal(pipe(gate), 0);
	for (i = 0; i < OPENERS; i++) {
		child[i] = fork();
		assert_true(child[i] != -1);
		if (child[i] == 0) {
			close(gate[1]);
			open_and_count(gate[0]);
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (i = 0; i < OPENERS; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	a = opened();
	assert_int_equal(a[COUNT_AT], OPENERS);
	shared_close(a, SIZE);
	assert_int_equal(names(), 1);
}

/* However many make or replace it, they share one file. */
static void
processes_that_make_the_file_together_share_one(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		unlink(path);
		open_together();
	}
	for (i = 0; i < 40; i++) {
		put("foreign", 7, 0600);
		open_together();
	}
}

/* Who replaces it waits for who is just doing that, and takes what came. */
static void
one_that_replaces_the_file_waits_for_another(void **state)
{
	const struct timespec wait = { 0, 30000000 };
	struct stat before, after;
	char other[4200];
	uint8_t *a;
	pid_t child;
	int fd, status;
	void *map;

	(void)state;
	shared_close(opened(), SIZE);
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_int_equal(rename(path, other), 0);
	put("foreign", 7, 0600);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fstat(fd, &before), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		close(fd);
		if (shared_open(path, &form, &map) != ERR_OK)
			_exit(1);
		((uint8_t *)map)[COUNT_AT] = 7;
		_exit(0);
	}
	nanosleep(&wait, NULL);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(rename(other, path), 0);
	assert_int_equal(stat(path, &before), 0);
	close(fd);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	a = opened();
	assert_int_equal(a[COUNT_AT], 7);
	shared_close(a, SIZE);
	assert_int_equal(names(), 1);
}

/* Killed while it makes and replaces them: the name has a whole one or none. */
static void
a_maker_killed_at_any_moment_leaves_a_whole_file(void **state)
{
	struct timespec wait = { 0, 0 };
	struct stat st;
	void *map;
	pid_t child;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		child = fork();
		assert_true(child != -1);
		while (child == 0) {
			unlink(path);
			if (shared_open(path, &form, &map) != ERR_OK)
				_exit(1);
			shared_close(map, SIZE);
			if (truncate(path, 1) != 0 ||
			    shared_open(path, &form, &map) != ERR_OK)
				_exit(1);
			shared_close(map, SIZE);
		}
		wait.tv_nsec = 1000000 + 100000 * i;
		nanosleep(&wait, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		if (stat(path, &st) == 0)
			assert_true(st.st_size == SIZE || st.st_size == 1);
		shared_close(opened(), SIZE);
	}
}

/* No more than ${most} bytes in a file. */
static int
try_with_limit(rlim_t most)
{
	const struct rlimit less = { most, most };
	void *map;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &less) != 0)
		return (2);
	return (shared_open(path, &form, &map) == ERR_IO ? 0 : 1);
}

static void
no_file_is_left_without_room_for_it(void **state)
{
	pid_t child;
	int status;

	(void)state;
	child = fork();
	assert_true(child != -1);
	if (child == 0)
		_exit(try_with_limit(SIZE - 1));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(names(), 0);
}

static void
no_file_is_made_on_a_full_disk(void **state)
{
	uint8_t *a;

	(void)state;
	if (mount("none", dir, "tmpfs", 0, "size=64k") != 0) {
		print_message("# SKIP no file system of one's own here\n");
		skip();
	}
	assert_refused();
	put("foreign", 7, 0600);
	assert_refused();
	if (mount("none", dir, "tmpfs", MS_REMOUNT, "size=1m") == 0) {
		a = opened();
		memset(a + COUNT_AT, 1, SIZE - COUNT_AT);
		shared_close(a, SIZE);
	}
	assert_int_equal(umount(dir), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(a_new_file_holds_its_head_a_salt_and_zeros),
	T(a_file_that_was_deleted_is_made_again),
	T(a_file_of_another_form_is_replaced),
	T(a_link_or_a_file_open_to_others_is_refused),
	T(a_file_of_another_user_is_refused),
	T(processes_that_make_the_file_together_share_one),
	T(one_that_replaces_the_file_waits_for_another),
	T(a_maker_killed_at_any_moment_leaves_a_whole_file),
	T(no_file_is_left_without_room_for_it),
	T(no_file_is_made_on_a_full_disk)
};

TEST_MAIN(tests)
