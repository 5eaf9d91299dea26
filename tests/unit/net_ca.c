#include "net/ca.h"

#include "test.h"

static void
the_file_that_libcurl_was_built_with_is_left_to_libcurl(void **state)
{
	static const char *const usual[] = { "/dev/null", NULL };

	(void)state;
	assert_null(ca_choose("/dev/null", usual));
}

static void
without_it_the_first_usual_file_that_can_be_read_is_taken(void **state)
{
	static const char *const usual[] = { "/nonexistent/a", "/dev/null",
	    "/dev/zero", NULL };

	(void)state;
	assert_string_equal(ca_choose("/nonexistent/b", usual), "/dev/null");
	assert_string_equal(ca_choose(NULL, usual), "/dev/null");
}

static void
where_no_file_can_be_read_libcurl_decides(void **state)
{
	static const char *const usual[] = { "/nonexistent/a", NULL };

	(void)state;
	assert_null(ca_choose("/nonexistent/b", usual));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_file_that_libcurl_was_built_with_is_left_to_libcurl),
	cmocka_unit_test(
	    without_it_the_first_usual_file_that_can_be_read_is_taken),
	cmocka_unit_test(where_no_file_can_be_read_libcurl_decides),
};

TEST_MAIN(tests)
