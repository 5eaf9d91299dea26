#include "test.h"
#include "tmpdir.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/process.h"
#include "base/secret.h"

#define WORD "correct horse"

static char dir[4000], path[4096], said_path[4096], said[8192];
static int saved_stderr;

/* Standard error goes into a file, so that what was said can be looked at. */
static int
setup(void **state)
{
	int fd;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(said_path, sizeof(said_path), "%s/said", dir);
	saved_stderr = dup(2);
	fd = open(said_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (saved_stderr == -1 || fd == -1 || dup2(fd, 2) == -1)
		return (-1);
	return (close(fd));
}

static int
teardown(void **state)
{

	(void)state;
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	unlink(said_path);
	if (unlink(path) != 0)
		rmdir(path);
	return (rmdir(dir));
}

static void
said_read(void)
{
	ssize_t n;
	int fd;

	fd = open(said_path, O_RDONLY);
	assert_true(fd != -1);
	n = read(fd, said, sizeof(said) - 1);
	assert_true(n >= 0);
	said[n] = '\0';
	close(fd);
	assert_int_equal(truncate(said_path, 0), 0);
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

static void
taken(const char *want)
{
	struct secret *s = NULL;

	assert_int_equal(secret_load(path, &s), ERR_OK);
	assert_non_null(s);
	assert_string_equal(secret_bytes(s), want);
	assert_int_equal(secret_len(s), strlen(want));
	secret_free(s);
}

/* The path is told, what the file holds never. */
static void
refused(enum err e)
{
	struct secret *s = NULL;

	assert_int_equal(secret_load(path, &s), e);
	assert_null(s);
	said_read();
	assert_non_null(strstr(said, "secret_refused"));
	assert_non_null(strstr(said, path));
	assert_null(strstr(said, "correct"));
	assert_null(strstr(said, "horse"));
}

static void
a_secret_file_must_be_closed_to_others(void **state)
{
	mode_t mode;

	(void)state;
	put(WORD, strlen(WORD), 0600);
	for (mode = 0; mode <= 0777; mode++) {
		/* Whether the owner may read does not bind root. */
		if ((mode & 0400) == 0)
			continue;
		assert_int_equal(chmod(path, mode), 0);
		if ((mode & 0037) == 0)
			taken(WORD);
		else
			refused(ERR_UNSAFE);
	}
	/* The ones that operators use, by name. */
	put(WORD, strlen(WORD), 0644);
	refused(ERR_UNSAFE);
	put(WORD, strlen(WORD), 0660);
	refused(ERR_UNSAFE);
	put(WORD, strlen(WORD), 0640);
	taken(WORD);
	put(WORD, strlen(WORD), 0600);
	taken(WORD);
	put(WORD, strlen(WORD), 0400);
	taken(WORD);
}

static void
a_secret_file_of_another_user_is_refused(void **state)
{

	(void)state;
	if (geteuid() != 0) {
		print_message("# SKIP only root can give a file away\n");
		skip();
	}
	put(WORD, strlen(WORD), 0600);
	assert_int_equal(chown(path, 65534, 0), 0);
	refused(ERR_UNSAFE);
	assert_int_equal(chown(path, 0, 65534), 0);
	taken(WORD);
}

static void
one_line_end_after_a_secret_is_dropped(void **state)
{

	(void)state;
	put(WORD "\n", strlen(WORD) + 1, 0600);
	taken(WORD);
	put(WORD "\r\n", strlen(WORD) + 2, 0600);
	taken(WORD);
	put(WORD "\n\n", strlen(WORD) + 2, 0600);
	taken(WORD "\n");
	put("x", 1, 0600);
	taken("x");
}

static void
a_secret_that_is_empty_or_too_long_is_refused(void **state)
{
	char data[SECRET_MAX + 2];
	struct secret *s;

	(void)state;
	memset(data, 'k', sizeof(data));
	put("", 0, 0600);
	refused(ERR_FORMAT);
	put("\n", 1, 0600);
	refused(ERR_FORMAT);
	put("\r\n", 2, 0600);
	refused(ERR_FORMAT);
	put(data, SECRET_MAX, 0600);
	assert_int_equal(secret_load(path, &s), ERR_OK);
	assert_int_equal(secret_len(s), SECRET_MAX);
	assert_memory_equal(secret_bytes(s), data, SECRET_MAX);
	assert_int_equal(secret_bytes(s)[SECRET_MAX], 0);
	secret_free(s);
	put(data, SECRET_MAX + 1, 0600);
	refused(ERR_FORMAT);
}

/* Every length puts the end elsewhere against the guard page. */
static void
a_secret_of_every_length_ends_before_the_guard_page(void **state)
{
	char data[70];
	struct secret *s;
	size_t len;

	(void)state;
	memset(data, 'k', sizeof(data));
	for (len = 1; len <= sizeof(data); len++) {
		put(data, len, 0600);
		assert_int_equal(secret_load(path, &s), ERR_OK);
		assert_int_equal(strlen(secret_bytes(s)), len);
		secret_free(s);
	}
}

static void
a_secret_with_a_nul_is_refused(void **state)
{

	(void)state;
	put("correct\0horse", 13, 0600);
	refused(ERR_FORMAT);
	put("correct\0", 8, 0600);
	refused(ERR_FORMAT);
	put("correct\0\n", 9, 0600);
	refused(ERR_FORMAT);
}

static void
links_directories_and_fifos_are_refused_as_secrets(void **state)
{
	char target[4200];

	(void)state;
	unlink(path);
	refused(ERR_IO);

	/* A link of ours is one that we meant; see base_trusted.c. */
	snprintf(target, sizeof(target), "%s/target", dir);
	put(WORD, strlen(WORD), 0600);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	taken(WORD);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(target), 0);

	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(5);
	refused(ERR_FORMAT);
	alarm(0);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(mkdir(path, 0700), 0);
	refused(ERR_FORMAT);
}

#define NAME "FOLDERGATE_TEST_SECRET"

static void
a_secret_is_taken_out_of_the_environment(void **state)
{
	static char variable[] = NAME "=" WORD, empty[] = NAME "=";
	struct secret *s = NULL;
	size_t i;

	(void)state;
	assert_int_equal(putenv(variable), 0);
	assert_int_equal(secret_take_env(NAME, &s), ERR_OK);
	assert_non_null(s);
	assert_string_equal(secret_bytes(s), WORD);
	assert_int_equal(secret_len(s), strlen(WORD));
	secret_free(s);

	/* The very bytes that were the environment's. */
	for (i = sizeof(NAME); i < sizeof(variable); i++)
		assert_int_equal(variable[i], 0);
	assert_memory_equal(variable, NAME "=", sizeof(NAME));
	said_read();
	assert_non_null(strstr(said, "secret_in_environment"));
	assert_non_null(strstr(said, NAME));
	assert_null(strstr(said, "horse"));

	/* Taken once is taken; empty and unset are none. */
	s = (struct secret *)(void *)variable;
	assert_int_equal(secret_take_env(NAME, &s), ERR_OK);
	assert_null(s);
	assert_int_equal(putenv(empty), 0);
	s = (struct secret *)(void *)variable;
	assert_int_equal(secret_take_env(NAME, &s), ERR_OK);
	assert_null(s);
	assert_int_equal(unsetenv(NAME), 0);
	s = (struct secret *)(void *)variable;
	assert_int_equal(secret_take_env(NAME, &s), ERR_OK);
	assert_null(s);
}

static void
a_secret_in_the_environment_has_the_same_limit(void **state)
{
	static char variable[sizeof(NAME) + SECRET_MAX + 2] = NAME "=";
	char *value = variable + sizeof(NAME);
	struct secret *s;
	size_t i;

	(void)state;
	memset(value, 'k', SECRET_MAX);
	assert_int_equal(putenv(variable), 0);
	assert_int_equal(secret_take_env(NAME, &s), ERR_OK);
	assert_int_equal(secret_len(s), SECRET_MAX);
	secret_free(s);
	memset(value, 'k', SECRET_MAX + 1);
	assert_int_equal(secret_take_env(NAME, &s), ERR_FORMAT);
	assert_null(s);
	for (i = 0; i <= SECRET_MAX; i++)
		assert_int_equal(value[i], 0);
	assert_int_equal(unsetenv(NAME), 0);
}

/* A second one of that name, which getenv() never sees. */
static void
a_secret_that_is_twice_in_the_environment_is_refused(void **state)
{
	char one[] = NAME "=first", two[] = NAME "=second";
	char *both[] = { one, two, NULL }, **saved = environ;
	struct secret *s;

	(void)state;
	environ = both;
	assert_int_equal(secret_take_env(NAME, &s), ERR_FORMAT);
	environ = saved;
	assert_null(s);
	assert_string_equal(one, NAME "=");
	assert_string_equal(two, NAME "=");
}

static void
a_hardened_process_makes_no_core_dump(void **state)
{
	struct rlimit core;
	int status = -1;
	pid_t child;

	(void)state;
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		process_harden();
		_exit(getrlimit(RLIMIT_CORE, &core) == 0 &&
		    core.rlim_cur == 0 && core.rlim_max == 0 &&
		    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	secret_free(NULL);
}

/* What is left of a freed secret can be read only where it stays mapped. */
static void
a_program_for_one_request_wipes_its_secrets_and_leaves_them_mapped(
    void **state)
{
	static const char zero[sizeof(WORD)];
	struct secret *s;
	const char *left;
	int status = -1;
	pid_t child;
	void *room;

	(void)state;
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		secret_leave();
		s = secret_room(strlen(WORD), &room);
		memcpy(room, WORD, strlen(WORD));
		left = secret_bytes(s);
		secret_free(s);
		_exit(memcmp(left, zero, sizeof(zero)) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static void
one_byte_order_mark_is_skipped(void **state)
{
	struct secret *s = NULL;

	(void)state;
	put("\xef\xbb\xbf" WORD "\r\n", strlen(WORD) + 5, 0600);
	taken(WORD);
	put("\xef\xbb\xbf\xef\xbb\xbf" WORD, strlen(WORD) + 6, 0600);
	taken("\xef\xbb\xbf" WORD);
	put("\xef\xbb\xbf\n", 4, 0600);
	refused(ERR_FORMAT);
	assert_int_equal(setenv("SECRET_TEST", "\xef\xbb\xbf" WORD, 1), 0);
	assert_int_equal(secret_take_env("SECRET_TEST", &s), ERR_OK);
	assert_string_equal(secret_bytes(s), WORD);
	assert_int_equal(secret_len(s), strlen(WORD));
	secret_free(s);
	assert_int_equal(unsetenv("SECRET_TEST"), 0);
	said_read();
}

static void
a_secret_equals_the_same_bytes_alone(void **state)
{
	struct secret *s;

	(void)state;
	assert_int_equal(setenv("SECRET_TEST", WORD, 1), 0);
	assert_int_equal(secret_take_env("SECRET_TEST", &s), ERR_OK);
	assert_true(secret_equals(s, WORD, strlen(WORD)));
	assert_false(secret_equals(s, WORD, strlen(WORD) - 1));
	assert_false(secret_equals(s, WORD "x", strlen(WORD) + 1));
	assert_false(secret_equals(s, "", 0));
	((char *)(uintptr_t)secret_bytes(s))[0] ^= 1;
	assert_false(secret_equals(s, WORD, strlen(WORD)));
	secret_free(s);
	assert_int_equal(unsetenv("SECRET_TEST"), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(one_byte_order_mark_is_skipped, setup,
	    teardown),
	T(a_secret_file_must_be_closed_to_others),
	T(a_secret_file_of_another_user_is_refused),
	T(one_line_end_after_a_secret_is_dropped),
	T(a_secret_that_is_empty_or_too_long_is_refused),
	T(a_secret_of_every_length_ends_before_the_guard_page),
	T(a_secret_with_a_nul_is_refused),
	T(links_directories_and_fifos_are_refused_as_secrets),
	T(a_secret_is_taken_out_of_the_environment),
	T(a_secret_in_the_environment_has_the_same_limit),
	T(a_secret_that_is_twice_in_the_environment_is_refused),
	T(a_secret_equals_the_same_bytes_alone),
	T(a_hardened_process_makes_no_core_dump),
	T(a_program_for_one_request_wipes_its_secrets_and_leaves_them_mapped)
};

TEST_MAIN(tests)
