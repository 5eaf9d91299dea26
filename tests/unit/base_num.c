#include "test.h"

#include "base/num.h"

static enum err
parse(const char *s, int64_t min, int64_t max, int64_t *out)
{

	return (num_parse(s, strlen(s), min, max, out));
}

static void
signed_numbers_are_read_up_to_their_limits(void **state)
{
	static const struct {
		const char *s;
		int64_t n;
	} rows[] = {
		{ "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-7", -7 },
		{ "007", 7 }, { "-007", -7 }, { "10", 10 },
		{ "00000000000000000000000000000000000001", 1 },
		{ "9223372036854775807", INT64_MAX },
		{ "9223372036854775806", INT64_MAX - 1 },
		{ "-9223372036854775807", -INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	int64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = 99;
		assert_int_equal(parse(rows[i].s, INT64_MIN, INT64_MAX, &n),
		    ERR_OK);
		assert_true(n == rows[i].n);
	}
}

static const char *const malformed[] = { "", "+", "+1", " 1", "1 ", "1\n", "x",
    "1x", "x1", "1.", "1.0", "1e3", "0x10", "1,000", "1_0", "/", ":", "\xb2" };
#define MALFORMED (sizeof(malformed) / sizeof(malformed[0]))

static void
malformed_signed_numbers_are_refused(void **state)
{
	static const char *const more[] = { "-", "--1", "-+1", "- 1", "1-",
	    "-x", "-1-" };
	size_t i;
	int64_t n;

	(void)state;
	for (i = 0; i < MALFORMED; i++)
		assert_int_equal(parse(malformed[i], INT64_MIN, INT64_MAX, &n),
		    ERR_FORMAT);
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		assert_int_equal(parse(more[i], INT64_MIN, INT64_MAX, &n),
		    ERR_FORMAT);
	assert_int_equal(num_parse("1\0", 2, 0, 9, &n), ERR_FORMAT);

	/* Malformed counts for more than large. */
	assert_int_equal(parse("99999999999999999999x", 0, 9, &n), ERR_FORMAT);
	assert_int_equal(parse("12x", 0, 9, &n), ERR_FORMAT);
}

static void
signed_numbers_beyond_their_range_are_refused(void **state)
{
	static const char *const over[] = { "9223372036854775808",
	    "-9223372036854775809", "18446744073709551615",
	    "18446744073709551616", "18446744073709551617",
	    "-18446744073709551615", "-18446744073709551616",
	    "92233720368547758070", "99999999999999999999999999999999" };
	int64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		assert_int_equal(parse(over[i], INT64_MIN, INT64_MAX, &n),
		    ERR_RANGE);
	assert_int_equal(parse("-5", -5, 5, &n), ERR_OK);
	assert_int_equal(parse("5", -5, 5, &n), ERR_OK);
	assert_int_equal(parse("-6", -5, 5, &n), ERR_RANGE);
	assert_int_equal(parse("6", -5, 5, &n), ERR_RANGE);
	assert_int_equal(parse("-1", 0, INT64_MAX, &n), ERR_RANGE);
	assert_int_equal(parse("0", 1, INT64_MAX, &n), ERR_RANGE);
}

/* Only the bytes given count. */
static void
a_number_is_read_by_its_length_and_not_to_a_nul(void **state)
{
	uint64_t u;
	int64_t n;

	(void)state;
	assert_int_equal(num_parse("1234", 2, 0, 99, &n), ERR_OK);
	assert_int_equal(n, 12);
	assert_int_equal(num_parse("-34", 1, -99, 99, &n), ERR_FORMAT);
	assert_int_equal(num_parse("34", 0, -99, 99, &n), ERR_FORMAT);
	assert_int_equal(num_parse_u64("1234", 3, 999, &u), ERR_OK);
	assert_int_equal(u, 123);
}

static enum err
parse_u64(const char *s, uint64_t max, uint64_t *out)
{

	return (num_parse_u64(s, strlen(s), max, out));
}

static void
unsigned_numbers_are_read_up_to_the_largest(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(parse_u64("18446744073709551615", UINT64_MAX, &n),
	    ERR_OK);
	assert_true(n == UINT64_MAX);
	assert_int_equal(parse_u64("18446744073709551614", UINT64_MAX, &n),
	    ERR_OK);
	assert_true(n == UINT64_MAX - 1);
	assert_int_equal(parse_u64("18446744073709551616", UINT64_MAX, &n),
	    ERR_RANGE);
	assert_int_equal(parse_u64("18446744073709551620", UINT64_MAX, &n),
	    ERR_RANGE);
	assert_int_equal(parse_u64("184467440737095516150", UINT64_MAX, &n),
	    ERR_RANGE);
	assert_int_equal(parse_u64("36893488147419103232", UINT64_MAX, &n),
	    ERR_RANGE);
	assert_int_equal(parse_u64("0", UINT64_MAX, &n), ERR_OK);
	assert_true(n == 0);
}

/* Every bound up to 120 against every number around it. */
static void
every_bound_up_to_120_is_kept_by_every_number(void **state)
{
	uint64_t max, v, n;
	char s[8];

	(void)state;
	for (max = 0; max <= 120; max++) {
		for (v = 0; v <= 1300; v++) {
			snprintf(s, sizeof(s), "%u", (unsigned)v);
			n = 0;
			assert_int_equal(parse_u64(s, max, &n),
			    v <= max ? ERR_OK : ERR_RANGE);
			if (v <= max)
				assert_true(n == v);
		}
	}
}

static void
malformed_unsigned_numbers_are_refused(void **state)
{
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < MALFORMED; i++)
		assert_int_equal(parse_u64(malformed[i], UINT64_MAX, &n),
		    ERR_FORMAT);
	assert_int_equal(parse_u64("-1", UINT64_MAX, &n), ERR_FORMAT);
	assert_int_equal(parse_u64("-0", UINT64_MAX, &n), ERR_FORMAT);
	assert_int_equal(parse_u64("-", UINT64_MAX, &n), ERR_FORMAT);
	assert_int_equal(parse_u64("18446744073709551616x", UINT64_MAX, &n),
	    ERR_FORMAT);
}

static void
whole_numbers_are_read_exactly_in_any_notation(void **state)
{
	static const struct {
		const char *s;
		enum err e;
		int64_t n;
	} rows[] = {
		{ "0", ERR_OK, 0 }, { "-0.0", ERR_OK, 0 }, { "007", ERR_OK, 7 },
		{ "1774000123.0", ERR_OK, 1774000123 },
		{ "1.774000123e9", ERR_OK, 1774000123 },
		{ "1774000123000E-3", ERR_OK, 1774000123 },
		{ "-12.50e+1", ERR_OK, -125 }, { "0.0001e4", ERR_OK, 1 },
		{ "0e-999999999999999999999", ERR_OK, 0 },
		{ "9223372036854775807.000", ERR_OK, INT64_MAX },
		{ "-9223372036854775.807e3", ERR_OK, -INT64_MAX },
		{ "9007199254740993.0", ERR_OK, INT64_C(9007199254740993) },
		{ "9223372036854775808.0", ERR_RANGE, 0 },
		{ "1e19", ERR_RANGE, 0 }, { "-1e99999", ERR_RANGE, 0 },
		{ "1e99999999999999999999", ERR_RANGE, 0 },
		{ "1.5", ERR_FORMAT, 0 }, { "1e-1", ERR_FORMAT, 0 },
		{ "1774000123.0000000000001", ERR_FORMAT, 0 },
		{ "99999999999999999999.5", ERR_FORMAT, 0 },
		{ "1e-99999999999999999999", ERR_FORMAT, 0 },
		{ "", ERR_FORMAT, 0 }, { "-", ERR_FORMAT, 0 },
		{ ".5", ERR_FORMAT, 0 }, { "1.", ERR_FORMAT, 0 },
		{ "1.e1", ERR_FORMAT, 0 }, { "1e", ERR_FORMAT, 0 },
		{ "1e+", ERR_FORMAT, 0 }, { "1e+-1", ERR_FORMAT, 0 },
		{ "+1", ERR_FORMAT, 0 }, { " 1", ERR_FORMAT, 0 },
		{ "1 ", ERR_FORMAT, 0 }, { "1.0.0", ERR_FORMAT, 0 },
		{ "1e1e1", ERR_FORMAT, 0 }, { "0x1", ERR_FORMAT, 0 },
	};
	int64_t n;
	size_t i, len;
	char *copy;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Without a NUL after it. */
		len = strlen(rows[i].s);
		copy = malloc(len > 0 ? len : 1);
		assert_non_null(copy);
		memcpy(copy, rows[i].s, len);
		n = 0;
		if (num_parse_whole(copy, len, INT64_MIN, INT64_MAX, &n) !=
		    rows[i].e || (rows[i].e == ERR_OK && n != rows[i].n))
			fail_msg("%s: %lld", rows[i].s, (long long)n);
		free(copy);
	}
	assert_int_equal(num_parse_whole("5.0", 3, 0, 4, &n), ERR_RANGE);
	assert_int_equal(num_parse_whole("-1.0", 4, 0, 4, &n), ERR_RANGE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(whole_numbers_are_read_exactly_in_any_notation),
	cmocka_unit_test(signed_numbers_are_read_up_to_their_limits),
	cmocka_unit_test(malformed_signed_numbers_are_refused),
	cmocka_unit_test(signed_numbers_beyond_their_range_are_refused),
	cmocka_unit_test(a_number_is_read_by_its_length_and_not_to_a_nul),
	cmocka_unit_test(unsigned_numbers_are_read_up_to_the_largest),
	cmocka_unit_test(every_bound_up_to_120_is_kept_by_every_number),
	cmocka_unit_test(malformed_unsigned_numbers_are_refused)
};

TEST_MAIN(tests)
