#include "test.h"

#include "base/skew.h"

static void
a_time_between_sending_and_receiving_is_no_skew(void **state)
{

	(void)state;
	assert_true(skew_of(1000, 1000, 1) == 0);
	assert_true(skew_of(1500, 1600, 1) == 0);
	assert_true(skew_of(1999, 1999, 1) == 0);
	assert_true(skew_of(1000, 900000, 1) == 0);
	assert_true(skew_of(1000, 900000, 500) == 0);
	assert_true(skew_of(1000, 900000, 900) == 0);
}

static void
a_time_outside_is_the_skew_to_the_nearer_end(void **state)
{

	(void)state;
	assert_true(skew_of(1000, 5000, 36) == 31000);
	assert_true(skew_of(100000, 105000, 69) == -30001);
	assert_true(skew_of(100999, 105000, 100) == 0);
	assert_true(skew_of(101000, 105000, 100) == -1);
	assert_true(skew_of(1000, 899999, 900) == 1);
}

static void
what_cannot_be_judged_is_unknown(void **state)
{

	(void)state;
	assert_true(skew_of(1000, 2000, -1) == SKEW_UNKNOWN);
	assert_true(skew_of(2000, 1999, 5) == SKEW_UNKNOWN);
	assert_true(skew_of(1000, 2000, INT64_MAX) == SKEW_UNKNOWN);
	assert_false(skew_is_off(SKEW_UNKNOWN));
}

static void
a_skew_is_reported_from_30_seconds_of_the_header_on(void **state)
{
	const int64_t now_ms = 1000000;

	(void)state;
	assert_true(skew_is_off(skew_of(now_ms, now_ms, 1030)));
	assert_true(skew_is_off(skew_of(now_ms, now_ms, 970)));
	assert_false(skew_is_off(skew_of(now_ms, now_ms, 1029)));
	assert_false(skew_is_off(skew_of(now_ms, now_ms, 971)));
	assert_int_equal(skew_seconds(31000), 31);
	assert_int_equal(skew_seconds(-30001), 31);
}

static int64_t
median(int64_t a, int64_t b, int64_t c, int64_t d, size_t n, size_t want)
{
	int64_t v[4], m;
	size_t known;

	v[0] = a;
	v[1] = b;
	v[2] = c;
	v[3] = d;
	m = skew_median(v, n, &known);
	assert_int_equal(known, want);
	return (m);
}

static void
one_of_three_peers_decides_nothing(void **state)
{
	const int64_t none = SKEW_UNKNOWN;

	(void)state;
	assert_true(median(90, 0, 1, 0, 3, 3) == 1);
	assert_true(median(-90, 80, 85, 0, 3, 3) == 80);
	assert_true(median(90, none, none, 0, 3, 1) == none);
	assert_true(median(90, 80, none, 0, 3, 2) == 80);
	assert_true(median(-90, -80, none, 0, 3, 2) == -80);
	assert_true(median(90, none, 0, 0, 2, 1) == none);
	assert_true(median(90, 0, 0, 0, 1, 1) == 90);
	assert_true(median(7, 90, -3, 90, 4, 4) == 7);
	assert_true(median(90, 90, none, none, 4, 2) == none);
	assert_true(median(0, 0, 0, 0, 0, 0) == none);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_time_between_sending_and_receiving_is_no_skew),
	cmocka_unit_test(a_time_outside_is_the_skew_to_the_nearer_end),
	cmocka_unit_test(what_cannot_be_judged_is_unknown),
	cmocka_unit_test(a_skew_is_reported_from_30_seconds_of_the_header_on),
	cmocka_unit_test(one_of_three_peers_decides_nothing)
};

TEST_MAIN(tests)
