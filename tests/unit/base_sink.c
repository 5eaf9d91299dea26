#include "test.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sink.h"
#include "tmpdir.h"

static char dir[200], path[256], moved[256], spare[256];
static int saved;

/* The bytes of a file; "" if it is not there. */
static const char *
content(const char *name)
{
	static char text[1 << 20];
	FILE *f = fopen(name, "re");
	size_t n = 0;

	if (f != NULL) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return (text);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return (n);
}

static int
setup(void **state)
{
	int fd;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(moved, sizeof(moved), "%s/log.1", dir);
	snprintf(spare, sizeof(spare), "%s/stderr", dir);
	saved = dup(2);
	fd = open(spare, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(fd, 2);
	close(fd);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	sink_close();
	(void)dup2(saved, 2);
	close(saved);
	tmpdir_clear(dir);
	(void)rmdir(dir);
	return (0);
}

#define SAY(n) LOG(LOG_INFO, "said", LOG_I("n", n))

static void
a_line_goes_to_the_file_and_its_group_may_read_it(void **state)
{
	struct stat st;

	(void)state;
	sink_file(path);
	assert_int_equal(access(path, F_OK), -1);
	SAY(1);
	SAY(2);
	assert_int_equal(count(content(path), "\"said\""), 2);
	assert_string_equal(content(spare), "");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	sink_close();
	SAY(3);
	assert_int_equal(count(content(path), "\"said\""), 2);
	assert_int_equal(count(content(spare), "\"n\":3"), 1);
}

static void
a_file_that_was_renamed_or_deleted_is_begun_again(void **state)
{

	(void)state;
	sink_file(path);
	SAY(1);
	assert_int_equal(rename(path, moved), 0);
	SAY(2);
	assert_int_equal(count(content(moved), "\"said\""), 1);
	assert_int_equal(count(content(path), "\"n\":2"), 1);
	assert_int_equal(unlink(path), 0);
	SAY(3);
	assert_int_equal(count(content(path), "\"said\""), 1);

	/* As with copytruncate, no hole remains. */
	assert_int_equal(truncate(path, 0), 0);
	SAY(4);
	assert_int_equal(content(path)[0], '{');
	assert_string_equal(content(spare), "");
}

static void
a_line_that_the_file_cannot_take_goes_to_standard_error(void **state)
{

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	sink_file(path);
	SAY(1);
	SAY(2);
	assert_int_equal(count(content(spare), "\"said\""), 2);
	assert_int_equal(count(content(spare), "\"log_not_written\""), 1);
	assert_int_equal(count(content(spare), "\"reason\":\""), 1);

	/* It is tried again with each line, and told again. */
	assert_int_equal(rmdir(path), 0);
	SAY(3);
	assert_int_equal(count(content(path), "\"said\""), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	SAY(4);
	assert_int_equal(count(content(spare), "\"log_not_written\""), 2);
}

static void
a_link_and_a_file_that_others_can_write_are_not_written(void **state)
{

	(void)state;
	assert_int_equal(symlink(moved, path), 0);
	sink_file(path);
	SAY(1);
	assert_int_equal(access(moved, F_OK), -1);
	assert_int_equal(unlink(path), 0);
	SAY(2);
	assert_int_equal(chmod(path, 0666), 0);
	sink_file(path);
	SAY(3);
	assert_int_equal(count(content(path), "\"said\""), 1);
	assert_int_equal(count(content(spare), "\"said\""), 2);
}

/* On a full disk a line is cut.  What follows it must begin a line. */
static void
a_line_after_a_torn_one_begins_a_line(void **state)
{
	const char *text;
	struct rlimit few = { 100, RLIM_INFINITY }, was;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	few.rlim_max = was.rlim_max;
	sink_file(path);
	SAY(1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	SAY(2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	SAY(3);
	text = content(path);
	assert_int_equal(count(text, "\n"), 3);
	assert_non_null(strstr(text, "\n{\"level\":\"info\",\"program\":"
	    "\"foldergate\",\"event\":\"said\",\"n\":3}\n"));
	assert_int_equal(count(content(spare), "\"n\":2}\n"), 1);
}

/* Eight processes, each opening the file, which is renamed meanwhile. */
static void
lines_of_many_processes_do_not_mix_and_none_is_lost(void **state)
{
	char name[300], *line, *end;
	size_t lines = 0;
	pid_t child[8];
	int i, n, status;

	(void)state;
	for (i = 0; i < 8; i++) {
		if ((child[i] = fork()) != 0)
			continue;
		sink_file(path);
		for (n = 0; n < 500; n++)
			SAY(n);
		_exit(0);
	}
	for (n = 0; n < 20; n++) {
		usleep(1000);
		snprintf(name, sizeof(name), "%s.%d", path, n);
		(void)rename(path, name);
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	for (n = -1; n < 20; n++) {
		snprintf(name, sizeof(name), n < 0 ? "%s" : "%s.%d", path, n);
		line = (char *)(uintptr_t)content(name);
		for (; *line != '\0'; line = end + 1, lines++) {
			assert_non_null(end = strchr(line, '\n'));
			assert_true(line[0] == '{' && end[-1] == '}');
		}
	}
	assert_int_equal(lines, 8 * 500);
	assert_string_equal(content(spare), "");
}

/* A socket as a syslog daemon has one. */
static int
daemon_at(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(strlen(name) < sizeof(to.sun_path));
	memcpy(to.sun_path, name, strlen(name) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return (fd);
}

static void
expect(int fd, int priority, const char *rest)
{
	char got[1024], want[1024];
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(n > 0);
	got[n] = '\0';
	snprintf(want, sizeof(want), "<%d>foldergate[%d]: {\"level\":%s",
	    priority, (int)getpid(), rest);
	assert_string_equal(got, want);
}

static void
a_line_for_syslog_is_a_datagram_and_a_new_daemon_gets_the_next(void **state)
{
	int fd, i;

	(void)state;
	fd = daemon_at(path);
	assert_int_equal(sink_syslog(path), ERR_OK);
	SAY(1);
	LOG(LOG_WARN, "w", LOG_I("n", 2));
	LOG(LOG_ERROR, "e", LOG_I("n", 3));
	expect(fd, 30, "\"info\",\"program\":\"foldergate\",\"event\":"
	    "\"said\",\"n\":1}");
	expect(fd, 28, "\"warn\",\"program\":\"foldergate\",\"event\":"
	    "\"w\",\"n\":2}");
	expect(fd, 27, "\"error\",\"program\":\"foldergate\",\"event\":"
	    "\"e\",\"n\":3}");
	assert_string_equal(content(spare), "");

	close(fd);
	SAY(4);
	assert_int_equal(unlink(path), 0);
	SAY(5);
	assert_int_equal(count(content(spare), "\"said\""), 2);
	assert_int_equal(count(content(spare), "\"log_not_written\""), 1);
	fd = daemon_at(path);
	SAY(6);
	expect(fd, 30, "\"info\",\"program\":\"foldergate\",\"event\":"
	    "\"said\",\"n\":6}");

	/* A daemon that does not read stops nobody. */
	for (i = 0; i < 5000; i++)
		SAY(i);
	assert_true(count(content(spare), "\"said\"") > 100);
	close(fd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
	T(a_line_goes_to_the_file_and_its_group_may_read_it),
	T(a_file_that_was_renamed_or_deleted_is_begun_again),
	T(a_line_that_the_file_cannot_take_goes_to_standard_error),
	T(a_link_and_a_file_that_others_can_write_are_not_written),
	T(a_line_after_a_torn_one_begins_a_line),
	T(lines_of_many_processes_do_not_mix_and_none_is_lost),
	T(a_line_for_syslog_is_a_datagram_and_a_new_daemon_gets_the_next),
};

TEST_MAIN(tests)
