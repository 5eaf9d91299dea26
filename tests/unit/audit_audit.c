#include "test.h"
#include "tmpdir.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/chain.h"
#include "base/secret.h"
#include "crypto/hmac.h"

#define KEY "an audit key of the tests"

static char dir[200], path[256], head[256], lock[256], key_file[256];
static int saved_stderr;
static struct hmac *h;
static struct secret *key;
static struct audit *a;

static const struct audit_entry granted = {
	.time_ms = 1774000123456, .request_id = "abcdefghijklmnopqrst",
	.endpoint = "get-folder-access", .role = "miner",
	.hotkey = "5hot", .coldkey = "5cold", .address = "192.0.2.7",
	.outcome = ERR_OK, .scope = "data/x/5cold/", .kind = "post_policy",
	.urls = 2, .until_s = 1774086523, .duration_us = 412
};

/* A file's bytes, to look at or to put back. */
struct bytes {
	size_t len;
	char data[1 << 16];
};
static struct bytes one, two, three;

static void
take(const char *name, struct bytes *b)
{
	int fd = open(name, O_RDONLY);
	ssize_t n;

	b->len = 0;
	if (fd == -1)
		return;
	n = read(fd, b->data, sizeof(b->data) - 1);
	assert_true(n >= 0);
	b->len = (size_t)n;
	b->data[n] = '\0';
	close(fd);
}

static void
put(const char *name, const char *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void
put_text(const char *name, const char *text)
{

	put(name, text, strlen(text));
}

static struct audit *
open_audit(int64_t max_bytes, int64_t wait_ms)
{
	const struct audit_options o = { path, key_file, max_bytes, wait_ms };
	struct audit *made;

	assert_int_equal(audit_open(&o, h, &made), ERR_OK);
	return (made);
}

static void
write_lines(int n)
{

	while (n-- > 0)
		assert_int_equal(audit_write(a, &granted), ERR_OK);
}

/* Everything that a walk may meet with. */
struct seen {
	struct audit_chain chain;
	int lines, good, bad, rotated, resumed, torn, broken;
};
static struct seen seen;

static void
see_file(const char *name)
{
	static char line[AUDIT_CHAIN_LINE_MAX + 1];
	struct audit_chain_line parsed;
	enum audit_chain_verdict v;
	FILE *f = fopen(name, "r");
	size_t len;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		len = strlen(line);
		seen.lines++;
		if (line[len - 1] != '\n')
			seen.bad++;
		v = audit_chain_take(&seen.chain, line, len - 1, &parsed);
		seen.good += v == AUDIT_CHAIN_GOOD;
		seen.bad += v == AUDIT_CHAIN_ODD || v == AUDIT_CHAIN_MISFIT;
		if (v == AUDIT_CHAIN_ODD || v == AUDIT_CHAIN_CUT)
			continue;
		seen.rotated += parsed.event == AUDIT_CHAIN_ROTATED;
		seen.resumed += parsed.event == AUDIT_CHAIN_RESUMED;
		seen.torn += parsed.event == AUDIT_CHAIN_TORN;
		seen.broken += parsed.event >= AUDIT_CHAIN_BROKEN_TAIL;
	}
	fclose(f);
}

static void
see_start(void)
{

	memset(&seen, 0, sizeof(seen));
	audit_chain_start(&seen.chain, h, key);
}

/* The log is a chain of n good lines, all of it. */
static void
assert_whole(int n)
{

	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.chain.torn, 0);
	assert_int_equal(seen.broken, 0);
	assert_int_equal(seen.chain.seq, n);
	assert_int_equal(seen.good, n);
}

static int
setup(void **state)
{
	int null;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(head, sizeof(head), "%s/log.head", dir);
	snprintf(lock, sizeof(lock), "%s/log.lock", dir);
	snprintf(key_file, sizeof(key_file), "%s/key", dir);
	put_text(key_file, KEY "\n");

	/* What goes wrong is logged as well: not here. */
	saved_stderr = dup(2);
	null = open("/dev/null", O_WRONLY);
	if (saved_stderr == -1 || null == -1 || dup2(null, 2) == -1)
		return (-1);
	close(null);
	h = hmac_new();
	if (secret_load(key_file, &key) != ERR_OK)
		return (-1);
	a = open_audit(0, 200);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	audit_close(a);
	secret_free(key);
	hmac_free(h);
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	return (tmpdir_clear(dir) == 0 ? rmdir(dir) : -1);
}

static void
the_log_opens_only_with_its_files_and_key(void **state)
{
	struct audit_options o = { "", "", 0, 200 };
	struct audit *b = a;

	(void)state;
	assert_int_equal(audit_open(&o, h, &b), ERR_OK);
	assert_null(b);
	assert_int_equal(audit_write(NULL, &granted), ERR_OK);
	audit_close(NULL);

	o.path = path;
	assert_int_equal(audit_open(&o, h, &b), ERR_IO);
	o.key_file = key_file;
	put_text(key_file, "fifteen bytes..\n");
	assert_int_equal(audit_open(&o, h, &b), ERR_FORMAT);
	assert_null(b);
	put_text(key_file, "sixteen bytes...\n");
	assert_int_equal(audit_open(&o, h, &b), ERR_OK);
	audit_close(b);
	assert_int_equal(chmod(key_file, 0644), 0);
	assert_int_equal(audit_open(&o, h, &b), ERR_UNSAFE);
	assert_int_equal(access(path, F_OK), -1);
}

static void
each_grant_and_refusal_is_one_line_of_the_chain(void **state)
{
	struct audit_entry e = granted;
	struct stat st;

	(void)state;
	write_lines(2);
	e.outcome = ERR_LIMIT;
	e.given_id = "a-proxy.1";
	e.coldkey = "";
	e.scope = e.kind = NULL;
	e.urls = 0;
	assert_int_equal(audit_write(a, &e), ERR_OK);
	assert_whole(3);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(stat(head, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	take(path, &one);
	assert_non_null(strstr(one.data,
	    "{\"time\":\"2026-03-20T09:48:43.456Z\",\"seq\":1,"
	    "\"request_id\":\"abcdefghijklmnopqrst\",\"endpoint\":"
	    "\"get-folder-access\",\"role\":\"miner\",\"hotkey\":\"5hot\","
	    "\"coldkey\":\"5cold\",\"address\":\"192.0.2.7\",\"decision\":"
	    "\"granted\",\"code\":\"ok\",\"scope\":\"data/x/5cold/\",\"kind\":"
	    "\"post_policy\",\"urls\":2,\"until\":1774086523,\"duration_us\":"
	    "412,\"mac\":\""));
	assert_non_null(strstr(one.data, "\"seq\":3,\"request_id\":"
	    "\"abcdefghijklmnopqrst\",\"given_id\":\"a-proxy.1\","
	    "\"endpoint\":\"get-folder-access\","
	    "\"role\":\"miner\",\"hotkey\":\"5hot\",\"address\":\"192.0.2.7\","
	    "\"decision\":\"refused\",\"code\":\"daily_limit\","
	    "\"duration_us\":412,\"mac\":\""));
}

/* Texts of any length and bytes make a line that fits. */
static void
texts_of_any_length_and_bytes_make_a_line_that_fits(void **state)
{
	static char wild[5000];
	const struct audit_entry e = {
		.time_ms = INT64_MAX, .request_id = wild, .given_id = wild,
		.endpoint = wild, .role = wild, .hotkey = wild, .coldkey = wild,
		.address = wild, .scope = wild, .kind = wild,
		.urls = INT64_MAX, .until_s = INT64_MAX,
		.duration_us = INT64_MAX
	};
	const struct audit_entry least = { .time_ms = -5,
	    .outcome = ERR_DENIED };

	(void)state;
	memset(wild, 1, sizeof(wild) - 1);
	assert_int_equal(audit_write(a, &e), ERR_OK);
	assert_int_equal(audit_write(a, &least), ERR_OK);
	assert_whole(2);
	take(path, &one);
	assert_non_null(strstr(one.data,
	    "\n{\"time\":\"1970-01-01T00:00:00.000Z\",\"seq\":2,"
	    "\"decision\":\"refused\",\"code\":\"denied\","
	    "\"mac\":\""));
}

/* ${n} processes that write, each having opened the log by itself. */
static void
fork_writers(pid_t *child, int n, int lines)
{
	int i, bad = 0;

	for (i = 0; i < n; i++) {
		if ((child[i] = fork()) != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		a = open_audit(0, 20000);
		for (; lines > 0; lines--)
			bad += audit_write(a, &granted) != ERR_OK;
		_exit(bad != 0);
	}
}

static void
eight_writers_at_once_make_one_whole_chain(void **state)
{
	pid_t child[8];
	int i, status;

	(void)state;
	fork_writers(child, 8, 200);
	for (i = 0; i < 8; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_whole(1600);
}

static void
writers_killed_at_any_moment_leave_a_whole_chain(void **state)
{
	unsigned random = 1;
	pid_t child[2];
	int i, j;

	(void)state;
	for (i = 0; i < 50; i++) {
		fork_writers(child, 2, 1000000);
		for (j = 0; j < 2; j++) {
			random = random * 1103515245 + 12345;
			usleep(random >> 16 & 4095);
			kill(child[j], SIGKILL);
			assert_int_equal(waitpid(child[j], NULL, 0), child[j]);
		}
	}
	write_lines(1);
	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.broken, 0);
	assert_int_equal(seen.chain.torn, 0);
	assert_true(seen.chain.seq > 1);
}

/*
 * A writer that is killed with ${k} bytes of ${one} to ${two} appended, for
 * every k: the log is what it was and these, the head file is ${three}.  The
 * next one goes on, and the chain is whole.  Returns how often it was torn.
 */
static int
cut_everywhere(void)
{
	int torn = 0, before;
	size_t k;

	see_start();
	see_file(path);
	before = seen.torn;
	for (k = one.len; k <= two.len; k++) {
		put(path, two.data, k);
		put(head, three.data, three.len);
		write_lines(2);
		see_start();
		see_file(path);
		assert_int_equal(seen.bad, 0);
		assert_int_equal(seen.broken, 0);
		assert_int_equal(seen.chain.torn, 0);
		torn += seen.torn > before;
	}
	return (torn);
}

static void
a_writer_killed_at_any_byte_leaves_a_whole_chain(void **state)
{
	size_t line;

	(void)state;
	write_lines(3);
	take(path, &one);
	take(head, &three);
	write_lines(1);
	take(path, &two);
	line = two.len - one.len;

	/* Not with nothing, all, or all but the newline. */
	assert_int_equal(cut_everywhere(), line - 2);
}

/* Likewise while the torn line of another one is being marked. */
static void
one_killed_while_it_marks_a_torn_line_leaves_a_chain(void **state)
{

	(void)state;
	write_lines(3);
	take(path, &one);
	take(head, &three);
	write_lines(1);
	take(path, &two);
	one.len += 99;
	put(path, two.data, one.len);
	put(head, three.data, three.len);
	write_lines(1);
	take(path, &two);
	assert_true(two.len > one.len + 400);
	cut_everywhere();
}

/* The very first line: the head file says that there is none yet. */
static void
a_writer_killed_at_the_first_line_leaves_a_chain(void **state)
{

	(void)state;
	put_text(path, "");
	write_lines(1);
	take(path, &two);

	/* What a writer leaves that is killed before its line. */
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(unlink(head), 0);
	assert_int_equal(mkdir(head, 0700), 0);
	assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
	assert_int_equal(rmdir(head), 0);
	put_text(path, "");
	put_text(head, "");
	write_lines(1);
	assert_whole(1);
}

static void
a_log_that_is_too_large_is_renamed_and_continued(void **state)
{
	char name[300];
	struct stat st;
	int i, files = 0;

	(void)state;
	audit_close(a);
	a = open_audit(2000, 200);
	write_lines(40);
	see_start();
	for (i = 1; i <= 60; i++) {
		snprintf(name, sizeof(name), "%s.%012d", path, i);
		if (stat(name, &st) != 0)
			continue;
		files++;
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_in_range(st.st_size, 2001, 2999);
		see_file(name);
		assert_int_equal(seen.chain.seq, i);
	}
	see_file(path);
	assert_true(files > 5);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.rotated, files);
	assert_int_equal(seen.resumed + seen.broken + seen.torn, 0);
	assert_int_equal(seen.good, 40 + files);

	/* A name that is taken is not taken over. */
	snprintf(name, sizeof(name), "%s.%012d", path, 40 + files);
	put_text(name, "kept");
	audit_close(a);
	a = open_audit(1, 200);
	write_lines(1);
	take(name, &one);
	assert_string_equal(one.data, "kept");
	write_lines(1);
	snprintf(name, sizeof(name), "%s.%012d", path, 41 + files);
	assert_int_equal(access(name, F_OK), 0);
}

/* Killed in a rotation: after the log was renamed, and after a new one was
   made.  What follows is as in any new file: see below. */
static void
a_writer_killed_in_a_rotation_leaves_a_whole_chain(void **state)
{
	char old[300];
	int i;

	(void)state;
	snprintf(old, sizeof(old), "%s.%012d", path, 3);
	for (i = 0; i < 2; i++) {
		write_lines(3);
		assert_int_equal(rename(path, old), 0);
		if (i == 1)
			put_text(path, "");
		write_lines(2);
		see_start();
		see_file(old);
		see_file(path);
		assert_int_equal(seen.bad + seen.broken + seen.torn, 0);
		assert_int_equal(seen.resumed, 1);
		assert_int_equal(seen.good, 6);
		unlink(path);
		unlink(old);
		unlink(head);
	}
}

/* Let one line be written with no room for it: all that is done before the
   line, is.  The head file has 248 bytes. */
static void
try_without_room(void)
{
	const struct rlimit less = { 300, 300 };
	int status;
	pid_t child;

	if ((child = fork()) == 0) {
		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &less) != 0)
			_exit(2);
		_exit(audit_write(a, &granted) == ERR_AUDIT ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* The first lines of a new file cut at every byte: the head file tells that
   the chain goes on at the beginning of a file. */
static void
cut_in_new_file(const char *old)
{
	struct stat st;
	size_t k;

	try_without_room();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	take(head, &three);
	write_lines(1);
	take(path, &two);
	for (k = 1; k < two.len; k++) {
		put(path, two.data, k);
		put(head, three.data, three.len);
		write_lines(1);
		see_start();
		see_file(old);
		see_file(path);
		assert_int_equal(seen.bad + seen.broken, 0);
		assert_int_equal(seen.chain.torn, 0);
	}
}

static void
a_writer_killed_in_a_new_file_leaves_a_whole_chain(void **state)
{
	char old[300];

	(void)state;
	snprintf(old, sizeof(old), "%s.%012d", path, 3);
	write_lines(3);
	assert_int_equal(rename(path, old), 0);
	cut_in_new_file(old);
	assert_int_equal(unlink(old), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(head), 0);

	/* Likewise by a rotation of ours. */
	write_lines(3);
	take(path, &one);
	audit_close(a);
	a = open_audit((int64_t)one.len - 1, 200);
	cut_in_new_file(old);
}

/* Somebody else does what he likes with the file. */
static void
a_log_that_others_move_or_remove_is_continued(void **state)
{
	char old[300];

	(void)state;
	snprintf(old, sizeof(old), "%s.1", path);
	write_lines(3);
	assert_int_equal(rename(path, old), 0);
	write_lines(2);
	see_start();
	see_file(old);
	see_file(path);
	assert_int_equal(seen.bad + seen.broken + seen.torn, 0);
	assert_int_equal(seen.resumed, 1);
	assert_int_equal(seen.good, 6);

	/* Renamed, and a new one put there. */
	assert_int_equal(rename(path, old), 0);
	put_text(path, "");
	write_lines(2);
	see_file(path);
	assert_int_equal(seen.bad + seen.broken + seen.torn, 0);
	assert_int_equal(seen.resumed, 2);
	assert_int_equal(seen.good, 9);

	/* Deleted. */
	assert_int_equal(unlink(path), 0);
	write_lines(2);
	see_file(path);
	assert_int_equal(seen.bad + seen.broken + seen.torn, 0);
	assert_int_equal(seen.resumed, 3);

	/* Truncated. */
	assert_int_equal(truncate(path, 0), 0);
	write_lines(2);
	see_file(path);
	assert_int_equal(seen.bad + seen.broken + seen.torn, 0);
	assert_int_equal(seen.resumed, 4);
	assert_int_equal(seen.chain.seq, 15);
}

/* Truncated between a writer's look at the file and its write: its line is
   alone in the file, and the head file takes it to be further behind. */
static void
a_log_truncated_under_a_writer_is_told_in_the_chain(void **state)
{
	char old[300];

	(void)state;
	snprintf(old, sizeof(old), "%s.copy", path);
	write_lines(3);
	take(path, &one);
	put(old, one.data, one.len);
	write_lines(1);
	take(path, &two);
	put(path, two.data + one.len, two.len - one.len);
	write_lines(3);
	see_start();
	see_file(old);
	see_file(path);
	assert_int_equal(seen.bad + seen.broken + seen.torn + seen.resumed, 0);
	assert_int_equal(seen.chain.seq, 7);
}

/* What becomes of the head file: lost, old, damaged. */
static void
a_lost_head_file_breaks_the_chain_and_is_told(void **state)
{

	(void)state;
	write_lines(3);
	assert_int_equal(unlink(head), 0);
	write_lines(1);
	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.broken, 1);
	assert_int_equal(seen.chain.seq, 5);
	write_lines(1);
	see_start();
	see_file(path);
	assert_int_equal(seen.broken, 1);

	/* Of a log with one line: that is known by its number. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(head), 0);
	write_lines(1);
	assert_whole(1);
	assert_int_equal(unlink(head), 0);
	write_lines(1);
	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.good, 3);
	assert_int_equal(seen.broken, 1);
}

static void
an_old_head_file_is_brought_up_to_date(void **state)
{

	(void)state;
	write_lines(2);
	take(head, &three);
	write_lines(3);
	put(head, three.data, three.len);
	write_lines(1);
	assert_whole(6);

	/* By more than is read. */
	write_lines(300);
	put(head, three.data, three.len);
	write_lines(1);
	assert_whole(307);
}

static void
a_damaged_head_file_breaks_the_chain_and_is_told(void **state)
{
	struct stat st;
	int broken;
	size_t i;

	(void)state;
	write_lines(2);
	take(head, &three);
	for (broken = 0, i = 0; i < three.len - 1; i += 3) {
		take(head, &three);
		three.data[i] ^= 1;
		put(head, three.data, three.len);
		write_lines(1);
		broken++;
	}
	for (i = 0; i < 2; i++) {
		take(head, &three);
		put(head, three.data, i == 0 ? three.len - 1 : three.len + 1);
		write_lines(2);
		broken++;
	}
	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.broken, broken);
	assert_int_equal(stat(head, &st), 0);
	assert_int_equal(st.st_size, three.len);

	/* And no log: it begins anew, which it says. */
	put_text(path, "");
	put_text(head, "x");
	write_lines(1);
	see_start();
	see_file(path);
	assert_int_equal(seen.broken, 1);
	assert_int_equal(seen.chain.seq, 2);
}

/* Found to be broken, and killed before that was told: the next one tells. */
static void
a_broken_chain_is_told_by_the_next_writer(void **state)
{

	(void)state;
	write_lines(3);
	assert_int_equal(unlink(head), 0);
	try_without_room();
	write_lines(1);
	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 0);
	assert_int_equal(seen.broken, 1);
}

/* After what is not ours the chain goes on, and tells. */
static void
assert_broken(int good, int bad)
{

	write_lines(2);
	see_start();
	see_file(path);
	assert_int_equal(seen.good, good);
	assert_int_equal(seen.bad, bad);
	assert_int_equal(seen.broken, good > 4);
	take(path, &two);
	assert_non_null(strstr(two.data, "\"event\":\"broken\","
	    "\"reason\":\"tail\""));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(head), 0);
	write_lines(4);
	take(path, &one);
}

static void
a_last_line_that_was_altered_is_found(void **state)
{
	char *last;
	size_t i;

	(void)state;
	write_lines(4);
	take(path, &one);

	/* The last line: altered, in its newline, too; taken out; likewise,
	   and the newline before it. */
	one.data[one.len - 1] = '}';
	put(path, one.data, one.len);
	assert_broken(3, 4);
	last = strstr(one.data, "\"seq\":4");
	*strstr(last, "5hot") = '6';
	put(path, one.data, one.len);
	assert_broken(3, 4);
	for (i = 0; i < 2; i++) {
		last = strstr(one.data, "\"seq\":3");
		put(path, one.data, (size_t)(strchr(last, '\n') - one.data) +
		    1 - i);
		assert_broken(3, 3);
	}

	/* Behind it: what is no line; a whole one; a copy of the last. */
	put(path, one.data, one.len);
	strcat(one.data, "hello\n");
	put_text(path, one.data);
	assert_broken(7, 1);
	strcat(one.data, "{\"time\":\"2026-03-20T09:48:43.456Z\"}\n");
	put_text(path, one.data);
	assert_broken(7, 1);
	last = strstr(one.data, "\"seq\":4");
	while (last[-1] != '\n')
		last--;
	last = strdup(last);
	strcat(one.data, last);
	free(last);
	put_text(path, one.data);
	assert_broken(7, 1);

	/* Another file. */
	put_text(path, "hello\n");
	write_lines(1);
	take(path, &two);
	assert_non_null(strstr(two.data, "\"seq\":5,\"event\":\"broken\","
	    "\"reason\":\"tail\",\"from_seq\":4,"));
}

static void
a_log_of_another_key_is_found_to_be_broken(void **state)
{

	(void)state;
	write_lines(3);
	audit_close(a);
	put_text(key_file, "another key of the tests\n");
	a = open_audit(0, 200);
	write_lines(2);
	take(path, &two);
	assert_non_null(strstr(two.data, "\"seq\":1,\"event\":\"broken\","
	    "\"reason\":\"both\",\"from_seq\":0,"));
	secret_free(key);
	assert_int_equal(secret_load(key_file, &key), ERR_OK);
	see_start();
	see_file(path);
	assert_int_equal(seen.bad, 3);
	assert_int_equal(seen.good, 3);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

static void
a_write_fails_when_the_lock_is_held_too_long(void **state)
{
	int64_t before;
	int fd;

	(void)state;
	write_lines(1);
	fd = open(lock, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	before = now_ms();
	assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
	assert_true(now_ms() - before >= 199);
	assert_whole(1);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	write_lines(1);
	assert_whole(2);

	/* A lock whose file is gone is none: the one in its place counts. */
	assert_int_equal(unlink(lock), 0);
	put_text(lock, "");
	close(fd);
	fd = open(lock, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
	close(fd);
	write_lines(1);
	assert_whole(3);
}

/* A writer waits for one that is at it. */
static void
a_write_waits_for_a_lock_that_is_given_back(void **state)
{
	int fd;

	(void)state;
	write_lines(1);
	audit_close(a);
	a = open_audit(0, 20000);
	fd = open(lock, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	if (fork() == 0) {
		usleep(30000);
		flock(fd, LOCK_UN);
		_exit(0);
	}
	write_lines(1);
	assert_true(wait(NULL) > 0);
	close(fd);
	assert_whole(2);
}

/* Each of the three files, as what it must not be. */
static void
links_and_files_of_others_are_refused_as_log_files(void **state)
{
	const char *const names[] = { path, head, lock };
	char target[300];
	size_t i;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", dir);
	for (i = 0; i < 3; i++) {
		put_text(target, "");
		unlink(names[i]);
		assert_int_equal(symlink(target, names[i]), 0);
		assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
		take(target, &one);
		assert_int_equal(one.len, 0);
		assert_int_equal(unlink(names[i]), 0);
		assert_int_equal(mkfifo(names[i], 0600), 0);
		assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
		assert_int_equal(unlink(names[i]), 0);
		assert_int_equal(mkdir(names[i], 0700), 0);
		assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
		assert_int_equal(rmdir(names[i]), 0);
		put_text(names[i], "");
		assert_int_equal(chmod(names[i], 0620), 0);
		assert_int_equal(audit_write(a, &granted), ERR_AUDIT);
		assert_int_equal(unlink(names[i]), 0);
	}
	write_lines(2);
	assert_whole(2);
}

/* A write that is cut short is taken back. */
static int
write_short(void)
{
	struct rlimit r;
	struct stat st;
	rlim_t more;
	int i;

	signal(SIGXFSZ, SIG_IGN);
	if (stat(path, &st) != 0 || getrlimit(RLIMIT_FSIZE, &r) != 0)
		return (2);
	more = r.rlim_cur;
	for (i = 0; i < 100; i += 33) {
		r.rlim_cur = (rlim_t)st.st_size + (rlim_t)i;
		if (setrlimit(RLIMIT_FSIZE, &r) != 0)
			return (2);
		if (audit_write(a, &granted) != ERR_AUDIT)
			return (3);
	}
	r.rlim_cur = more;
	if (setrlimit(RLIMIT_FSIZE, &r) != 0)
		return (2);
	return (audit_write(a, &granted) == ERR_OK ? 0 : 4);
}

static void
a_short_write_is_marked_as_torn_and_repaired(void **state)
{
	int status;
	pid_t child;

	(void)state;
	write_lines(3);
	if ((child = fork()) == 0)
		_exit(write_short());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_whole(4);
}

/* On a file system of 64 KiB. */
static int
fill_disk(void)
{
	char name[300];
	int fd, n;

	if (mount("audit", dir, "tmpfs", 0, "size=64k") != 0)
		return (77);
	for (n = 0; audit_write(a, &granted) == ERR_OK; n++) {
		if (n > 1000)
			return (1);
	}
	see_start();
	see_file(path);
	if (seen.bad != 0 || seen.good != n)
		return (2);

	/* Full from the beginning: not even a head file. */
	snprintf(name, sizeof(name), "%s/fill", dir);
	if (rename(path, name) != 0 || unlink(head) != 0 ||
	    (fd = open(name, O_WRONLY | O_APPEND)) == -1)
		return (3);
	while (write(fd, three.data, 4096) > 0)
		continue;
	if (audit_write(a, &granted) != ERR_AUDIT)
		return (4);
	if (ftruncate(fd, 0) != 0 || audit_write(a, &granted) != ERR_OK ||
	    audit_write(a, &granted) != ERR_OK)
		return (5);
	see_start();
	see_file(path);
	return (seen.bad == 0 && seen.good == 2 && seen.broken == 0 ? 0 : 6);
}

static void
a_full_disk_refuses_lines_and_leaves_a_whole_chain(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if ((child = fork()) == 0)
		_exit(fill_disk());
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)umount2(dir, MNT_DETACH);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("# SKIP no tmpfs can be mounted here\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
the_file_of_samples_stays_under_its_limit(void **state)
{
	struct audit_entry e = granted;
	char name[300], old[310];
	struct stat st;
	int i;

	(void)state;
	snprintf(name, sizeof(name), "%s/samples", dir);
	snprintf(old, sizeof(old), "%s.old", name);
	e.outcome = ERR_SIGNATURE;
	for (i = 0; i < 50; i++)
		audit_sample(name, 2000, &e);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_in_range(st.st_size, 1, 2000);
	assert_int_equal(stat(old, &st), 0);
	assert_in_range(st.st_size, 1500, 2000);
	take(old, &one);
	assert_memory_equal(one.data, "{\"time\":\"2026-03-20T09:48:43.456Z\","
	    "\"request_id\":\"abcde", 53);
	assert_null(strstr(one.data, "\"seq\""));
	assert_null(strstr(one.data, "\"mac\""));
	assert_null(strstr(one.data, "\"until\""));

	/* No link is followed, and nothing happens. */
	assert_int_equal(unlink(name), 0);
	assert_int_equal(symlink(path, name), 0);
	audit_sample(name, 2000, &e);
	assert_int_equal(access(path, F_OK), -1);
	audit_sample("/nowhere/at/all", 2000, &e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(the_log_opens_only_with_its_files_and_key),
	T(each_grant_and_refusal_is_one_line_of_the_chain),
	T(texts_of_any_length_and_bytes_make_a_line_that_fits),
	T(eight_writers_at_once_make_one_whole_chain),
	T(writers_killed_at_any_moment_leave_a_whole_chain),
	T(a_writer_killed_at_any_byte_leaves_a_whole_chain),
	T(one_killed_while_it_marks_a_torn_line_leaves_a_chain),
	T(a_writer_killed_at_the_first_line_leaves_a_chain),
	T(a_log_that_is_too_large_is_renamed_and_continued),
	T(a_writer_killed_in_a_rotation_leaves_a_whole_chain),
	T(a_writer_killed_in_a_new_file_leaves_a_whole_chain),
	T(a_log_that_others_move_or_remove_is_continued),
	T(a_log_truncated_under_a_writer_is_told_in_the_chain),
	T(a_lost_head_file_breaks_the_chain_and_is_told),
	T(an_old_head_file_is_brought_up_to_date),
	T(a_damaged_head_file_breaks_the_chain_and_is_told),
	T(a_broken_chain_is_told_by_the_next_writer),
	T(a_last_line_that_was_altered_is_found),
	T(a_log_of_another_key_is_found_to_be_broken),
	T(a_write_fails_when_the_lock_is_held_too_long),
	T(a_write_waits_for_a_lock_that_is_given_back),
	T(links_and_files_of_others_are_refused_as_log_files),
	T(a_short_write_is_marked_as_torn_and_repaired),
	T(a_full_disk_refuses_lines_and_leaves_a_whole_chain),
	T(the_file_of_samples_stays_under_its_limit)
};

TEST_MAIN(tests)
