#include "test.h"
#include "tmpdir.h"

#include "top_sample.h"

/* Requests of two endpoints, as two looks saw them. */
static struct top_sample before, now;
static struct top_change c;

static int
setup(void **state)
{

	(void)state;
	memset(&before, 0, sizeof(before));
	before.at_ms = 1000;
	before.endpoints = 2;
	snprintf(before.endpoint[0].name, METRICS_NAME_MAX, "one");
	snprintf(before.endpoint[1].name, METRICS_NAME_MAX, "two");
	before.endpoint[0].answers[ERR_OK] = 100;
	before.endpoint[0].answers[ERR_REPLAY] = 5;
	before.endpoint[1].answers[ERR_OK] = 7;
	now = before;
	now.at_ms = 3000;
	return (0);
}

static void
rates_are_the_difference_by_the_seconds_between_two_looks(void **state)
{

	(void)state;
	now.endpoint[0].answers[ERR_OK] += 30;
	now.endpoint[0].answers[ERR_REPLAY] += 4;
	now.endpoint[1].answers[ERR_INTERNAL] += 2;
	now.endpoint[0].granted = 30;
	now.verified = 34;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_true(c.has_rates);
	assert_int_equal(c.requests.total, 148);
	assert_true(c.requests.rate == 18);
	assert_true(c.grants.rate == 15);
	assert_true(c.verified.rate == 17);
	assert_true(c.refusals.rate == 2);
	assert_int_equal(c.refusals.total, 9);
	assert_true(c.errors.rate == 1);
	assert_int_equal(c.errors.total, 2);
}

static void
without_a_look_before_there_are_totals_and_no_rates(void **state)
{

	(void)state;
	top_sample_compare(NULL, &now, TOP_BY_REQUESTS, &c);
	assert_false(c.has_rates);
	assert_int_equal(c.requests.total, 112);
	assert_true(c.requests.rate == 0);
	top_sample_none(&before, "gone", 1000);
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_false(c.has_rates);
	assert_int_equal(c.requests.total, 112);
}

static void
without_a_table_now_nothing_is_shown_of_the_one_before(void **state)
{

	(void)state;
	top_sample_none(&now, "gone", 3000);
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_int_equal(c.endpoints, 0);
	assert_int_equal(c.requests.total, 0);
	assert_false(c.has_rates);
}

static void
a_table_in_the_place_of_another_was_counted_since_the_last_look(void **state)
{

	(void)state;
	now.salt[0] = 1;
	now.endpoint[0].answers[ERR_OK] = 300;
	now.endpoint[0].answers[ERR_REPLAY] = 0;
	now.endpoint[1].answers[ERR_OK] = 0;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_true(c.requests.rate == 150);
	assert_true(c.refusals.rate == 0);
}

static void
a_count_that_fell_gives_no_negative_rate(void **state)
{

	(void)state;
	now.endpoint[0].answers[ERR_OK] = 10;
	now.verified = 0;
	before.verified = UINT64_MAX;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_true(c.requests.rate == 5);
	assert_true(c.verified.rate == 0);
}

static void
two_looks_at_one_moment_have_no_rates(void **state)
{

	(void)state;
	now.at_ms = before.at_ms;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_false(c.has_rates);
	now.at_ms = before.at_ms - 5;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_false(c.has_rates);
	assert_int_equal(c.requests.total, 112);
}

static void
errors_of_one_status_and_code_are_one_row(void **state)
{

	(void)state;
	now.endpoint[0].answers[ERR_NOT_REGISTERED] = 3;
	now.endpoint[1].answers[ERR_NO_VALIDATOR] = 4;
	now.endpoint[1].answers[ERR_TAO_NOT_REGISTERED] = 5;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_int_equal(c.codes, 2);
	assert_string_equal(c.code[0].code, "not_registered");
	assert_int_equal(c.code[0].count.total, 12);
	assert_true(c.code[0].count.rate == 6);
	assert_string_equal(c.code[1].code, err_code(ERR_REPLAY));
}

static void
endpoints_are_sorted_as_asked(void **state)
{

	(void)state;
	now.endpoint[0].answers[ERR_OK] += 30;
	now.endpoint[0].took[0] = 30;
	now.endpoint[1].answers[ERR_INTERNAL] += 1;
	now.endpoint[1].took[5] = 1;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_string_equal(c.endpoint[0].name, "one");
	top_sample_compare(&before, &now, TOP_BY_ERRORS, &c);
	assert_string_equal(c.endpoint[0].name, "two");
	top_sample_compare(&before, &now, TOP_BY_TIME, &c);
	assert_string_equal(c.endpoint[0].name, "two");
	now = before;
	now.at_ms = 3000;
	top_sample_compare(&before, &now, TOP_BY_ERRORS, &c);
	assert_string_equal(c.endpoint[0].name, "one");
}

static void
times_are_those_of_the_interval(void **state)
{

	(void)state;
	before.endpoint[0].took[METRICS_BUCKETS] = 1000;
	before.endpoint[0].took_us = 9000000000;
	now.endpoint[0] = before.endpoint[0];
	now.endpoint[0].took[0] += 10;
	now.endpoint[0].took_us += 400;
	top_sample_compare(&before, &now, TOP_BY_REQUESTS, &c);
	assert_int_equal(c.endpoint[0].mean_us, 40);
	assert_int_equal(c.endpoint[0].most_us, 47);
	assert_int_equal(c.endpoint[1].mean_us, TOP_NO_TIME);
	assert_int_equal(c.endpoint[1].most_us, TOP_NO_TIME);
	top_sample_compare(NULL, &now, TOP_BY_REQUESTS, &c);
	assert_int_equal(c.endpoint[0].most_us, TOP_LONG_TIME);
}

/* Lower bound, plus the part of the bucket that the rank is into it. */
static void
a_quantile_is_taken_evenly_within_its_bucket(void **state)
{
	uint64_t took[METRICS_BUCKETS + 1] = { 0 };

	(void)state;
	assert_int_equal(top_sample_quantile(took, 95), TOP_NO_TIME);
	took[2] = 100;
	assert_int_equal(top_sample_quantile(took, 50), 175);
	took[4] = 100;
	assert_int_equal(top_sample_quantile(took, 95), 950);
	assert_int_equal(top_sample_quantile(took, 50), 250);
	took[METRICS_BUCKETS] = 1;
	assert_int_equal(top_sample_quantile(took, 100), TOP_LONG_TIME);
	memset(took, 0xff, sizeof(took));
	assert_in_range(top_sample_quantile(took, 50), 1, 5000000);
}

static void
a_sample_has_what_a_table_counted(void **state)
{
	static struct top_sample s;
	char dir[200], path[300];
	struct metrics *m, *copy;
	const char *why;

	(void)state;
	assert_int_equal(tmpdir_make(dir, sizeof(dir)), 0);
	assert_int_equal(metrics_open(dir, "get-file", true, &m), ERR_OK);
	metrics_alive(m, METRICS_SANDBOX_ON);
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 3);
	metrics_count(m, METRICS_COUNTED_GRANTS, 0, METRICS_KIND_GET, 2);
	metrics_count(m, METRICS_COUNTED_PROOFS, METRICS_SCHEME_TAO,
	    METRICS_PROOF_INVALID, 4);
	metrics_time(m, METRICS_TIMED_REQUEST, 0, 60);
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_OK);
	top_sample_take(&s, copy, 5, 1774000123);
	metrics_close(copy);
	assert_int_equal(s.endpoints, 1);
	assert_string_equal(s.endpoint[0].name, "get-file");
	assert_int_equal(s.endpoint[0].answers[ERR_OK], 3);
	assert_int_equal(s.endpoint[0].granted, 2);
	assert_int_equal(s.endpoint[0].took[1], 1);
	assert_int_equal(s.endpoint[0].took_us, 60);
	assert_int_equal(s.endpoint[0].confined, 1);
	assert_int_equal(s.endpoint[0].open, 0);
	assert_int_equal(s.verified, 4);
	metrics_close(m);

	/* A name that is no program's. */
	assert_int_equal(metrics_open(dir, "\033[2Jx", false, &m), ERR_OK);
	metrics_close(m);
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_OK);
	top_sample_take(&s, copy, 5, 1774000123);
	metrics_close(copy);
	assert_string_equal(s.endpoint[1].name, "?");
	snprintf(path, sizeof(path), "%s/%s", dir, METRICS_FILE);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(
	    rates_are_the_difference_by_the_seconds_between_two_looks, setup),
	cmocka_unit_test_setup(
	    without_a_look_before_there_are_totals_and_no_rates, setup),
	cmocka_unit_test_setup(
	    without_a_table_now_nothing_is_shown_of_the_one_before, setup),
	cmocka_unit_test_setup(
	    a_table_in_the_place_of_another_was_counted_since_the_last_look,
	    setup),
	cmocka_unit_test_setup(a_count_that_fell_gives_no_negative_rate,
	    setup),
	cmocka_unit_test_setup(two_looks_at_one_moment_have_no_rates, setup),
	cmocka_unit_test_setup(errors_of_one_status_and_code_are_one_row,
	    setup),
	cmocka_unit_test_setup(endpoints_are_sorted_as_asked, setup),
	cmocka_unit_test_setup(times_are_those_of_the_interval, setup),
	cmocka_unit_test(a_quantile_is_taken_evenly_within_its_bucket),
	cmocka_unit_test(a_sample_has_what_a_table_counted),
};

TEST_MAIN(tests)
