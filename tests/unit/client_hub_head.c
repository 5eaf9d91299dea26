#include <string.h>

#include "hub_head.h"
#include "test.h"

static void
read_line(struct hub_head *h, const char *line)
{

	hub_head_line(h, line, strlen(line));
}

static struct hub_head
head_of(const char *line)
{
	struct hub_head h;

	hub_head_clear(&h);
	read_line(&h, line);
	return (h);
}

static void
the_next_page_is_found_in_every_form_of_link(void **state)
{

	(void)state;
	assert_string_equal(head_of("Link: <https://a/x?c=1>; rel=\"next\"\r\n")
	    .next, "https://a/x?c=1");
	assert_string_equal(head_of("link:<https://a/p>; rel=\"prev\", "
	    "<https://a/n>;rel=next\r\n").next, "https://a/n");
	assert_string_equal(head_of("Link: <https://a/n>; title=\"x\"; "
	    "rel=\"next\"\r\n").next, "https://a/n");
	assert_string_equal(head_of("Link: <https://a/p>; rel=\"prev\"\r\n")
	    .next, "");
	assert_string_equal(head_of("Link: <https://a/p; rel=\"next\"\r\n")
	    .next, "");
	assert_string_equal(head_of("Link: next\r\n").next, "");
	assert_string_equal(head_of("Link: <https://a/p>\r\n").next, "");
}

static void
the_time_of_a_rate_limit_is_read_and_bounded(void **state)
{

	(void)state;
	assert_int_equal(head_of("RateLimit: \"api\";r=0;t=55\r\n").wait_s, 55);
	assert_int_equal(head_of("RateLimit: \"api\"; t=7 ;r=0\r\n").wait_s, 0);
	assert_int_equal(head_of("RateLimit: \"api\"; t=7;r=0\r\n").wait_s, 7);
	assert_int_equal(head_of("RateLimit: \"api\";r=0;t=99999999999\r\n")
	    .wait_s, HUB_WAIT_MAX_S);
	assert_int_equal(head_of("RateLimit: \"api\";r=0;t=-3\r\n").wait_s, 0);
	assert_int_equal(head_of("RateLimit: \"t=9\"\r\n").wait_s, 0);
	assert_int_equal(head_of("RateLimit: ;t=\r\n").wait_s, 0);
	assert_int_equal(head_of("RateLimit:\r\n").wait_s, 0);
}

static void
an_etag_of_the_content_is_hex_digits_alone(void **state)
{
	struct hub_head h = head_of("X-Linked-ETag: \"00ffAB\"\r\n");

	(void)state;
	assert_string_equal(h.linked, "00ffAB");
	read_line(&h, "X-Linked-Size: 12\r\n");
	assert_int_equal(h.linked_bytes, 12);
	read_line(&h, "HTTP/1.1 200 OK\r\n");
	assert_string_equal(h.linked, "");
	assert_int_equal(h.linked_bytes, -1);
	assert_string_equal(head_of("X-Linked-ETag: W/\"0a\"\r\n").linked,
	    "0a");
	assert_string_equal(head_of("X-Linked-ETag: \"xy\"\r\n").linked, "");
	assert_int_equal(head_of("X-Linked-Size: -1\r\n").linked_bytes, -1);
	assert_int_equal(head_of("X-Linked-Size: 1x\r\n").linked_bytes, -1);
	assert_string_equal(head_of("X-Error-Code: RepoNotFound\r\n").code,
	    "RepoNotFound");
	assert_string_equal(head_of("X-Error-Code: \033[2J\r\n").code, "");
}

static void
a_redirect_leads_to_a_url_or_a_path_and_never_back_to_http(void **state)
{
	char out[HUB_URL_MAX + 1], more[HUB_URL_MAX + 100];

	(void)state;
	assert_true(hub_head_join("https://a:1/b", "/c?d", out));
	assert_string_equal(out, "https://a:1/c?d");
	assert_true(hub_head_join("https://a/b", "https://c/d", out));
	assert_string_equal(out, "https://c/d");
	assert_true(hub_head_join("http://a/b", "http://c/d", out));
	assert_false(hub_head_join("https://a/b", "http://c/d", out));
	assert_false(hub_head_join("https://a/b", "//c/d", out));
	assert_false(hub_head_join("https://a/b", "c", out));
	assert_false(hub_head_join("https://a/b", "", out));
	assert_false(hub_head_join("https://a/b", "file:///etc/passwd", out));
	assert_false(hub_head_join("https://a/b", "/c\nd", out));
	assert_false(hub_head_join("https://a/b", "https://u@c/d", out));
	memset(more, 'x', sizeof(more));
	more[0] = '/';
	more[sizeof(more) - 1] = '\0';
	assert_false(hub_head_join("https://a/b", more, out));
}

static void
an_origin_is_scheme_host_and_port(void **state)
{

	(void)state;
	assert_true(hub_head_same("https://a/b", "https://A/c"));
	assert_false(hub_head_same("https://a/b", "https://a.b/c"));
	assert_false(hub_head_same("https://a/b", "https://a:444/c"));
	assert_false(hub_head_same("https://a/b", "http://a/c"));
	assert_false(hub_head_same("https://a", "https://a@b/"));
	assert_false(hub_head_same("ftp://a", "ftp://a"));
	assert_true(hub_head_same("https://a?x", "https://a#y"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_next_page_is_found_in_every_form_of_link),
	cmocka_unit_test(the_time_of_a_rate_limit_is_read_and_bounded),
	cmocka_unit_test(an_etag_of_the_content_is_hex_digits_alone),
	cmocka_unit_test(
	    a_redirect_leads_to_a_url_or_a_path_and_never_back_to_http),
	cmocka_unit_test(an_origin_is_scheme_host_and_port),
};

TEST_MAIN(tests)
