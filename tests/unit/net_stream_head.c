#include "net/stream_head.h"
#include "test.h"

static void
give(struct stream_head *h, const char *line)
{

	assert_true(stream_head_line(h, line, strlen(line)));
}

static void
the_headers_of_a_part_of_a_file_are_read(void **state)
{
	struct stream_head h;

	(void)state;
	stream_head_clear(&h);
	give(&h, "HTTP/1.1 206 Partial Content\r\n");
	give(&h, "ETag:  \"abc\" \r\n");
	give(&h, "content-RANGE: bytes 5-9/10\r\n");
	give(&h, "Content-Length: 5\r\n");
	assert_string_equal(h.etag, "\"abc\"");
	assert_int_equal(h.first, 5);
	assert_int_equal(h.whole, 10);
	assert_int_equal(h.length, 5);
}

static void
a_later_status_line_forgets_the_headers_before_it(void **state)
{
	struct stream_head h;

	(void)state;
	stream_head_clear(&h);
	give(&h, "HTTP/1.1 100 Continue\r\n");
	give(&h, "ETag: \"first\"\r\n");
	give(&h, "HTTP/1.1 200 OK\r\n");
	assert_string_equal(h.etag, "");
	assert_int_equal(h.length, -1);
}

static void
a_range_of_another_form_counts_as_absent(void **state)
{
	static const char *const bad[] = {
		"Content-Range: bytes 5-9\r\n",
		"Content-Range: bytes 9-5/10\r\n",
		"Content-Range: bytes 5-10/10\r\n",
		"Content-Range: bytes -5-9/10\r\n",
		"Content-Range: bytes */10\r\n",
		"Content-Range: lines 5-9/10\r\n",
		"Content-Range: bytes 5-9/\r\n",
		"Content-Range: bytes 99999999999999999999-1/2\r\n",
		"Content-Range: bytes /-\r\n",
		"Content-Range:\r\n",
	};
	struct stream_head h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		stream_head_clear(&h);
		give(&h, "Content-Range: bytes 1-2/3\r\n");
		give(&h, bad[i]);
		assert_int_equal(h.first, -1);
		assert_int_equal(h.whole, -1);
	}
	stream_head_clear(&h);
	give(&h, "Content-Range: bytes 5-9/*\r\n");
	assert_int_equal(h.first, 5);
	assert_int_equal(h.whole, -1);
}

static void
an_etag_that_is_too_long_or_odd_or_repeated_is_none(void **state)
{
	char line[STREAM_ETAG_MAX + 20] = "ETag: ";
	struct stream_head h;

	(void)state;
	stream_head_clear(&h);
	memset(line + 6, 'x', STREAM_ETAG_MAX);
	assert_true(stream_head_line(&h, line, 6 + STREAM_ETAG_MAX));
	assert_int_equal(strlen(h.etag), STREAM_ETAG_MAX);
	stream_head_clear(&h);
	line[6 + STREAM_ETAG_MAX] = 'x';
	assert_true(stream_head_line(&h, line, 7 + STREAM_ETAG_MAX));
	assert_string_equal(h.etag, "");
	give(&h, "ETag: \"a\033b\"\r\n");
	assert_string_equal(h.etag, "");
	give(&h, "ETag: \"a\"\r\n");
	give(&h, "ETag: \"b\"\r\n");
	assert_string_equal(h.etag, "");
}

static void
headers_without_an_end_are_refused(void **state)
{
	static char line[40000];
	struct stream_head h;

	(void)state;
	memset(line, 'x', sizeof(line));
	stream_head_clear(&h);
	assert_true(stream_head_line(&h, line, sizeof(line)));
	assert_false(stream_head_line(&h, line, sizeof(line)));

	/* A status line does not begin the count again. */
	stream_head_clear(&h);
	assert_true(stream_head_line(&h, line, sizeof(line)));
	give(&h, "HTTP/1.1 200 OK\r\n");
	assert_false(stream_head_line(&h, line, sizeof(line)));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_headers_of_a_part_of_a_file_are_read),
	cmocka_unit_test(a_later_status_line_forgets_the_headers_before_it),
	cmocka_unit_test(a_range_of_another_form_counts_as_absent),
	cmocka_unit_test(an_etag_that_is_too_long_or_odd_or_repeated_is_none),
	cmocka_unit_test(headers_without_an_end_are_refused),
};

TEST_MAIN(tests)
