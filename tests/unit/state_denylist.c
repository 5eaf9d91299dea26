#include "test.h"
#include "tmpdir.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "state/denylist.h"
#include "state/denylist_entry.h"

#define NOW 1774000123

static char dir[4000], path[PATH_MAX];
static int saved_stderr, said;
static struct denylist *d;

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/" DENYLIST_FILE, dir);
	d = denylist_new(dir);

	/* What is logged goes where it can be counted. */
	saved_stderr = dup(2);
	said = memfd_create("said", 0);
	return (saved_stderr == -1 || dup2(said, 2) == -1 ? -1 : 0);
}

static int
teardown(void **state)
{

	(void)state;
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	close(said);
	denylist_free(d);
	chmod(path, 0644);
	unlink(path);
	return (rmdir(dir));
}

/* Lines logged since the last call. */
static int
said_since(void)
{
	off_t len = lseek(said, 0, SEEK_CUR);
	char *text = calloc(1, (size_t)len + 1);
	int lines = 0;
	ssize_t i;

	assert_non_null(text);
	assert_int_equal(pread(said, text, (size_t)len, 0), len);
	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	free(text);
	assert_int_equal(ftruncate(said, 0), 0);
	lseek(said, 0, SEEK_SET);
	return (lines);
}

/* Entries are "KIND VALUE END REASON\n". */
static void
put(const char *entries)
{
	static char text[DENYLIST_BYTES_MAX];
	const char *p;
	struct buf b;
	int n = 0;

	for (p = entries; *p != '\0'; p++)
		n += *p == '\n';
	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, "foldergate denylist 1\n%sentries %d\n", entries, n);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_int_equal(file_replace(path, b.data, b.len, 0644), ERR_OK);
}

static void
damage(void)
{

	assert_int_equal(file_replace(path, "torn", 4, 0644), ERR_OK);
}

/* A key of many different ones, and its address. */
static const uint8_t *
key(uint32_t i)
{
	static uint8_t keys[8][SS58_KEY_LEN];
	static int turn;
	uint8_t *k = keys[turn++ % 8];
	uint32_t mixed = i * 2654435761u;

	memset(k, 0x55, SS58_KEY_LEN);
	memcpy(k, &mixed, sizeof(mixed));
	memcpy(k + 28, &i, sizeof(i));
	return (k);
}

static const char *
ss58(uint32_t i)
{
	static char text[8][SS58_MAX + 1];
	static int turn;

	turn = (turn + 1) % 8;
	ss58_encode(key(i), text[turn]);
	return (text[turn]);
}

static enum err
asked_key(uint32_t hotkey, uint32_t coldkey, int64_t now_s)
{

	return (denylist_key(d, key(hotkey), key(coldkey), now_s));
}

static enum err
asked_address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), ERR_OK);
	return (denylist_address(d, &a, NOW));
}

static void
assert_knows(enum err hotkey_1, int lines)
{

	assert_int_equal(denylist_refresh(d), hotkey_1 == ERR_LEDGER ?
	    ERR_LEDGER : ERR_OK);
	assert_int_equal(asked_key(1, 9, NOW), hotkey_1);
	assert_int_equal(asked_key(8, 9, NOW), hotkey_1 == ERR_LEDGER ?
	    ERR_LEDGER : ERR_OK);
	assert_int_equal(asked_address("192.0.2.1"), hotkey_1 == ERR_LEDGER ?
	    ERR_LEDGER : ERR_OK);
	assert_int_equal(said_since(), lines);
}

static void
put_hotkey(uint32_t i)
{
	char line[200];

	snprintf(line, sizeof(line), "hotkey %s never r\n", ss58(i));
	put(line);
}

static void
a_denied_key_is_denied_until_its_end(void **state)
{
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text), "hotkey %s never r\ncoldkey %s never r\n"
	    "hotkey %s %d r\nhotkey %s %d r\ncoldkey %s %d r\n", ss58(1),
	    ss58(2), ss58(3), NOW, ss58(4), NOW + 1, ss58(5), NOW + 1);
	put(text);
	assert_int_equal(denylist_refresh(d), ERR_OK);
	assert_int_equal(asked_key(1, 9, NOW), ERR_DENIED);
	assert_int_equal(asked_key(1, 9, INT64_MAX - 1), ERR_DENIED);
	assert_int_equal(asked_key(9, 9, NOW), ERR_OK);

	/* A coldkey denies all its hotkeys, and is none itself. */
	assert_int_equal(asked_key(8, 2, NOW), ERR_DENIED);
	assert_int_equal(asked_key(9, 2, NOW), ERR_DENIED);
	assert_int_equal(asked_key(2, 9, NOW), ERR_OK);
	assert_int_equal(asked_key(9, 1, NOW), ERR_OK);

	/* Until, not through, its end. */
	assert_int_equal(asked_key(3, 9, NOW), ERR_OK);
	assert_int_equal(asked_key(3, 9, NOW - 1), ERR_DENIED);
	assert_int_equal(asked_key(4, 9, NOW), ERR_DENIED);
	assert_int_equal(asked_key(4, 9, NOW + 1), ERR_OK);
	assert_int_equal(asked_key(9, 5, NOW), ERR_DENIED);
	assert_int_equal(asked_key(9, 5, NOW + 1), ERR_OK);
	assert_int_equal(said_since(), 0);
}

/* There twice, in either order: until the later end. */
static void
a_key_denied_twice_is_denied_until_the_later_end(void **state)
{
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text), "hotkey %s never r\nhotkey %s %d r\n"
	    "hotkey %s %d r\nhotkey %s never r\naddress 192.0.2.1 1 r\n"
	    "address 192.0.2.1 never r\naddress 192.0.2.1 1 r\n", ss58(1),
	    ss58(1), NOW, ss58(2), NOW, ss58(2));
	put(text);
	assert_int_equal(denylist_refresh(d), ERR_OK);
	assert_int_equal(asked_key(1, 9, NOW), ERR_DENIED);
	assert_int_equal(asked_key(2, 9, NOW), ERR_DENIED);
	assert_int_equal(asked_address("192.0.2.1"), ERR_DENIED);
}

static void
an_address_in_a_denied_range_is_denied(void **state)
{
	static const char *const in[] = {
		"192.0.2.0", "192.0.2.127", "::ffff:192.0.2.5", "198.51.100.7",
		"2001:db8:7::", "2001:db8:7:ffff:ffff:ffff:ffff:ffff",
		"2001:db8::1", "203.0.113.9"
	}, *const out[] = {
		"192.0.2.128", "192.0.1.255", "198.51.100.6", "198.51.100.8",
		"2001:db8:6:ffff::", "2001:db8:8::", "2001:db8::2", "::1",
		"0.0.0.0", "::", "203.0.113.10", "203.0.113.11", "::c000:201"
	};
	char text[1000];
	size_t i;

	(void)state;
	snprintf(text, sizeof(text), "address 192.0.2.0/25 never r\n"
	    "address 198.51.100.7 never r\naddress 2001:db8:7::/48 never r\n"
	    "address 2001:db8::1 never r\naddress 203.0.113.9 %d r\n"
	    "address 203.0.113.10 %d r\naddress 203.0.113.11 0 r\n", NOW + 1,
	    NOW);
	put(text);
	assert_int_equal(denylist_refresh(d), ERR_OK);
	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		assert_int_equal(asked_address(in[i]), ERR_DENIED);
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		assert_int_equal(asked_address(out[i]), ERR_OK);
	put("address 0.0.0.0/0 never r\n");
	assert_int_equal(denylist_refresh(d), ERR_OK);
	assert_int_equal(asked_address("192.0.2.128"), ERR_DENIED);
	assert_int_equal(asked_address("::1"), ERR_OK);
}

/* Each thing that can happen to the file, and what is known after it. */
static void
each_change_of_the_file_is_known_at_once(void **state)
{

	(void)state;
	assert_int_equal(asked_key(1, 9, NOW), ERR_LEDGER);
	assert_int_equal(asked_address("192.0.2.1"), ERR_LEDGER);
	assert_knows(ERR_OK, 0);
	put("");
	assert_knows(ERR_OK, 0);
	put_hotkey(1);
	assert_knows(ERR_DENIED, 0);
	assert_knows(ERR_DENIED, 0);

	/* Damaged, gone, back: what is known stays, and is told of once. */
	damage();
	assert_knows(ERR_DENIED, 1);
	assert_knows(ERR_DENIED, 0);
	assert_int_equal(unlink(path), 0);
	assert_knows(ERR_DENIED, 1);
	assert_knows(ERR_DENIED, 0);
	put("");
	assert_knows(ERR_OK, 0);
	assert_int_equal(unlink(path), 0);
	assert_knows(ERR_OK, 1);
	put_hotkey(1);
	assert_knows(ERR_DENIED, 0);
}

static void
a_list_damaged_from_the_start_refuses_everybody(void **state)
{
	char aside[PATH_MAX];

	(void)state;
	damage();
	assert_knows(ERR_LEDGER, 1);
	assert_knows(ERR_LEDGER, 0);

	/* Without one nobody is denied; the very same one is damaged still. */
	snprintf(aside, sizeof(aside), "%.4000s.aside", dir);
	assert_int_equal(rename(dir, aside), 0);
	assert_knows(ERR_OK, 0);
	assert_int_equal(rename(aside, dir), 0);
	assert_knows(ERR_LEDGER, 0);
	put_hotkey(1);
	assert_knows(ERR_DENIED, 0);

	/* Who starts now knows nothing of what was. */
	assert_int_equal(unlink(path), 0);
	assert_knows(ERR_DENIED, 1);
	denylist_free(d);
	d = denylist_new(dir);
	assert_knows(ERR_OK, 0);
}

static void
a_list_that_is_no_file_refuses_everybody(void **state)
{

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_knows(ERR_LEDGER, 1);
	assert_knows(ERR_LEDGER, 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20);
	assert_knows(ERR_LEDGER, 1);
	alarm(0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(path, path), 0);
	assert_knows(ERR_LEDGER, 1);
	assert_knows(ERR_LEDGER, 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_create(path, "", 0, 0644), ERR_OK);
	assert_knows(ERR_LEDGER, 1);
	assert_int_equal(truncate(path, (5 << 20)), 0);
	assert_knows(ERR_LEDGER, 1);
}

/* That there is none is believed of a directory that nobody else can write. */
static void
no_list_in_a_directory_that_others_can_write_refuses_everybody(void **state)
{

	(void)state;
	assert_int_equal(chmod(dir, 0777), 0);
	assert_knows(ERR_LEDGER, 1);
	assert_knows(ERR_LEDGER, 0);
	assert_int_equal(chmod(dir, 0755), 0);
	put_hotkey(1);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_knows(ERR_LEDGER, 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chmod(path, 0646), 0);
	assert_knows(ERR_LEDGER, 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(denylist_refresh(d), ERR_OK);
	assert_int_equal(asked_key(1, 9, NOW), ERR_DENIED);
}

/* As somebody whom permissions bind. */
static int
cannot_be_read(void)
{
	int i;

	if (geteuid() == 0 && setuid(65534) != 0)
		return (2);
	for (i = 0; i < 3; i++) {
		if (denylist_refresh(d) != ERR_LEDGER ||
		    asked_key(1, 9, NOW) != ERR_LEDGER)
			return (1);
	}
	return (said_since() == 1 ? 0 : 3);
}

static void
a_list_that_cannot_be_read_refuses_everybody(void **state)
{
	pid_t child;
	int status;

	(void)state;
	put_hotkey(1);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	child = fork();
	assert_true(child != -1);
	if (child == 0)
		_exit(cannot_be_read());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);

	/* And where its directory must not be searched. */
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(dir, 0), 0);
	child = fork();
	assert_true(child != -1);
	if (child == 0)
		_exit(cannot_be_read());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(status, 0);
}

static void
a_path_that_is_too_long_is_refused(void **state)
{
	static char name[PATH_MAX];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	denylist_free(d);
	d = denylist_new(name);
	assert_int_equal(denylist_refresh(d), ERR_LEDGER);
}

#define REPLACEMENTS 60

/* A reader beside a writer: one of two is denied, always, and never nobody. */
static void
a_reader_beside_a_writer_always_sees_a_whole_list(void **state)
{
	int i, status, looks = 0;
	pid_t child;
	bool one, two;

	(void)state;
	put_hotkey(1);
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		for (i = 0; i < REPLACEMENTS; i++)
			put_hotkey(i % 2 == 0 ? 2 : 1);
		_exit(0);
	}
	do {
		i = waitpid(child, &status, WNOHANG);
		assert_int_equal(denylist_refresh(d), ERR_OK);
		one = asked_key(1, 9, NOW) == ERR_DENIED;
		two = asked_key(2, 9, NOW) == ERR_DENIED;
		assert_true(one != two);
		looks++;
	} while (i == 0);
	assert_int_equal(status, 0);
	assert_true(looks > 0);
	assert_int_equal(said_since(), 0);
}

/* A generator of our own, the same every time. */
static uint32_t
chance(uint32_t below)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return ((uint32_t)(x >> 20) % below);
}

struct wanted {
	uint32_t kind, value;
	int64_t end_s;
	struct address_range range;
};

static bool
wanted_key(const struct wanted *w, size_t n, uint32_t hotkey,
    uint32_t coldkey, int64_t now_s)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (w[i].end_s > now_s && ((w[i].kind == 0 && w[i].value ==
		    hotkey) || (w[i].kind == 1 && w[i].value == coldkey)))
			return (true);
	}
	return (false);
}

static bool
wanted_address(const struct wanted *w, size_t n, const struct address *a,
    int64_t now_s)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (w[i].kind == 2 && w[i].end_s > now_s &&
		    address_in(&w[i].range, a))
			return (true);
	}
	return (false);
}

/* Addresses of few different bits, so that ranges are met. */
static void
some_range(struct address_range *r, char *text, size_t size, bool single)
{
	uint32_t bits = single ? 32 : chance(33);
	uint32_t v = chance(8) << 29 | chance(4) << 13 | chance(4);
	char v4[20];

	if (bits < 32)
		v &= ~(UINT32_MAX >> bits);
	snprintf(v4, sizeof(v4), "%u.%u.%u.%u", v >> 24, v >> 16 & 255,
	    v >> 8 & 255, v & 255);
	if (chance(2) == 0)
		snprintf(text, size, "%s/%u", v4, bits);
	else
		snprintf(text, size, "2001:db8:%x:%x::/%u", v >> 16,
		    v & 0xffff, 32 + bits);
	assert_int_equal(address_range_parse(text, strlen(text), r), ERR_OK);
}

#define ROUNDS 40
#define ENTRIES 60
#define VALUES 40

/* Whatever the entries, the answers are those of looking at one by one. */
static void
a_lookup_agrees_with_a_walk_over_the_entries(void **state)
{
	static const char *const kind[] = { "hotkey", "coldkey", "address" };
	struct wanted w[ENTRIES];
	char lines[ENTRIES * 120], text[60];
	struct address_range range;
	struct buf b;
	uint32_t i, n, round, hot, cold;
	int64_t now;
	int denied = 0;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		n = chance(ENTRIES + 1);
		buf_init(&b, lines, sizeof(lines));
		for (i = 0; i < n; i++) {
			w[i].kind = chance(3);
			w[i].value = chance(VALUES);
			w[i].end_s = NOW + (int64_t)chance(10);
			some_range(&w[i].range, text, sizeof(text), false);
			buf_fmt(&b, "%s %s %lld r\n", kind[w[i].kind],
			    w[i].kind == 2 ? text : ss58(w[i].value),
			    (long long)w[i].end_s);
		}
		assert_int_equal(buf_end(&b), ERR_OK);
		put(lines);
		assert_int_equal(denylist_refresh(d), ERR_OK);
		for (i = 0; i < 400; i++) {
			now = NOW + (int64_t)chance(12) - 1;
			hot = chance(VALUES + 5);
			cold = chance(VALUES + 5);
			assert_int_equal(asked_key(hot, cold, now),
			    wanted_key(w, n, hot, cold, now) ? ERR_DENIED :
			    ERR_OK);
			some_range(&range, text, sizeof(text), true);
			assert_int_equal(denylist_address(d, &range.base, now),
			    wanted_address(w, n, &range.base, now) ?
			    ERR_DENIED : ERR_OK);
			denied += asked_key(hot, cold, now) == ERR_DENIED;
		}
	}
	assert_in_range(denied, ROUNDS, ROUNDS * 400 - ROUNDS);
}

static void
a_list_with_as_many_entries_as_can_be_is_read(void **state)
{
	static char lines[DENYLIST_BYTES_MAX - 100];
	const uint32_t each = DENYLIST_ENTRIES_MAX / 2;
	char reason[DENYLIST_REASON_MAX + 1], text[20];
	struct buf b;
	uint32_t i;

	(void)state;
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	buf_init(&b, lines, sizeof(lines));
	for (i = 0; i < each; i++)
		buf_fmt(&b, "hotkey %s never %s\naddress 10.0.%u.%u never %s\n",
		    ss58(i), reason, i >> 8, i & 255, reason);
	assert_int_equal(buf_end(&b), ERR_OK);
	put(lines);
	assert_int_equal(denylist_refresh(d), ERR_OK);
	for (i = 0; i < each; i++) {
		assert_int_equal(asked_key(i, 0, NOW), ERR_DENIED);
		assert_int_equal(asked_key(i + each, i, NOW), ERR_OK);
	}
	for (i = 0; i < each; i += 101) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i >> 8, i & 255);
		assert_int_equal(asked_address(text), ERR_DENIED);
		snprintf(text, sizeof(text), "10.1.%u.%u", i >> 8, i & 255);
		assert_int_equal(asked_address(text), ERR_OK);
	}

	/* One more is none at all. */
	buf_fmt(&b, "address 10.2.0.0 never r\n");
	put(lines);
	assert_int_equal(denylist_refresh(d), ERR_OK);
	assert_int_equal(said_since(), 1);
	assert_int_equal(asked_address("10.2.0.0"), ERR_OK);
	assert_int_equal(asked_address("10.0.0.0"), ERR_DENIED);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(a_denied_key_is_denied_until_its_end),
	T(a_key_denied_twice_is_denied_until_the_later_end),
	T(an_address_in_a_denied_range_is_denied),
	T(each_change_of_the_file_is_known_at_once),
	T(a_list_damaged_from_the_start_refuses_everybody),
	T(a_list_that_is_no_file_refuses_everybody),
	T(no_list_in_a_directory_that_others_can_write_refuses_everybody),
	T(a_list_that_cannot_be_read_refuses_everybody),
	T(a_path_that_is_too_long_is_refused),
	T(a_reader_beside_a_writer_always_sees_a_whole_list),
	T(a_lookup_agrees_with_a_walk_over_the_entries),
	T(a_list_with_as_many_entries_as_can_be_is_read)
};

TEST_MAIN(tests)
