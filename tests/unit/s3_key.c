#include "test.h"

#include "base/arena.h"
#include "s3/key.h"
#include "s3/bucket.h"

static bool
plain(const char *key)
{

	return (key_is_plain(key, strlen(key)));
}

static void
a_key_of_ordinary_segments_is_plain(void **state)
{

	(void)state;
	assert_true(plain("a"));
	assert_true(plain("data/x/a b/\xc3\xa9.parquet"));
	assert_true(plain("..."));
	assert_true(plain("a/.b/c..d"));
	assert_true(plain("%2e%2e/${filename}"));
}

static void
a_key_with_an_empty_or_dot_segment_is_not_plain(void **state)
{
	static const char *const keys[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/.",
		"a/..", "a/./b", "a/../b"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_false(plain(keys[i]));
}

static void
a_key_with_a_control_byte_is_not_plain(void **state)
{
	char key[] = "a?b";
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		key[1] = (char)c;
		assert_int_equal(key_is_plain(key, 3), c == '/' ||
		    (c >= 0x20 && c != 0x7f));
	}
}

static void
a_key_longer_than_a_store_takes_is_not_plain(void **state)
{
	char key[S3_KEY_MAX + 1];

	(void)state;
	memset(key, 'a', sizeof(key));
	assert_true(key_is_plain(key, S3_KEY_MAX));
	assert_false(key_is_plain(key, S3_KEY_MAX + 1));
}

static void
a_job_has_letters_digits_and_three_marks(void **state)
{

	(void)state;
	assert_true(key_is_job("default_0"));
	assert_true(key_is_job("A.b-9_"));
	assert_true(key_is_job(".."));
	assert_false(key_is_job(""));
	assert_false(key_is_job("a/b"));
	assert_false(key_is_job("a b"));
	assert_false(key_is_job("a\n"));
	assert_false(key_is_job("\xc3\xa9"));
}

static void
a_file_of_a_job_has_the_name_that_validators_look_for(void **state)
{
	static const char *const bad[] = {
		"", "data_20260101_120000_100_0123456789abcdef",
		"data_20260101_120000_100_0123456789abcdef.parquet ",
		"data_20260101_120000_100_0123456789abcdef.parquetx",
		"data_2026010_120000_100_0123456789abcdef.parquet",
		"data_202601011_120000_100_0123456789abcdef.parquet",
		"data_20260101_120000__0123456789abcdef.parquet",
		"data_20260101_120000_1a_0123456789abcdef.parquet",
		"data_20260101_120000_100_0123456789abcde.parquet",
		"data_20260101_120000_100_0123456789abcdefa.parquet",
		"data_20260101_120000_100_0123456789abcdeg.parquet",
		"Data_20260101_120000_100_0123456789abcdef.parquet",
		"../data_20260101_120000_100_0123456789abcdef.parquet"
	};
	size_t i;

	(void)state;
	assert_true(key_is_job_file(
	    "data_20260101_120000_100_0123456789abcdef.parquet"));
	assert_true(key_is_job_file(
	    "data_00000000_000000_0_0123456789ABCDEF.parquet"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(key_is_job_file(bad[i]));
}

#define N 7
static const char *const texts[N] = {
	"data/x/K/a", "data/x/K2/a", "data/x/K/a", "data/x/K/",
	"data/x/K/../L/a", "data/y/K/b", "other"
};

static void
keys_below_a_folder_are_chosen_once_and_others_refused(void **state)
{
	const struct text_span folders[] = {
		text_span("data/x/K/"), text_span("data/y/K/")
	};
	struct arena *a = arena_new(256);
	struct text_span keys[N];
	struct key_choice c;
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < N; i++)
		keys[i] = text_span(texts[i]);
	key_choose(&c, keys, N, folders, 2, a);
	assert_int_equal(c.n_below, 3);
	assert_int_equal(c.n_vended, 2);
	assert_ptr_equal(key_next(&c, true, &at), &keys[0]);
	assert_ptr_equal(key_next(&c, true, &at), &keys[5]);
	assert_null(key_next(&c, true, &at));
	for (i = at = 0; key_next(&c, false, &at) != NULL; i++)
		continue;
	assert_int_equal(i, 4);

	/* No folder, nothing chosen; no key, nothing at all. */
	key_choose(&c, keys, N, folders, 0, a);
	assert_int_equal(c.n_below, 0);
	key_choose(&c, keys, 0, folders, 2, a);
	at = 0;
	assert_null(key_next(&c, false, &at));
	arena_free(a);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_key_of_ordinary_segments_is_plain),
	cmocka_unit_test(a_key_with_an_empty_or_dot_segment_is_not_plain),
	cmocka_unit_test(a_key_with_a_control_byte_is_not_plain),
	cmocka_unit_test(a_key_longer_than_a_store_takes_is_not_plain),
	cmocka_unit_test(a_job_has_letters_digits_and_three_marks),
	cmocka_unit_test(a_file_of_a_job_has_the_name_that_validators_look_for),
	cmocka_unit_test(keys_below_a_folder_are_chosen_once_and_others_refused)
};

TEST_MAIN(tests)
