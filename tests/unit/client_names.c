#include <string.h>

#include "names.h"
#include "test.h"

static void
assert_odd(const char *name, size_t len, const char *want)
{
	const char *why = names_odd(name, len);

	if (want == NULL) {
		assert_null(why);
		return;
	}
	assert_non_null(why);
	assert_non_null(strstr(why, want));
}

static void
plain_names_become_paths(void **state)
{
	static const char *const rows[] = {
		"a", "a b+c", "job_id=1/posts.csv", "...", "..a", "a..", "a/.b",
		"\xc3\xbc/\xe4\xb8\xad", "a\\b", "-rf", "~", "a/.foldergate",
		".foldergate2/a",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_odd(rows[i], strlen(rows[i]), NULL);
}

static void
names_that_leave_a_directory_or_have_control_bytes_are_odd(void **state)
{
	static const struct { const char *name, *why; } rows[] = {
		{ "", "empty" }, { "/", "empty" }, { "/etc/passwd", "empty" },
		{ "a/", "empty" }, { "a//b", "empty" },
		{ ".", "\".\"" }, { "..", "\"..\"" }, { "../a", "\"..\"" },
		{ "a/..", "\"..\"" }, { "a/../b", "\"..\"" },
		{ "a/./b", "\".\"" }, { "a\nb", "control" },
		{ "\033[2J", "control" }, { "a\x7f", "control" },
		{ "a\xc2\x9b", "control" }, { "a\xff", "UTF-8" },
		{ "\xc0\xae\xc0\xae/a", "UTF-8" },
		{ ".foldergate", "directory" }, { ".foldergate/a",
		    "directory" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_odd(rows[i].name, strlen(rows[i].name), rows[i].why);
	assert_odd("a\0b", 3, "control");
}

static void
names_are_odd_beyond_the_longest_part_and_path_and_depth(void **state)
{
	char name[NAMES_PATH_MAX + 2];
	size_t i;

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_odd(name, NAMES_PART_MAX, NULL);
	assert_odd(name, NAMES_PART_MAX + 1, "too long");
	for (i = 100; i < sizeof(name); i += 100)
		name[i] = '/';
	assert_odd(name, NAMES_PATH_MAX, NULL);
	assert_odd(name, NAMES_PATH_MAX + 1, "too long");
	for (i = 1; i < sizeof(name); i += 2)
		name[i] = '/';
	for (i = 0; i < sizeof(name); i += 2)
		name[i] = 'a';
	assert_odd(name, 2 * NAMES_PARTS_MAX - 1, NULL);
	assert_odd(name, 2 * NAMES_PARTS_MAX + 1, "too deep");
}

static void
what_a_terminal_obeys_is_escaped(void **state)
{
	static const struct { const char *name, *want; } rows[] = {
		{ "a b", "a b" }, { "\"a\"", "\"a\"" },
		{ "\033[31m", "\\u001b[31m" }, { "a\nb", "a\\nb" },
		{ "a\\nb", "a\\\\nb" }, { "\x7f", "\\u007f" },
		{ "\xc2\x9b" "2J", "\\u009b2J" },
		{ "a\xe2\x80\xae" "b", "a\\u202eb" },
		{ "\xe2\x80\x8b", "\\u200b" }, { "\xe2\x81\xa6", "\\u2066" },
		{ "\xe2\x80\xa8", "\\u2028" }, { "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xc3\xbc", "\xc3\xbc" }, { "\xff", "\\ufffd" },
	};
	char out[NAMES_SHOWN_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		names_show(rows[i].name, strlen(rows[i].name), out);
		assert_string_equal(out, rows[i].want);
	}
}

static void
a_long_name_is_cut_when_it_is_shown(void **state)
{
	char name[2 * NAMES_SHOWN_MAX], out[NAMES_SHOWN_MAX + 1];

	(void)state;
	memset(name, '\001', sizeof(name));
	names_show(name, sizeof(name), out);
	assert_true(strlen(out) <= NAMES_SHOWN_MAX);
	assert_string_equal(out + strlen(out) - 3, "...");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(plain_names_become_paths),
	cmocka_unit_test(
	    names_that_leave_a_directory_or_have_control_bytes_are_odd),
	cmocka_unit_test(
	    names_are_odd_beyond_the_longest_part_and_path_and_depth),
	cmocka_unit_test(what_a_terminal_obeys_is_escaped),
	cmocka_unit_test(a_long_name_is_cut_when_it_is_shown),
};

TEST_MAIN(tests)
