#include "test.h"
#include "tmpdir.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/file.h"
#include "state/denylist.h"
#include "state/denylist_file.h"

#define NOW 1774000123
#define HEAD "foldergate denylist 1\n"

static char dir[4000], path[PATH_MAX];
static int saved_stderr;
static const char *why;

static int
setup(void **state)
{
	int null;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/" DENYLIST_FILE, dir);

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

static struct denylist_entry
entry(enum denylist_entry_kind kind, const char *value, int64_t end_s,
    const char *reason)
{
	struct denylist_entry e = { .end_s = end_s, .reason = reason,
	    .reason_len = strlen(reason) };

	assert_int_equal(denylist_entry_set(&e, kind, value, strlen(value)),
	    ERR_OK);
	return (e);
}

/* The hotkey whose key is ${first}, then zeros. */
static struct denylist_entry
hotkey(uint32_t first, int64_t end_s)
{
	struct denylist_entry e = { .kind = DENYLIST_ENTRY_HOTKEY,
	    .end_s = end_s, .reason = "r", .reason_len = 1 };

	memcpy(e.key, &first, sizeof(first));
	return (e);
}

static bool
add(struct denylist_entry e)
{
	bool replaced;

	assert_int_equal(denylist_file_add(dir, &e, NOW, &replaced), ERR_OK);
	return (replaced);
}

static bool
take_away(struct denylist_entry e)
{
	bool found;

	assert_int_equal(denylist_file_remove(dir, &e, NOW, &found), ERR_OK);
	return (found);
}

static void
assert_holds(const char *text)
{
	struct file_map map;

	assert_int_equal(file_map_open(path, 1 << 20, &map, &why), ERR_OK);
	assert_int_equal(map.len, strlen(text));
	assert_memory_equal(map.data, text, map.len);
	file_map_close(&map);
}

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define BOB "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"

static void
the_file_holds_one_line_for_each_entry(void **state)
{
	struct stat st;
	mode_t before = umask(077);

	(void)state;
	assert_false(add(entry(DENYLIST_ENTRY_HOTKEY, ALICE, DENYLIST_NEVER,
	    "never sells  its \xc3\xbcploads")));
	umask(before);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_false(add(entry(DENYLIST_ENTRY_COLDKEY, ALICE, 0, " ")));
	assert_false(add(entry(DENYLIST_ENTRY_ADDRESS, "10.0.0.0/8", NOW,
	    "scans")));
	assert_false(add(entry(DENYLIST_ENTRY_ADDRESS, "2001:db8::1", NOW + 1,
	    "x")));
	assert_holds(HEAD
	    "hotkey " ALICE " never never sells  its \xc3\xbcploads\n"
	    "coldkey " ALICE " 0  \n"
	    "address 10.0.0.0/8 1774000123 scans\n"
	    "address 2001:db8::1/128 1774000124 x\n"
	    "entries 4\n");

	/* The same kind and value: at the end, as the new one. */
	assert_true(add(entry(DENYLIST_ENTRY_HOTKEY, ALICE, 5, "other")));
	assert_false(add(entry(DENYLIST_ENTRY_ADDRESS, "10.0.0.0/9", 7, "x")));
	assert_true(take_away(entry(DENYLIST_ENTRY_ADDRESS, "2001:db8::1/128",
	    0, "")));
	assert_false(take_away(entry(DENYLIST_ENTRY_HOTKEY, BOB, 0, "")));
	assert_holds(HEAD
	    "coldkey " ALICE " 0  \n"
	    "address 10.0.0.0/8 1774000123 scans\n"
	    "hotkey " ALICE " 5 other\n"
	    "address 10.0.0.0/9 7 x\n"
	    "entries 4\n");
	assert_true(take_away(entry(DENYLIST_ENTRY_COLDKEY, ALICE, 0, "")));
	assert_true(take_away(entry(DENYLIST_ENTRY_HOTKEY, ALICE, 0, "")));
	assert_true(take_away(entry(DENYLIST_ENTRY_ADDRESS, "10.0.0.0/8", 0,
	    "")));
	assert_true(take_away(entry(DENYLIST_ENTRY_ADDRESS, "10.0.0.0/9", 0,
	    "")));
	assert_holds(HEAD "entries 0\n");
	assert_int_equal(unlink(path), 0);
	assert_false(take_away(entry(DENYLIST_ENTRY_HOTKEY, ALICE, 0, "")));
	assert_int_equal(access(path, F_OK), -1);
}

static const char *
parse(const char *s, size_t len, size_t *n)
{
	struct denylist_entry *entries = NULL;
	const char *wrong;
	char *copy;

	/* Without a byte behind, so that reading on is seen. */
	copy = malloc(len > 0 ? len : 1);
	assert_non_null(copy);
	memcpy(copy, s, len);
	wrong = denylist_entry_parse(copy, len, &entries, n);
	assert_true((wrong == NULL) == (entries != NULL));
	free(entries);
	free(copy);
	return (wrong);
}

#define LONG_200							\
    "1234567890123456789012345678901234567890123456789012345678901234567890" \
    "1234567890123456789012345678901234567890123456789012345678901234567890" \
    "123456789012345678901234567890123456789012345678901234567890"

static void
good_lines_are_read_and_bad_ones_refused(void **state)
{
	static const char *const good[] = {
		HEAD "entries 0\n",
		HEAD "entries 00\n",
		HEAD "hotkey " ALICE " never x\nentries 1\n",
		HEAD "hotkey " ALICE " 253402300799 x\nentries 1\n",
		HEAD "hotkey " ALICE " 1 " LONG_200 "\nentries 1\n",
		HEAD "hotkey " ALICE " 1 x\nhotkey " ALICE " 2 x\nentries 2\n",
		HEAD "address ::/0 1 entries 0\nentries 1\n",
		HEAD "address 0.0.0.0/0 1 \xf0\x9f\x98\x80\nentries 1\n",
		HEAD "address ::ffff:192.0.2.1 1 x\nentries 1\n",
	};
	static const char *const bad[] = {
		"", "\n", HEAD, "entries 0\n",
		"foldergate denylist 2\nentries 0\n",
		"foldergate denylist 1\r\nentries 0\r\n",
		"foldergate denylist 1 \nentries 0\n",
		"\nfoldergate denylist 1\nentries 0\n",
		HEAD "entries 0", HEAD "entries 1\n", HEAD "entries -0\n",
		HEAD "entries \n", HEAD "entries\n", HEAD "Entries 0\n",
		HEAD "entries 0\n\n", HEAD "entries 0\nentries 0\n",
		HEAD "\nentries 0\n", HEAD "# note\nentries 0\n",
		HEAD "hotkey " ALICE " never x\nentries 0\n",
		HEAD "hotkey " ALICE " never x\nentries 2\n",
		HEAD "hotkey " ALICE " never x\n",
		HEAD "hotkey " ALICE " never x",
		HEAD "hotkey " ALICE " never\nentries 1\n",
		HEAD "hotkey " ALICE " never \nentries 1\n",
		HEAD "hotkey " ALICE " Never x\nentries 1\n",
		HEAD "hotkey " ALICE " -1 x\nentries 1\n",
		HEAD "hotkey " ALICE " -0 x\nentries 1\n",
		HEAD "hotkey " ALICE " 253402300800 x\nentries 1\n",
		HEAD "hotkey " ALICE " 1.0 x\nentries 1\n",
		HEAD "hotkey " ALICE "  1 x\nentries 1\n",
		HEAD "hotkey  " ALICE " 1 x\nentries 1\n",
		HEAD " hotkey " ALICE " 1 x\nentries 1\n",
		HEAD "hotkey " ALICE "\t1 x\nentries 1\n",
		HEAD "hotkey\nentries 1\n",
		HEAD "hotkey " ALICE " 1 x" LONG_200 "\nentries 1\n",
		HEAD "hotkey " ALICE " 1 a\033[31m\nentries 1\n",
		HEAD "hotkey " ALICE " 1 a\x7f\nentries 1\n",
		HEAD "hotkey " ALICE " 1 a\xc2\x9b\nentries 1\n",
		HEAD "hotkey " ALICE " 1 a\xff\nentries 1\n",
		HEAD "hotkey " ALICE " 1 a\xc3\nentries 1\n",
		HEAD "hotkey " ALICE "x 1 x\nentries 1\n",
		HEAD "hotkey 10.0.0.0/8 1 x\nentries 1\n",
		HEAD "minor " ALICE " 1 x\nentries 1\n",
		HEAD "address " ALICE " 1 x\nentries 1\n",
		HEAD "address 10.0.0.1/8 1 x\nentries 1\n",
		HEAD "address 10.0.0.0/33 1 x\nentries 1\n",
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (parse(good[i], strlen(good[i]), &n) != NULL)
			assert_string_equal(good[i], "what is taken");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i], strlen(bad[i]), &n) == NULL)
			assert_string_equal(bad[i], "what is refused");
	}
	assert_non_null(parse(HEAD "hotkey " ALICE " 1 a\0b\nentries 1\n",
	    sizeof(HEAD "hotkey " ALICE " 1 a\0b\nentries 1\n") - 1, &n));
}

/* Whatever is cut off, or is another byte, is seen. */
static void
a_list_cut_or_changed_anywhere_is_refused(void **state)
{
	static const char whole[] = HEAD
	    "hotkey " ALICE " never x\n"
	    "address 10.0.0.0/8 1774000123 y\n"
	    "entries 2\n";
	char copy[sizeof(whole)];
	size_t i, n;

	(void)state;
	assert_null(parse(whole, sizeof(whole) - 1, &n));
	assert_int_equal(n, 2);
	for (i = 0; i < sizeof(whole) - 1; i++)
		assert_non_null(parse(whole, i, &n));

	/* A NUL or a newline anywhere. */
	for (i = 0; i < sizeof(whole) - 1; i++) {
		memcpy(copy, whole, sizeof(copy));
		copy[i] = '\0';
		assert_non_null(parse(copy, sizeof(copy) - 1, &n));
		copy[i] = '\n';
		if (whole[i] != '\n')
			assert_non_null(parse(copy, sizeof(copy) - 1, &n));
	}
}

/* What cannot be read is not written over. */
static void
a_list_that_cannot_be_read_is_not_replaced(void **state)
{
	struct denylist_entry e = hotkey(1, 5);
	struct denylist_file f;
	bool was;

	(void)state;
	assert_int_equal(file_replace(path, HEAD, strlen(HEAD), 0644), ERR_OK);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_LEDGER);
	assert_int_equal(denylist_file_remove(dir, &e, NOW, &was), ERR_LEDGER);
	assert_int_equal(denylist_file_read(dir, &f), ERR_LEDGER);
	assert_holds(HEAD);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_LEDGER);
	assert_int_equal(truncate(path, (5 << 20)), 0);
	assert_int_equal(denylist_file_read(dir, &f), ERR_LEDGER);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_LEDGER);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(denylist_file_read(dir, &f), ERR_OK);
	assert_int_equal(f.n, 0);
	denylist_file_free(&f);
	denylist_file_free(&f);
}

static void
entries_that_cannot_be_are_refused(void **state)
{
	struct denylist_entry e = hotkey(1, -1);
	bool was;

	(void)state;
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_FORMAT);
	e.end_s = INT64_C(253402300800);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_FORMAT);
	e.end_s = 5;
	e.reason = "two\nlines";
	e.reason_len = strlen(e.reason);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_FORMAT);
	assert_int_equal(access(path, F_OK), -1);
	e.reason_len = 3;
	assert_int_equal(denylist_file_add("/dev/null", &e, NOW, &was),
	    ERR_IO);
	assert_int_equal(denylist_file_remove("/dev/null", &e, NOW, &was),
	    ERR_IO);
}

/* The lock is a file of our own: no link, no second name. */
static void
a_lock_that_is_no_file_of_ours_is_refused(void **state)
{
	struct denylist_entry e = hotkey(1, 5);
	char name[PATH_MAX], other[PATH_MAX];
	struct stat st;
	bool was;

	(void)state;
	snprintf(name, sizeof(name), "%.4000s/denylist.lock", dir);
	snprintf(other, sizeof(other), "%.4000s/other", dir);
	assert_int_equal(file_create(other, "x", 1, 0644), ERR_OK);
	assert_int_equal(symlink(other, name), 0);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_IO);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(link(other, name), 0);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_IO);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_IO);
	assert_int_equal(unlink(name), 0);
	assert_false(add(e));
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
}

static void
write_many(uint32_t n, int64_t first_end_s)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1];
	struct denylist_entry e;
	FILE *f = fopen(path, "w");
	uint32_t i;

	assert_non_null(f);
	fprintf(f, HEAD);
	for (i = 0; i < n; i++) {
		e = hotkey(i, 0);
		denylist_entry_value(&e, value);
		fprintf(f, "hotkey %s %lld r\n", value, (long long)(i == 0 ?
		    first_end_s : NOW + 1));
	}
	fprintf(f, "entries %u\n", n);
	assert_int_equal(fclose(f), 0);
}

static void
a_list_takes_no_more_entries_than_fit(void **state)
{
	struct denylist_entry e = hotkey(DENYLIST_ENTRIES_MAX, 5);
	struct denylist_file f;
	bool was;

	(void)state;
	write_many(DENYLIST_ENTRIES_MAX, NOW + 1);
	assert_int_equal(denylist_file_add(dir, &e, NOW, &was), ERR_RANGE);

	/* To replace one is not to add one. */
	assert_true(add(hotkey(7, NOW + 9)));
	assert_true(add(hotkey(0, NOW)));
	assert_false(add(e));
	assert_int_equal(denylist_file_read(dir, &f), ERR_OK);
	assert_int_equal(f.n, DENYLIST_ENTRIES_MAX);
	assert_memory_equal(f.entry[f.n - 1].key, e.key, sizeof(e.key));
	denylist_file_free(&f);
	write_many(DENYLIST_ENTRIES_MAX + 1, NOW);
	assert_int_equal(denylist_file_read(dir, &f), ERR_LEDGER);
}

#define WRITERS 4
#define EACH 12

/* Nobody's change is lost to somebody else's. */
static void
no_change_is_lost_among_many_writers(void **state)
{
	struct denylist_file f;
	int status, i, j;
	pid_t child[WRITERS];

	(void)state;
	for (i = 0; i < WRITERS; i++) {
		child[i] = fork();
		assert_true(child[i] != -1);
		for (j = 0; child[i] == 0 && j < EACH; j++) {
			struct denylist_entry e = hotkey(
			    (uint32_t)(i * EACH + j), 5);
			bool was;

			if (denylist_file_add(dir, &e, NOW, &was) != ERR_OK)
				_exit(1);
		}
		if (child[i] == 0)
			_exit(0);
	}
	for (i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(denylist_file_read(dir, &f), ERR_OK);
	assert_int_equal(f.n, WRITERS * EACH);
	denylist_file_free(&f);
}

/* What a killed writer left goes with the next change, but not what somebody
   writes now. */
static void
what_a_killed_writer_left_is_removed(void **state)
{
	char old[PATH_MAX];
	struct denylist_entry e = hotkey(1, 5);
	struct stat st;
	bool was;

	(void)state;
	snprintf(old, sizeof(old), "%.4000s/denylist.tmp.abcdef", dir);
	assert_int_equal(file_create(old, "x", 1, 0600), ERR_OK);
	assert_int_equal(stat(old, &st), 0);
	assert_int_equal(denylist_file_add(dir, &e, st.st_mtime + 30, &was),
	    ERR_OK);
	assert_int_equal(access(old, F_OK), 0);
	assert_int_equal(denylist_file_add(dir, &e, st.st_mtime + 90, &was),
	    ERR_OK);
	assert_int_equal(access(old, F_OK), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(the_file_holds_one_line_for_each_entry),
	T(good_lines_are_read_and_bad_ones_refused),
	T(a_list_cut_or_changed_anywhere_is_refused),
	T(a_list_that_cannot_be_read_is_not_replaced),
	T(entries_that_cannot_be_are_refused),
	T(a_lock_that_is_no_file_of_ours_is_refused),
	T(a_list_takes_no_more_entries_than_fit),
	T(no_change_is_lost_among_many_writers),
	T(what_a_killed_writer_left_is_removed)
};

TEST_MAIN(tests)
