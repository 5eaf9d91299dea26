#include "test.h"
#include "tmpdir.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"

static char dir[4000], path[4096];
static int saved_stderr;
static const char *why;

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
	return (tmpdir_clear(dir) == 0 ? rmdir(dir) : -1);
}

static size_t
names_in(const char *where)
{
	struct dirent *d;
	size_t n = 0;
	DIR *all;

	all = opendir(where);
	assert_non_null(all);
	while ((d = readdir(all)) != NULL)
		n++;
	closedir(all);
	return (n - 2);
}

static void
assert_holds(const char *name, const char *text)
{
	char got[64];
	ssize_t n;
	int fd;

	fd = open(name, O_RDONLY);
	assert_true(fd != -1);
	n = read(fd, got, sizeof(got) - 1);
	assert_true(n >= 0);
	close(fd);
	got[n] = '\0';
	assert_string_equal(got, text);
}

static enum err
replace(const char *name, const char *text, mode_t mode)
{

	return (file_replace(name, text, strlen(text), mode));
}

static void
a_file_is_replaced_with_its_mode(void **state)
{
	mode_t before;
	struct stat st;

	(void)state;
	before = umask(077);
	assert_int_equal(replace(path, "old", 0644), ERR_OK);
	assert_holds(path, "old");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(replace(path, "new one", 0600), ERR_OK);
	umask(before);
	assert_holds(path, "new one");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(replace(path, "", 0600), ERR_OK);
	assert_holds(path, "");
	assert_int_equal(names_in(dir), 1);
}

/* Whoever had the old file open keeps it: it is not written over. */
static void
a_reader_of_the_old_file_keeps_it_when_it_is_replaced(void **state)
{
	struct stat before, after;
	char got[8] = "";
	int fd;

	(void)state;
	assert_int_equal(replace(path, "old", 0600), ERR_OK);
	fd = open(path, O_RDONLY);
	assert_int_equal(fstat(fd, &before), 0);
	assert_int_equal(replace(path, "new", 0600), ERR_OK);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_false(file_same(&before, &after));
	assert_int_equal(read(fd, got, sizeof(got)), 3);
	assert_string_equal(got, "old");
	close(fd);
}

#define WHOLE 300000

/* A reader beside a writer sees one fill or the other, whole. */
static void
a_reader_sees_the_old_file_or_the_new_one_whole(void **state)
{
	static char data[WHOLE];
	struct file_map map;
	size_t i, looks;
	pid_t child;
	int status;

	(void)state;
	memset(data, 'A', WHOLE);
	assert_int_equal(file_replace(path, data, WHOLE, 0600), ERR_OK);
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		for (i = 0; i < 60; i++) {
			memset(data, i % 2 == 0 ? 'B' : 'A', WHOLE);
			if (file_replace(path, data, WHOLE, 0600) != ERR_OK)
				_exit(1);
		}
		_exit(0);
	}
	for (looks = 0; waitpid(child, &status, WNOHANG) == 0; looks++) {
		assert_int_equal(file_map_open(path, WHOLE, &map, &why), ERR_OK);
		assert_int_equal(map.len, WHOLE);
		for (i = 1; i < WHOLE; i += 997)
			assert_int_equal(((const char *)map.data)[i],
			    ((const char *)map.data)[0]);
		file_map_close(&map);
	}
	assert_true(looks > 0);
	assert_int_equal(status, 0);
	assert_int_equal(names_in(dir), 1);
}

static void
creates_only_what_is_not_there(void **state)
{
	char target[4200];
	struct stat st;

	(void)state;
	assert_int_equal(file_create(path, "one", 3, 0600), ERR_OK);
	assert_holds(path, "one");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(file_create(path, "two", 3, 0600), ERR_IO);
	assert_holds(path, "one");
	assert_int_equal(names_in(dir), 1);

	/* A link counts as there, and is not followed. */
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(file_create(path, "two", 3, 0600), ERR_IO);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(names_in(dir), 1);
}

static void
a_link_is_replaced_and_not_followed(void **state)
{
	char target[4200];
	struct stat st;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(replace(target, "kept", 0600), ERR_OK);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(replace(path, "new", 0600), ERR_OK);
	assert_holds(target, "kept");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

/* Each failure leaves what was there and nothing beside it. */
static void
a_failed_write_leaves_the_old_file_and_no_other(void **state)
{
	char name[PATH_MAX + 8];

	(void)state;
	/* The name is a directory: only the last step can fail. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(replace(path, "x", 0600), ERR_IO);
	assert_int_equal(file_create(path, "x", 1, 0600), ERR_IO);
	assert_int_equal(names_in(dir), 1);
	assert_int_equal(names_in(path), 0);
	assert_int_equal(rmdir(path), 0);

	/* No such directory; not a directory. */
	snprintf(name, sizeof(name), "%s/none/a", dir);
	assert_int_equal(replace(name, "x", 0600), ERR_IO);
	assert_int_equal(replace(path, "old", 0600), ERR_OK);
	snprintf(name, sizeof(name), "%s/a/b", dir);
	assert_int_equal(replace(name, "x", 0600), ERR_IO);
	assert_holds(path, "old");
	assert_int_equal(names_in(dir), 1);

	/* A name for which there is no room. */
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[PATH_MAX - 1] = '\0';
	assert_int_equal(replace(name, "x", 0600), ERR_IO);
	name[PATH_MAX - 7] = '\0';
	assert_int_equal(replace(name, "x", 0600), ERR_IO);
}

/* Run as somebody whom permissions bind; 0 is all well. */
static int
as_somebody(int (*f)(void))
{
	int status = -1;
	pid_t child;

	if (geteuid() == 0 && chown(dir, 65534, 65534) != 0) {
		print_message("# SKIP there is no other user here\n");
		skip();
	}
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		_exit(f());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return (status);
}

static int
try_to_write(void)
{

	return (replace(path, "new", 0600) == ERR_IO ? 0 : 1);
}

static void
a_directory_without_write_permission_is_left_alone(void **state)
{

	(void)state;
	assert_int_equal(replace(path, "old", 0644), ERR_OK);
	assert_int_equal(chmod(dir, 0500), 0);
	assert_int_equal(as_somebody(try_to_write), 0);
	assert_holds(path, "old");
	assert_int_equal(names_in(dir), 1);
}

/* One can write in it but not open it, so not sync it: found out before, not
   after, the old file is gone. */
static void
a_directory_that_cannot_be_synced_is_left_alone(void **state)
{

	(void)state;
	assert_int_equal(replace(path, "old", 0644), ERR_OK);
	assert_int_equal(chmod(dir, 0300), 0);
	assert_int_equal(as_somebody(try_to_write), 0);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_holds(path, "old");
	assert_int_equal(names_in(dir), 1);
}

static int
write_too_much(void)
{
	static char data[100000];
	const struct rlimit less = { 50000, 50000 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &less) != 0)
		return (2);
	return (file_replace(path, data, sizeof(data), 0600) == ERR_IO &&
	    file_create(path, data, sizeof(data), 0600) == ERR_IO ? 0 : 1);
}

static void
a_write_beyond_the_limit_leaves_the_old_file(void **state)
{

	(void)state;
	assert_int_equal(replace(path, "old", 0644), ERR_OK);
	assert_int_equal(as_somebody(write_too_much), 0);
	assert_holds(path, "old");
	assert_int_equal(names_in(dir), 1);
}

static void
a_name_without_a_directory_is_a_file_beside_us(void **state)
{
	int here;

	(void)state;
	here = open(".", O_RDONLY | O_DIRECTORY);
	assert_true(here != -1);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(replace("a", "text", 0600), ERR_OK);
	assert_int_equal(file_create("b", "text", 4, 0600), ERR_OK);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_holds(path, "text");
}

static void
a_file_is_mapped_with_its_bytes_and_length(void **state)
{
	struct file_map map;

	(void)state;
	assert_int_equal(replace(path, "12345", 0600), ERR_OK);
	assert_int_equal(file_map_open(path, 5, &map, &why), ERR_OK);
	assert_int_equal(map.len, 5);
	assert_int_equal(map.st.st_size, 5);
	assert_memory_equal(map.data, "12345", 5);
	file_map_close(&map);
	assert_null(map.data);
	file_map_close(&map);
}

static void
map_refused(enum err e, const char *name, size_t max_bytes)
{
	struct file_map map;

	memset(&map, 0xaa, sizeof(map));
	assert_int_equal(file_map_open(name, max_bytes, &map, &why), e);
	assert_null(map.data);
	file_map_close(&map);
}

static void
a_file_that_cannot_be_mapped_is_refused(void **state)
{

	(void)state;
	map_refused(ERR_IO, path, 10);
	assert_int_equal(replace(path, "12345", 0600), ERR_OK);
	map_refused(ERR_FORMAT, path, 4);
	assert_int_equal(replace(path, "", 0600), ERR_OK);
	map_refused(ERR_FORMAT, path, 10);
	map_refused(ERR_FORMAT, dir, 1 << 20);

	/* With nobody on its other end a FIFO must not hold us. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(5);
	map_refused(ERR_FORMAT, path, 10);
	alarm(0);
}

static void
two_states_of_a_file_are_compared_by_what_matters(void **state)
{
	struct stat a, b;

	(void)state;
	assert_int_equal(replace(path, "12345", 0600), ERR_OK);
	assert_int_equal(stat(path, &a), 0);
	b = a;
	assert_true(file_same(&a, &b));
	b.st_atim.tv_sec++;
	b.st_nlink++;
	assert_true(file_same(&a, &b));
#define DIFFERS(field)							\
	do {								\
		b = a;							\
		b.field++;						\
		assert_false(file_same(&a, &b));			\
	} while (0)
	DIFFERS(st_dev);
	DIFFERS(st_ino);
	DIFFERS(st_size);
	DIFFERS(st_mtim.tv_sec);
	DIFFERS(st_mtim.tv_nsec);
	DIFFERS(st_ctim.tv_sec);
	DIFFERS(st_ctim.tv_nsec);
#undef DIFFERS
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(a_file_is_replaced_with_its_mode),
	T(a_reader_of_the_old_file_keeps_it_when_it_is_replaced),
	T(a_reader_sees_the_old_file_or_the_new_one_whole),
	T(creates_only_what_is_not_there),
	T(a_link_is_replaced_and_not_followed),
	T(a_failed_write_leaves_the_old_file_and_no_other),
	T(a_directory_without_write_permission_is_left_alone),
	T(a_directory_that_cannot_be_synced_is_left_alone),
	T(a_write_beyond_the_limit_leaves_the_old_file),
	T(a_name_without_a_directory_is_a_file_beside_us),
	T(a_file_is_mapped_with_its_bytes_and_length),
	T(a_file_that_cannot_be_mapped_is_refused),
	T(two_states_of_a_file_are_compared_by_what_matters)
};

TEST_MAIN(tests)
