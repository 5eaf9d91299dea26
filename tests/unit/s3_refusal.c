#include "test.h"

#include "base/skew.h"
#include "s3/bucket.h"
#include "s3/refusal.h"

#define NS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static const char *
code_of(int status, const char *body)
{
	struct refusal r;

	refusal_read(status, body, strlen(body), &r);
	assert_non_null(r.fault);
	return (r.fault->code);
}

static void
every_code_of_a_store_is_read_in_both_namespaces(void **state)
{
	static const char *const codes[] = {
#define FAULT(code, mend, words) #code,
#include "s3/fault.def"
#undef FAULT
	};
	char body[256];
	size_t i, stores = 0;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_true(strlen(codes[i]) <= S3_FAULT_CODE_MAX);

		/* state/seen takes these letters.  No digits, since healthcheck
		   shows the code. */
		assert_true(strspn(codes[i], "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(codes[i]));
		assert_string_equal(s3_fault_named(codes[i],
		    strlen(codes[i]))->code, codes[i]);
		snprintf(body, sizeof(body), "<?xml version=\"1.0\"?>\n"
		    "<Error" NS "><Code>%s</Code><Message>m</Message></Error>",
		    codes[i]);

		/* Our own codes are not a store's to give. */
		if (codes[i][0] >= 'a') {
			assert_string_equal(code_of(404, body), "not_there");
			continue;
		}
		stores++;
		assert_string_equal(code_of(403, body), codes[i]);
		snprintf(body, sizeof(body), "<Error><Message/><Code>%s</Code>"
		    "<HostId><Code>SlowDown</Code></HostId></Error>",
		    codes[i]);
		assert_string_equal(code_of(404, body), codes[i]);
	}
	assert_true(stores > 30);
}

static void
the_right_region_is_named_only_if_it_is_one(void **state)
{
	static const struct {
		const char *told, *want;
	} rows[] = {
		{ "us-west-2", "us-west-2" }, { "garage", "garage" },
		{ "us-west-2 ", NULL }, { "", NULL }, { "US-WEST-2", NULL },
		{ "call-0900-123", NULL }, { "us-west-22", NULL }
	};
	struct refusal r;
	char body[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "<Error><Code>"
		    "AuthorizationHeaderMalformed</Code><Region>%s</Region>"
		    "</Error>", rows[i].told);
		refusal_read(400, body, strlen(body), &r);
		assert_string_equal(r.fault->code,
		    "AuthorizationHeaderMalformed");
		if (rows[i].want == NULL)
			assert_null(r.region);
		else
			assert_string_equal(r.region, rows[i].want);
	}
}

static void
an_answer_without_a_known_code_is_judged_by_its_status(void **state)
{
	static const struct {
		int status;
		const char *body, *want;
	} rows[] = {
		{ 403, "", "AccessDenied" }, { 403, "<Error/>", "AccessDenied" },
		{ 403, "<Error><Code>Peer7Q7</Code></Error>", "AccessDenied" },
		{ 404, "<Error><Code></Code></Error>", "not_there" },
		{ 400, "<Error><Code>Peer7Q7</Code></Error>",
		    "refused_otherwise" },
		{ 400, "<html>The plain HTTP request was sent to HTTPS port",
		    "not_understood" },
		{ 301, "<html>moved</html>", "redirected" },
		{ 401, "<html>login</html>", "login_needed" },
		{ 403, "<html>blocked</html>", "not_a_store" },
		{ 404, "404 page not found", "not_a_store" },
		{ 404, "", "not_there" }, { 405, "", "MethodNotAllowed" },
		{ 407, "", "proxy_refuses" }, { 429, "", "TooManyRequests" },
		{ 418, "", "refused_otherwise" }, { 204, "", "not_a_store" },
		{ 500, "", "server_error" }, { 502, "<html/>", "server_error" },
		{ 503, "<html/>", "ServiceUnavailable" },
		{ 501, "", "NotImplemented" }, { 599, "", "server_error" },
		{ 507, "", "InsufficientStorage" }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(code_of(rows[i].status, rows[i].body),
		    rows[i].want);
}

/* 404 with a body that is no Error of S3 is not S3. */
static void
a_hostile_error_is_not_read(void **state)
{
	static const char *const bad[] = {
		"<Error><Code>SlowDown</Code><Code>SlowDown</Code></Error>",
		"<Error><Code>SlowDown</Code>", "<Error><Code>SlowDown</Error>",
		"<Error xmlns=\"urn:x\"><Code>SlowDown</Code></Error>",
		"<Errors><Code>SlowDown</Code></Errors>",
		"<!DOCTYPE Error><Error><Code>SlowDown</Code></Error>",
		"<!DOCTYPE e [<!ENTITY a \"SlowDown\">]>"
		"<Error><Code>&a;</Code></Error>",
		"<Error><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a>"
		"<Code>SlowDown</Code></Error>",
		"<Error><Code>SlowDown</Code></Error>x", " ", "\xff", "{}",
		"<Error><Code>SlowDown</Code></Error><Error/>"
	};
	static char big[REFUSAL_MAX_BYTES + 64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(code_of(404, bad[i]), "not_a_store");
	assert_string_equal(code_of(404,
	    "<Error><Code>Slow<b>Down</b></Code></Error>"), "not_there");
	assert_string_equal(code_of(404, "<Error><Code>SlowDownSlowDownSlowDown"
	    "SlowDownSlowDownSlowDownSlowDown</Code></Error>"), "not_there");
	memset(big, ' ', sizeof(big) - 1);
	memcpy(big, "<Error><Code>SlowDown</Code></Error>", 36);
	assert_string_equal(code_of(404, big), "not_a_store");
	big[REFUSAL_MAX_BYTES] = '\0';
	assert_string_equal(code_of(404, big), "SlowDown");
}

static void
every_fault_has_words_with_the_bucket_and_its_host(void **state)
{
	struct s3_bucket b;
	char text[200];
	enum net_fault n;

	(void)state;
	assert_int_equal(s3_bucket_init(&b, "https://store.test:9000",
	    "eu-west-1", "miners", false), ERR_OK);
	for (n = NET_FINE; n <= NET_OTHER; n++) {
		s3_fault_text(s3_fault_of_net(n), &b, NULL, text, sizeof(text));
		assert_non_null(strstr(text,
		    ", bucket miners at store.test:9000: "));
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_true(strlen(net_fault_words(n)) > 0);
	}
#define FAULT(code, mend, words)					\
	s3_fault_text(s3_fault_named(#code, strlen(#code)), &b, NULL, text, \
	    sizeof(text));						\
	assert_string_equal(text, #code					\
	    ", bucket miners at store.test:9000: " words);
#include "s3/fault.def"
#undef FAULT
	s3_fault_text(s3_fault_of_status(400), &b, "us-west-2", text,
	    sizeof(text));
	assert_string_equal(text, "not_understood, bucket miners at "
	    "store.test:9000: set s3.region to us-west-2, which the store "
	    "names");
	s3_fault_text(s3_fault_of_status(400), &b, NULL, text, 20);
	assert_string_equal(text, "not_understood, buc");
}

static void
a_denial_by_a_clock_that_is_off_is_called_that(void **state)
{
	const struct s3_fault *denied = s3_fault_of_status(403);
	const struct s3_fault *other = s3_fault_of_status(404);

	(void)state;
	assert_string_equal(s3_fault_by_clock(denied, 60000, 60)->code,
	    "RequestTimeTooSkewed");
	assert_string_equal(s3_fault_by_clock(denied, -60000, 60)->code,
	    "RequestTimeTooSkewed");
	assert_ptr_equal(s3_fault_by_clock(denied, 59999, 60), denied);
	assert_ptr_equal(s3_fault_by_clock(denied, SKEW_UNKNOWN, 60), denied);
	assert_ptr_equal(s3_fault_by_clock(other, 60000, 60), other);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_code_of_a_store_is_read_in_both_namespaces),
	cmocka_unit_test(the_right_region_is_named_only_if_it_is_one),
	cmocka_unit_test(an_answer_without_a_known_code_is_judged_by_its_status),
	cmocka_unit_test(a_hostile_error_is_not_read),
	cmocka_unit_test(every_fault_has_words_with_the_bucket_and_its_host),
	cmocka_unit_test(a_denial_by_a_clock_that_is_off_is_called_that)
};

TEST_MAIN(tests)
