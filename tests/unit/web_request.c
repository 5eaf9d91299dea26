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
	    "HTTP_X_TAO_SIGNATURE", "HTTP_X_BITTENSOR_VERSION",
	    "HTTP_X_BITTENSOR_HOTKEY", "HTTP_X_BITTENSOR_RECEIVER",
	    "HTTP_X_BITTENSOR_NONCE", "HTTP_X_BITTENSOR_CRYPTO",
	    "HTTP_X_BITTENSOR_SIGNATURE", "REQUEST_URI",
	    "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP",
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

/* They prove nothing, so two of them are as good as none. */
static void
a_label_given_twice_is_absent_and_refuses_nothing(void **state)
{
	struct request r;

	(void)state;
	assert_int_equal(request_read(ENV("HTTP_ORIGIN=a", "HTTP_ORIGIN=a",
	    "HTTP_ACCESS_CONTROL_REQUEST_METHOD=",
	    "HTTP_ACCESS_CONTROL_REQUEST_METHOD=b",
	    "HTTP_X_REQUEST_ID=c", "HTTP_X_REQUEST_ID=d"), &r), ERR_OK);
	assert_null(r.origin);
	assert_null(r.asked_method);
	assert_null(r.id);
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
	bad(ENV("HTTP_X_BITTENSOR_VERSION=1, 1"));
	bad(ENV("HTTP_X_BITTENSOR_HOTKEY=a,b"));
	bad(ENV("HTTP_X_BITTENSOR_RECEIVER=a,b"));
	bad(ENV("HTTP_X_BITTENSOR_NONCE=1,"));
	bad(ENV("HTTP_X_BITTENSOR_CRYPTO=,a"));
	bad(ENV("HTTP_X_BITTENSOR_SIGNATURE=a, b"));
	bad(ENV("HTTP_X_REAL_IP=1.2.3.4, 1.2.3.4"));
	assert_int_equal(request_read(ENV("HTTP_X_FORWARDED_FOR=1.2.3.4, ::1",
	    "HTTP_FORWARDED=for=a, for=b",
	    "CONTENT_TYPE=a/b; c=d,e", "REMOTE_ADDR=a,b",
	    "REQUEST_URI=/a?b=1,2"), &r), ERR_OK);
	assert_string_equal(r.target, "/a?b=1,2");
}

/* Each variable arrives at the header that it is. */
static void
headers_are_told_apart(void **state)
{
	struct request r;

	(void)state;
	assert_int_equal(request_read(ENV("HTTP_X_TAO_VERSION=1",
	    "HTTP_X_TAO_TIMESTAMP=2", "HTTP_X_TAO_NONCE=3",
	    "HTTP_X_TAO_SIGNED_BY=4", "HTTP_X_TAO_SIGNATURE=5",
	    "HTTP_X_BITTENSOR_VERSION=6", "HTTP_X_BITTENSOR_HOTKEY=7",
	    "HTTP_X_BITTENSOR_RECEIVER=8", "HTTP_X_BITTENSOR_NONCE=9",
	    "HTTP_X_BITTENSOR_CRYPTO=10", "HTTP_X_BITTENSOR_SIGNATURE=11",
	    "HTTP_X_FORWARDED_FOR=12", "REQUEST_URI=/13", "REMOTE_ADDR=14",
	    "HTTP_ORIGIN=15", "HTTP_ACCESS_CONTROL_REQUEST_METHOD=16",
	    "HTTP_X_REQUEST_ID=17"),
	    &r), ERR_OK);
	assert_string_equal(r.origin, "15");
	assert_string_equal(r.asked_method, "16");
	assert_string_equal(r.id, "17");
	assert_string_equal(r.tao.header[TAO_VERSION], "1");
	assert_string_equal(r.tao.header[TAO_TIMESTAMP], "2");
	assert_string_equal(r.tao.header[TAO_NONCE], "3");
	assert_string_equal(r.tao.header[TAO_SIGNED_BY], "4");
	assert_string_equal(r.tao.header[TAO_SIGNATURE], "5");
	assert_string_equal(r.btauth.header[BTAUTH_VERSION], "6");
	assert_string_equal(r.btauth.header[BTAUTH_HOTKEY], "7");
	assert_string_equal(r.btauth.header[BTAUTH_RECEIVER], "8");
	assert_string_equal(r.btauth.header[BTAUTH_NONCE], "9");
	assert_string_equal(r.btauth.header[BTAUTH_CRYPTO], "10");
	assert_string_equal(r.btauth.header[BTAUTH_SIGNATURE], "11");
	assert_string_equal(r.forwarded_for, "12");
	assert_string_equal(r.target, "/13");
	assert_string_equal(r.remote_addr, "14");
	assert_int_equal(request_read(ENV("REQUEST_URI=",
	    "HTTP_X_BITTENSOR_NONCE="), &r), ERR_OK);
	assert_null(r.target);
	assert_null(r.btauth.header[BTAUTH_NONCE]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_values_of_a_request_are_read),
	cmocka_unit_test(a_value_given_twice_is_refused),
	cmocka_unit_test(other_headers_may_come_twice),
	cmocka_unit_test(a_label_given_twice_is_absent_and_refuses_nothing),
	cmocka_unit_test(headers_joined_by_a_comma_are_refused),
	cmocka_unit_test(headers_are_told_apart)
};

TEST_MAIN(tests)
