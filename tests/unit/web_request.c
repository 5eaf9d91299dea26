#include "test.h"

#include "web/request.h"

#define ENV(...) ((char *[]){ __VA_ARGS__, NULL })

static void
good(char *const *env, const char *method, const char *type, const char *length)
{
	struct request r;

	memset(&r, 0xaa, sizeof(r));
	assert_int_equal(request_read(env, &r), ERR_OK);
	assert_string_equal(r.method, method);
	if (type == NULL)
		assert_null(r.content_type);
	else
		assert_string_equal(r.content_type, type);
	if (length == NULL)
		assert_null(r.content_length);
	else
		assert_string_equal(r.content_length, length);
}

static void
bad(char *const *env)
{
	struct request r;

	assert_int_equal(request_read(env, &r), ERR_HEADER);
}

static void
the_values_of_a_request_are_read(void **state)
{
	static char *none[] = { NULL };

	(void)state;
	good(none, "", NULL, NULL);
	good(ENV("PATH=/bin", "REQUEST_METHOD=POST", "CONTENT_LENGTH=12",
	    "CONTENT_TYPE=application/json"), "POST", "application/json", "12");
	good(ENV("CONTENT_TYPE=", "CONTENT_LENGTH=", "REQUEST_METHOD="), "",
	    NULL, NULL);
	good(ENV("CONTENT_TYPE=a=b"), "", "a=b", NULL);

	/* Names alike are others, and a header is not what the server says. */
	good(ENV("REQUEST_METHODS=GET", "REQUEST_METHO=GET", "REQUEST_METHOD",
	    "XREQUEST_METHOD=GET", "HTTP_CONTENT_LENGTH=9",
	    "HTTP_CONTENT_TYPE=t", "request_method=GET"), "", NULL, NULL);
}

static void
a_value_given_twice_is_refused(void **state)
{
	static const char *const single[] = { "REQUEST_METHOD", "CONTENT_TYPE",
	    "CONTENT_LENGTH", "REMOTE_ADDR", "HTTP_X_TAO_VERSION",
	    "HTTP_X_TAO_TIMESTAMP", "HTTP_X_TAO_NONCE", "HTTP_X_TAO_SIGNED_BY",
	    "HTTP_X_TAO_SIGNATURE", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP",
	    "HTTP_FORWARDED" };
	char one[64], two[64], empty[64];
	struct request r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		snprintf(one, sizeof(one), "%s=1", single[i]);
		snprintf(two, sizeof(two), "%s=2", single[i]);
		snprintf(empty, sizeof(empty), "%s=", single[i]);
		assert_int_equal(request_read(ENV(one), &r), ERR_OK);
		bad(ENV(one, two));
		bad(ENV(one, one));
		bad(ENV(one, "SERVER_NAME=a", "HTTP_ACCEPT=b", two));
		bad(ENV(empty, one));
		bad(ENV(one, empty));
		bad(ENV(empty, empty));
	}
}

/* What may come twice, and one of each. */
static void
other_headers_may_come_twice(void **state)
{

	(void)state;
	good(ENV("HTTP_COOKIE=a", "HTTP_COOKIE=b", "HTTP_ACCEPT=a, b",
	    "HTTP_X_TAO_VERSION=2", "HTTP_X_TAO_TIMESTAMP=1",
	    "HTTP_X_TAO_NONCE=n", "HTTP_X_TAO_SIGNED_BY=5",
	    "HTTP_X_TAO_SIGNATURE=s=", "HTTP_X_FORWARDED_FOR=1.2.3.4",
	    "HTTP_X_REAL_IP=1.2.3.4", "HTTP_FORWARDED=for=1.2.3.4",
	    "REMOTE_ADDR=::1", "REQUEST_METHOD=GET"), "GET", NULL, NULL);
}

/* Joined by the server: two of a X-Tao header, a chain of forwarding. */
static void
headers_joined_by_a_comma_are_refused(void **state)
{
	struct request r;

	(void)state;
	bad(ENV("HTTP_X_TAO_VERSION=2, 2"));
	bad(ENV("HTTP_X_TAO_TIMESTAMP=1,2"));
	bad(ENV("HTTP_X_TAO_NONCE=a,"));
	bad(ENV("HTTP_X_TAO_SIGNED_BY=,a"));
	bad(ENV("HTTP_X_TAO_SIGNATURE=a, b"));
	bad(ENV("HTTP_X_REAL_IP=1.2.3.4, 1.2.3.4"));
	assert_int_equal(request_read(ENV("HTTP_X_FORWARDED_FOR=1.2.3.4, ::1",
	    "HTTP_FORWARDED=for=a, for=b",
	    "CONTENT_TYPE=a/b; c=d,e", "REMOTE_ADDR=a,b"), &r), ERR_OK);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_values_of_a_request_are_read),
	cmocka_unit_test(a_value_given_twice_is_refused),
	cmocka_unit_test(other_headers_may_come_twice),
	cmocka_unit_test(headers_joined_by_a_comma_are_refused)
};

TEST_MAIN(tests)
