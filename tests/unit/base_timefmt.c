#include "test.h"

#include <time.h>

#include "base/timefmt.h"

static void
known_times_are_written_in_every_form(void **state)
{
	static const struct {
		int64_t t;
		const char *iso, *zulu, *amz, *date;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z",
		    "19700101T000000Z", "19700101" },
		{ 951782400, "2000-02-29T00:00:00+00:00",
		    "2000-02-29T00:00:00Z", "20000229T000000Z", "20000229" },
		{ 951868800, "2000-03-01T00:00:00+00:00",
		    "2000-03-01T00:00:00Z", "20000301T000000Z", "20000301" },
		{ 1795360631, "2026-11-22T15:17:11+00:00",
		    "2026-11-22T15:17:11Z", "20261122T151711Z", "20261122" },
		{ 2147483648, "2038-01-19T03:14:08+00:00",
		    "2038-01-19T03:14:08Z", "20380119T031408Z", "20380119" },
		{ 4107542399, "2100-02-28T23:59:59+00:00",
		    "2100-02-28T23:59:59Z", "21000228T235959Z", "21000228" },
		{ 4107542400, "2100-03-01T00:00:00+00:00",
		    "2100-03-01T00:00:00Z", "21000301T000000Z", "21000301" },
		{ TIMEFMT_S_MAX, "9999-12-31T23:59:59+00:00",
		    "9999-12-31T23:59:59Z", "99991231T235959Z", "99991231" },
	};
	char iso[TIMEFMT_ISO_MAX + 1], zulu[TIMEFMT_ZULU_MAX + 1];
	char amz[TIMEFMT_AMZ_MAX + 1], date[TIMEFMT_DATE_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		timefmt_iso(rows[i].t, iso);
		timefmt_zulu(rows[i].t, zulu);
		timefmt_amz(rows[i].t, amz);
		timefmt_date(rows[i].t, date);
		assert_string_equal(iso, rows[i].iso);
		assert_string_equal(zulu, rows[i].zulu);
		assert_string_equal(amz, rows[i].amz);
		assert_string_equal(date, rows[i].date);
	}
}

static void
as_gmtime(int64_t at)
{
	char got[TIMEFMT_ISO_MAX + 1], want[TIMEFMT_ISO_MAX + 1];
	time_t t = (time_t)at;
	struct tm tm;

	assert_non_null(gmtime_r(&t, &tm));
	assert_int_equal(strftime(want, sizeof(want),
	    "%Y-%m-%dT%H:%M:%S+00:00", &tm), TIMEFMT_ISO_MAX);
	timefmt_iso(at, got);
	assert_string_equal(got, want);
}

/* The last and the first second of every day of four centuries. */
static void
every_day_of_four_centuries_is_written_rightly(void **state)
{
	int64_t day;

	(void)state;
	for (day = 1; day < 146097 + 366; day++) {
		as_gmtime(day * 86400 - 1);
		as_gmtime(day * 86400);
	}
}

static void
times_up_to_the_year_9999_are_written_rightly(void **state)
{
	int64_t t;

	(void)state;
	for (t = 0; t <= TIMEFMT_S_MAX; t += INT64_C(1234567) + t % 86399)
		as_gmtime(t);
	as_gmtime(TIMEFMT_S_MAX - 1);
}

static void
a_time_out_of_range_is_written_as_the_nearest(void **state)
{
	char out[TIMEFMT_ISO_MAX + 1];

	(void)state;
	timefmt_iso(-1, out);
	assert_string_equal(out, "1970-01-01T00:00:00+00:00");
	timefmt_iso(INT64_MIN, out);
	assert_string_equal(out, "1970-01-01T00:00:00+00:00");
	timefmt_iso(TIMEFMT_S_MAX + 1, out);
	assert_string_equal(out, "9999-12-31T23:59:59+00:00");
	timefmt_iso(INT64_MAX, out);
	assert_string_equal(out, "9999-12-31T23:59:59+00:00");
}

static void
every_day_is_read_from_the_form_of_HTTP_as_strftime_writes_it(void **state)
{
	char want[64], got[TIMEFMT_HTTP_LEN + 1];
	int64_t at, back;
	struct tm tm;
	time_t t;

	(void)state;
	for (at = 86399; at <= TIMEFMT_S_MAX; at += at < INT64_C(15000000000) ?
	    86400 : INT64_C(123456789)) {
		t = (time_t)at;
		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(strftime(want, sizeof(want),
		    "%a, %d %b %Y %H:%M:%S GMT", &tm), TIMEFMT_HTTP_LEN);
		timefmt_http(at, got);
		assert_string_equal(got, want);
		assert_int_equal(timefmt_http_read(want, strlen(want), &back),
		    ERR_OK);
		assert_true(back == at);
	}
}

static void
other_forms_of_a_date_of_HTTP_are_refused(void **state)
{
	static const char good[] = "Sun, 06 Nov 1994 08:49:37 GMT";
	static const char *const bad[] = {
		"", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, -6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:60 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Thu, 31 Nov 1994 08:49:37 GMT",
		"Wed, 29 Feb 2023 08:49:37 GMT",
		"Wed, 31 Dec 1969 23:59:59 GMT",
		"Sun, 06 ovD 1994 08:49:37 GMT",
		"Sun,  6 Nov 1994 08:49:37 GMT"
	};
	char text[TIMEFMT_HTTP_LEN + 1];
	int64_t t = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(timefmt_http_read(bad[i], strlen(bad[i]), &t),
		    ERR_FORMAT);
	assert_int_equal(timefmt_http_read(good, TIMEFMT_HTTP_LEN - 1, &t),
	    ERR_FORMAT);
	assert_int_equal(timefmt_http_read(good, TIMEFMT_HTTP_LEN + 1, &t),
	    ERR_FORMAT);
	for (i = 0; i < TIMEFMT_HTTP_LEN; i++) {
		memcpy(text, good, sizeof(text));
		text[i] = '\0';
		assert_int_equal(timefmt_http_read(text, TIMEFMT_HTTP_LEN, &t),
		    ERR_FORMAT);
	}
	assert_true(t == 7);
	assert_int_equal(timefmt_http_read(good, TIMEFMT_HTTP_LEN, &t),
	    ERR_OK);
	assert_true(t == 784111777);	/* the example of RFC 9110 */
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(known_times_are_written_in_every_form),
	cmocka_unit_test(every_day_of_four_centuries_is_written_rightly),
	cmocka_unit_test(times_up_to_the_year_9999_are_written_rightly),
	cmocka_unit_test(a_time_out_of_range_is_written_as_the_nearest),
	cmocka_unit_test(
	    every_day_is_read_from_the_form_of_HTTP_as_strftime_writes_it),
	cmocka_unit_test(other_forms_of_a_date_of_HTTP_are_refused)
};

TEST_MAIN(tests)
