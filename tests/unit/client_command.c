#include "test.h"

#include "command.h"

static const char *name, *other;
static bool flag;

static const struct option_spec specs[] = {
	{ "name", &name, NULL },
	{ "names", &other, NULL },
	{ "flag", NULL, &flag },
	{ NULL, NULL, NULL }
};

/* Read the words up to NULL; how many operands there are, or -1. */
static int
options(const char **operands, int max, const char *const *words)
{
	char *argv[8];
	int argc;

	name = other = NULL;
	flag = false;
	for (argc = 0; words[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	return (command_options(argc, argv, specs, operands, max));
}

#define OPTIONS(max, ...)						\
	options(operands, max, (const char *const[]){ __VA_ARGS__, NULL })

static void
an_option_takes_its_value_joined_or_apart(void **state)
{
	const char *operands[2];

	(void)state;
	assert_int_equal(OPTIONS(0, "--name", "a", "--names=b"), 0);
	assert_string_equal(name, "a");
	assert_string_equal(other, "b");
	assert_int_equal(OPTIONS(0, "--name=a=--b", "--flag"), 0);
	assert_string_equal(name, "a=--b");
	assert_true(flag);
	assert_int_equal(OPTIONS(0, "--name=", "--names", ""), 0);
	assert_string_equal(name, "");
	assert_string_equal(other, "");
	assert_int_equal(OPTIONS(0, "--name", "--flag"), 0);
	assert_string_equal(name, "--flag");
	assert_false(flag);
}

static void
operands_stand_between_options_and_after_two_dashes(void **state)
{
	const char *operands[3];

	(void)state;
	assert_int_equal(OPTIONS(3, "a", "--flag", "b", "--", "--flag"), 3);
	assert_string_equal(operands[0], "a");
	assert_string_equal(operands[1], "b");
	assert_string_equal(operands[2], "--flag");
	assert_int_equal(OPTIONS(1, "--", "--"), 1);
	assert_string_equal(operands[0], "--");
	assert_int_equal(OPTIONS(1, "-"), 1);
}

static void
options_that_do_not_exist_or_lack_a_value_are_refused(void **state)
{
	const char *operands[1];

	(void)state;
	assert_int_equal(OPTIONS(1, "--nam", "a"), -1);
	assert_int_equal(OPTIONS(1, "--nam=a"), -1);
	assert_int_equal(OPTIONS(1, "--name2=a"), -1);
	assert_int_equal(OPTIONS(1, "--=a"), -1);
	assert_int_equal(OPTIONS(1, "--name"), -1);
	assert_int_equal(OPTIONS(1, "--name", "a", "--name=b"), -1);
	assert_int_equal(OPTIONS(1, "--name=", "--name="), -1);
	assert_int_equal(OPTIONS(1, "--flag", "--flag"), -1);
	assert_int_equal(OPTIONS(1, "--flag="), -1);
	assert_int_equal(OPTIONS(1, "a", "b"), -1);
}

static void
a_duration_is_a_number_and_a_unit(void **state)
{
	static const struct { const char *text; int64_t s; } good[] = {
		{ "1s", 1 }, { "90s", 90 }, { "30m", 1800 }, { "12h", 43200 },
		{ "7d", 604800 }, { "253402300799s", 253402300799 },
	};
	static const char *const bad[] = {
		"", "s", "1", "0s", "-1s", "+1s", " 1s", "1 s", "1s ", "1.5h",
		"1w", "1H", "1hh", "253402300800s", "2932897d",
		"99999999999999999999d",
	};
	int64_t s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(command_duration(good[i].text, &s));
		assert_int_equal(s, good[i].s);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s = 5;
		assert_false(command_duration(bad[i], &s));
		assert_int_equal(s, 5);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_option_takes_its_value_joined_or_apart),
	cmocka_unit_test(operands_stand_between_options_and_after_two_dashes),
	cmocka_unit_test(options_that_do_not_exist_or_lack_a_value_are_refused),
	cmocka_unit_test(a_duration_is_a_number_and_a_unit),
};

TEST_MAIN(tests)
