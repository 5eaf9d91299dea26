#include "test.h"

#include <sys/resource.h>

#include <stdbool.h>

#include <json-c/json.h>

#include "s3/sigv4.h"

/* 2013-05-24T00:00:00Z and 2015-12-29T00:00:00Z. */
#define GET_DAY 1369353600
#define POST_DAY 1451347200

static struct json_object *examples;

static const char *
example(const char *group, const char *name)
{
	struct json_object *o = examples, *p;

	if (group != NULL)
		assert_true(json_object_object_get_ex(o, group, &o));
	assert_true(json_object_object_get_ex(o, name, &p));
	return (json_object_get_string(p));
}

static void
key_of_examples(struct sigv4_key *key)
{
	const char *id = example(NULL, "access_key");
	const char *secret = example(NULL, "secret_key");

	assert_int_equal(sigv4_key_init(key, id, strlen(id), secret,
	    strlen(secret)), ERR_OK);
}

static void
the_canonical_request_is_as_published(void **state)
{
	static const char query[] = "X-Amz-Algorithm=AWS4-HMAC-SHA256"
	    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1"
	    "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
	    "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host";
	const struct sigv4_header host = { "host",
	    "examplebucket.s3.amazonaws.com" };
	const struct sigv4_request r = { "GET", "/test.txt", 9, query,
	    sizeof(query) - 1, &host, 1, SIGV4_UNSIGNED_PAYLOAD };
	char text[1024];
	struct buf b;

	(void)state;
	buf_init(&b, text, sizeof(text));
	sigv4_canonical(&b, &r);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(text, example("presigned_get",
	    "canonical_request"));
}

/* More than one header: sorted by the caller, joined by us. */
static void
several_headers_are_joined_in_their_order(void **state)
{
	const struct sigv4_header headers[] = { { "content-length", "7" },
	    { "content-type", "text/plain" }, { "host", "h:1" } };
	const struct sigv4_request r = { "PUT", "/", 1, "", 0, headers, 3,
	    SIGV4_UNSIGNED_PAYLOAD };
	char text[256];
	struct buf b;

	(void)state;
	buf_init(&b, text, sizeof(text));
	sigv4_canonical(&b, &r);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(text, "PUT\n/\n\ncontent-length:7\n"
	    "content-type:text/plain\nhost:h:1\n\n"
	    "content-length;content-type;host\nUNSIGNED-PAYLOAD");
}

static void
the_string_to_sign_is_as_published(void **state)
{
	const char *canonical = example("presigned_get", "canonical_request");
	struct hmac *h = hmac_new();
	char text[SIGV4_STRING_MAX + 1];
	struct sigv4_scope scope;
	struct buf b;

	(void)state;
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY, "us-east-1"), ERR_OK);
	buf_init(&b, text, sizeof(text));
	sigv4_string_to_sign(h, &b, &scope, canonical, strlen(canonical));
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(text, example("presigned_get", "string_to_sign"));
	hmac_free(h);
}

static void
the_signature_is_as_published(void **state)
{
	const char *text = example("presigned_get", "string_to_sign");
	const char *policy = example("post_policy", "policy_base64");
	char signature[SIGV4_SIGNATURE_LEN + 1];
	struct hmac *h = hmac_new();
	struct sigv4_scope scope;
	struct sigv4_key key;
	int i;

	(void)state;
	key_of_examples(&key);

	/* Twice: derived anew for each day, and derived again after that. */
	for (i = 0; i < 2; i++) {
		assert_int_equal(sigv4_scope_set(&scope, GET_DAY, "us-east-1"),
		    ERR_OK);
		sigv4_signature(h, &key, &scope, text, strlen(text), signature);
		assert_string_equal(signature, example("presigned_get",
		    "signature"));
		assert_int_equal(sigv4_scope_set(&scope, POST_DAY, example(
		    "post_policy", "region")), ERR_OK);
		assert_string_equal(scope.time, example("post_policy", "date"));
		sigv4_signature(h, &key, &scope, policy, strlen(policy),
		    signature);
		assert_string_equal(signature, example("post_policy",
		    "signature"));
	}
	sigv4_key_wipe(&key);
	hmac_free(h);
}

/* The derived key follows date and region, and is taken from the cache. */
static void
the_derived_key_follows_date_and_region(void **state)
{
	char a[SIGV4_SIGNATURE_LEN + 1], b[SIGV4_SIGNATURE_LEN + 1];
	struct hmac *h = hmac_new();
	struct sigv4_scope scope;
	struct sigv4_key key;

	(void)state;
	key_of_examples(&key);
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY, "us-east-1"), ERR_OK);
	sigv4_signature(h, &key, &scope, "x", 1, a);

	/* Another second of the same day: the secret is not looked at. */
	key.secret = "other";
	key.secret_len = 5;
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY + 86399, "us-east-1"),
	    ERR_OK);
	sigv4_signature(h, &key, &scope, "x", 1, b);
	assert_string_equal(a, b);

	/* Another region, another day. */
	key_of_examples(&key);
	sigv4_signature(h, &key, &scope, "x", 1, a);
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY, "us-east-2"), ERR_OK);
	sigv4_signature(h, &key, &scope, "x", 1, b);
	assert_string_not_equal(a, b);
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY + 86400, "us-east-2"),
	    ERR_OK);
	sigv4_signature(h, &key, &scope, "x", 1, a);
	assert_string_not_equal(a, b);
	hmac_free(h);
}

static void
a_key_that_is_wiped_holds_only_zeros(void **state)
{
	static const struct sigv4_key zero;
	static const uint8_t nothing[HMAC_LEN];
	char signature[SIGV4_SIGNATURE_LEN + 1];
	struct hmac *h = hmac_new();
	struct sigv4_scope scope;
	struct sigv4_key key;

	(void)state;
	key_of_examples(&key);
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY, "us-east-1"), ERR_OK);
	sigv4_signature(h, &key, &scope, "x", 1, signature);
	assert_memory_not_equal(key.signing, nothing, HMAC_LEN);
	sigv4_key_wipe(&key);
	assert_memory_equal(&key, &zero, sizeof(key));
	hmac_free(h);
}

static void
malformed_key_ids_and_secrets_are_refused(void **state)
{
	char id[SIGV4_ID_MAX + 1], secret[SIGV4_SECRET_MAX + 1];
	static const char *const bad[] = { "", "a b", "a/b", "a\n", "\x7f",
	    "\xc3\xa9" };
	struct sigv4_key key;
	size_t i;

	(void)state;
	memset(id, 'i', sizeof(id));
	memset(secret, 's', sizeof(secret));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sigv4_key_init(&key, bad[i], strlen(bad[i]),
		    "s", 1), ERR_FORMAT);
	assert_int_equal(sigv4_key_init(&key, id, SIGV4_ID_MAX, secret,
	    SIGV4_SECRET_MAX), ERR_OK);
	assert_int_equal(strlen(key.id), SIGV4_ID_MAX);
	assert_int_equal(sigv4_key_init(&key, id, sizeof(id), "s", 1),
	    ERR_FORMAT);
	assert_int_equal(sigv4_key_init(&key, "i", 1, secret, sizeof(secret)),
	    ERR_FORMAT);
	assert_int_equal(sigv4_key_init(&key, "i", 1, "s", 0), ERR_FORMAT);
}

static void
times_and_regions_out_of_range_are_refused(void **state)
{
	char region[SIGV4_REGION_MAX + 2];
	struct sigv4_scope scope;

	(void)state;
	memset(region, 'r', sizeof(region));
	region[SIGV4_REGION_MAX + 1] = '\0';
	assert_int_equal(sigv4_scope_set(&scope, 0, region), ERR_RANGE);
	region[SIGV4_REGION_MAX] = '\0';
	assert_int_equal(sigv4_scope_set(&scope, 0, region), ERR_OK);
	assert_int_equal(strlen(scope.text), SIGV4_SCOPE_MAX);
	assert_int_equal(sigv4_scope_set(&scope, -1, "r"), ERR_RANGE);
	assert_int_equal(sigv4_scope_set(&scope, TIMEFMT_S_MAX, "r"), ERR_OK);
	assert_string_equal(scope.text, "99991231/r/s3/aws4_request");
	assert_int_equal(sigv4_scope_set(&scope, TIMEFMT_S_MAX + 1, "r"),
	    ERR_RANGE);
}

/* All 256 bytes, against the rule as AWS words it. */
static void
every_byte_is_encoded_by_the_rule_of_aws(void **state)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	char want[4], got[8], c;
	struct buf b;
	int i, path;

	(void)state;
	for (i = 0; i < 512; i++) {
		c = (char)(i & 255);
		path = i >> 8;
		if ((c != '\0' && strchr(unreserved, c) != NULL) ||
		    (c == '/' && path))
			snprintf(want, sizeof(want), "%c", c);
		else
			snprintf(want, sizeof(want), "%%%02X", i & 255);
		buf_init(&b, got, sizeof(got));
		sigv4_encode(&b, &c, 1, path);
		assert_int_equal(buf_end(&b), ERR_OK);
		assert_string_equal(got, want);
	}
}

/* What fits to the byte is taken; what does not leaves the text alone. */
static void
a_text_that_does_not_fit_is_left_alone(void **state)
{
	char text[8];
	struct buf b;

	(void)state;
	buf_init(&b, text, sizeof(text));
	sigv4_encode(&b, "a b c", 5, false);	/* 9 bytes */
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(text, "");
	buf_init(&b, text, sizeof(text));
	sigv4_encode(&b, "a bcd", 5, false);	/* 7 bytes and a NUL */
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(text, "a%20bcd");
	sigv4_encode(&b, "", 0, false);
	assert_int_equal(buf_end(&b), ERR_OK);
	sigv4_encode(&b, "x", 1, false);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(text, "a%20bcd");

	/* Sticky: an earlier overflow stops it too. */
	buf_init(&b, text, sizeof(text));
	buf_str(&b, "far too long");
	sigv4_encode(&b, "x", 1, false);
	assert_int_equal(b.len, 0);
}

static int
load(void **state)
{

	(void)state;
	examples = json_object_from_file(
	    "tests/vectors/sigv4/aws-examples.json");
	return (examples == NULL ? -1 : 0);
}

static int
unload(void **state)
{

	(void)state;
	json_object_put(examples);
	return (0);
}

/* The flags of the mapping that ${p} is in, as /proc/self/smaps has them. */
static void
flags_at(const void *p, char flags[256])
{
	unsigned long from, to, at = (unsigned long)(uintptr_t)p;
	bool here = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "r");

	assert_non_null(f);
	flags[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= at && at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, 256, "%.200s", line + 8);
	}
	fclose(f);
}

/* Who has it can sign for a day. */
static void
the_derived_key_is_locked_and_left_out_of_dumps(void **state)
{
	char out[SIGV4_SIGNATURE_LEN + 1], flags[256];
	struct hmac *h = hmac_new();
	struct sigv4_scope scope;
	struct sigv4_key key;

	(void)state;
	assert_int_equal(sigv4_key_init(&key, "id", 2, "secret", 6), ERR_OK);
	assert_int_equal(sigv4_scope_set(&scope, GET_DAY, "r"), ERR_OK);
	sigv4_signature(h, &key, &scope, "text", 4, out);
	flags_at(key.signing, flags);
	assert_non_null(strstr(flags, " dd"));
#ifndef __SANITIZE_ADDRESS__	/* there mlock() does nothing */
	if (strstr(flags, " lo") == NULL) {
		struct rlimit lock;

		/* Not everybody may lock memory. */
		assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &lock), 0);
		assert_true(lock.rlim_cur < 65536);
	}
#endif
	sigv4_key_wipe(&key);
	assert_null(key.derived);
	assert_null(key.signing);
	hmac_free(h);
}

#define WITH_EXAMPLES(f) cmocka_unit_test_setup_teardown(f, load, unload)

static const struct CMUnitTest tests[] = {
	WITH_EXAMPLES(the_canonical_request_is_as_published),
	cmocka_unit_test(several_headers_are_joined_in_their_order),
	WITH_EXAMPLES(the_string_to_sign_is_as_published),
	WITH_EXAMPLES(the_signature_is_as_published),
	WITH_EXAMPLES(the_derived_key_follows_date_and_region),
	WITH_EXAMPLES(a_key_that_is_wiped_holds_only_zeros),
	cmocka_unit_test(the_derived_key_is_locked_and_left_out_of_dumps),
	cmocka_unit_test(malformed_key_ids_and_secrets_are_refused),
	cmocka_unit_test(times_and_regions_out_of_range_are_refused),
	cmocka_unit_test(every_byte_is_encoded_by_the_rule_of_aws),
	cmocka_unit_test(a_text_that_does_not_fit_is_left_alone),
};

TEST_MAIN(tests)
