#include "progress.h"
#include "test.h"

static const struct progress_view half = {
	.bytes = 50 << 20, .bytes_total = 100 << 20, .files = 3,
	.files_total = 12, .rate = 10 << 20
};

static size_t
shown_width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\033')
			text += strcspn(text, "m");
		else
			n++;
	}
	return (n);
}

static void
sizes_are_written_with_three_digits(void **state)
{
	static const struct { int64_t n; const char *want; } rows[] = {
		{ 0, "0 B" }, { 999, "999 B" }, { 1000, "0.9 KiB" },
		{ 1024, "1.0 KiB" }, { 1536, "1.5 KiB" },
		{ 102399, "99.9 KiB" }, { 102400, "100 KiB" },
		{ (int64_t)5 << 30, "5.0 GiB" },
		{ INT64_MAX, "8388607 TiB" },
	};
	char out[PROGRESS_WORD_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		progress_size(rows[i].n, out);
		assert_string_equal(out, rows[i].want);
	}
}

static void
times_are_written_with_the_units_that_matter(void **state)
{
	static const struct { int64_t s; const char *want; } rows[] = {
		{ 0, "0:00" }, { 42, "0:42" }, { 61, "1:01" },
		{ 3599, "59:59" }, { 11100, "3:05:00" }, { 172800, "2 d" },
	};
	char out[PROGRESS_WORD_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		progress_time(rows[i].s, out);
		assert_string_equal(out, rows[i].want);
	}
}

static void
a_bar_of_83_columns_has_all_parts(void **state)
{
	char out[PROGRESS_TEXT_MAX + 1];

	(void)state;
	progress_bar("upload", &half, 83, false, out);
	assert_string_equal(out, "upload   50%  [####----]  50.0 MiB of 100 "
	    "MiB  10.0 MiB/s  0:05 left  3 of 12 files");
}

static void
no_bar_is_wider_than_the_terminal_and_each_part_is_whole(void **state)
{
	char out[PROGRESS_TEXT_MAX + 1];
	size_t w;
	int color;

	(void)state;
	for (w = 1; w <= PROGRESS_WIDTH_MAX + 20; w++) {
		for (color = 0; color < 2; color++) {
			progress_bar("upload", &half, w, color != 0, out);
			assert_in_range(shown_width(out), 0,
			    w < PROGRESS_WIDTH_MAX ? w : PROGRESS_WIDTH_MAX);
		}
		assert_int_equal(strstr(out, "MiB/s") != NULL,
		    w >= strlen("upload   50%  0:05 left  10.0 MiB/s"));
	}
}

static void
colour_is_begun_and_ended_within_the_bar(void **state)
{
	struct progress_view v = half;
	char out[PROGRESS_TEXT_MAX + 1];
	int64_t n;

	(void)state;
	for (n = 0; n <= 100; n += 10) {
		v.bytes = n << 20;
		progress_bar("upload", &v, 80, true, out);
		assert_non_null(strstr(out, "\033[32m"));
		assert_true(strstr(out, "\033[32m") < strstr(out, "\033[0m"));
		progress_bar("upload", &v, 80, false, out);
		assert_null(strchr(out, '\033'));
	}
}

static void
what_is_not_known_is_left_out(void **state)
{
	const struct progress_view v = { 5 << 20, -1, 7, -1, -1 };
	char out[PROGRESS_TEXT_MAX + 1];

	(void)state;
	progress_bar("get", &v, 80, false, out);
	assert_string_equal(out, "get  5.0 MiB  7 files");
	progress_line("get", &v, out);
	assert_string_equal(out, "get: 5.0 MiB, 7 files");
	progress_line("upload", &half, out);
	assert_string_equal(out, "upload: 50%, 50.0 MiB of 100 MiB, 3 of 12 "
	    "files, 10.0 MiB/s, 0:05 left");
}

static void
more_than_the_whole_is_shown_as_the_whole(void **state)
{
	const struct progress_view v = { 9, 5, -1, -1, 0 };
	char out[PROGRESS_TEXT_MAX + 1];

	(void)state;
	progress_bar("get", &v, 80, false, out);
	assert_non_null(strstr(out, "100%"));
	assert_null(strstr(out, "left"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(sizes_are_written_with_three_digits),
	cmocka_unit_test(times_are_written_with_the_units_that_matter),
	cmocka_unit_test(a_bar_of_83_columns_has_all_parts),
	cmocka_unit_test(
	    no_bar_is_wider_than_the_terminal_and_each_part_is_whole),
	cmocka_unit_test(colour_is_begun_and_ended_within_the_bar),
	cmocka_unit_test(what_is_not_known_is_left_out),
	cmocka_unit_test(more_than_the_whole_is_shown_as_the_whole),
};

TEST_MAIN(tests)
