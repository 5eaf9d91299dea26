#include "test.h"

#include <json-c/json.h>

#include "s3/post_policy.h"

#define NOW 1795360631		/* 2026-11-22T15:17:11Z */
#define DAY 86400
#define CREDENTIAL "\"AKIAIOSFODNN7EXAMPLE/20261122/nyc3/s3/aws4_request\""

static struct json_object *vectors;
static struct hmac *hmac;
static struct sigv4_key key;
static struct s3_bucket bucket;
static struct s3_signer signer;

static struct json_object *
get(struct json_object *o, const char *name)
{
	struct json_object *p;

	assert_true(json_object_object_get_ex(o, name, &p));
	return (p);
}

static const char *
text(struct json_object *o, const char *name)
{

	return (json_object_get_string(get(o, name)));
}

/* The policy behind its base64, with a NUL. */
static char *
decoded(const char *base64)
{
	size_t n = strlen(base64), len = n / 4 * 3;
	char *out;

	while (n > 0 && base64[--n] == '=')
		len--;
	assert_non_null(out = malloc(len + 1));
	assert_int_equal(base64_decode((uint8_t *)out, len, base64,
	    strlen(base64)), ERR_OK);
	out[len] = '\0';
	return (out);
}

static struct json_object *
parsed(const char *base64)
{
	char *json = decoded(base64);
	struct json_object *o;

	assert_non_null(o = json_tokener_parse(json));
	free(json);
	return (o);
}

static void
grant_of(struct json_object *o, struct post_policy_grant *g)
{

	assert_int_equal(s3_bucket_init(&bucket, text(o, "endpoint"),
	    text(o, "region"), text(o, "bucket"),
	    json_object_get_boolean(get(o, "virtual"))), ERR_OK);
	s3_signer_init(&signer, hmac, &key, &bucket);
	g->kind = json_object_get_boolean(get(o, "exact")) ?
	    POST_POLICY_EXACT : POST_POLICY_FOLDER;
	g->key = text(o, "key");
	g->key_len = strlen(g->key);
	g->min_bytes = json_object_get_int64(get(o, "min_bytes"));
	g->max_bytes = json_object_get_int64(get(o, "max_bytes"));
	g->expires_at = json_object_get_int64(get(o, "expires_at"));
}

static const char *
field(struct json_object *fields, size_t i, size_t half)
{

	return (json_object_get_string(json_object_array_get_idx(
	    json_object_array_get_idx(fields, i), half)));
}

/* botocore ends the URL of a virtual host in "/"; the contract does not. */
static void
assert_same_url(const char *ours, const char *theirs)
{
	size_t n = strlen(ours);

	assert_memory_equal(ours, theirs, n);
	assert_true(theirs[n] == '\0' || strcmp(theirs + n, "/") == 0);
}

/*
 * Where botocore's policy is not ours to the byte, it is the same after
 * parsing: it writes \uXXXX where we write UTF-8, and for an exact key it adds
 * a condition {"key": KEY} of its own, which ["eq", "$key", KEY] makes
 * superfluous.
 */
static void
assert_same_policy(const char *ours, const char *theirs, bool exact)
{
	struct json_object *a = parsed(ours), *b = parsed(theirs), *c;
	size_t i;

	c = get(b, "conditions");
	for (i = 0; exact && i < json_object_array_length(c); i++) {
		if (json_object_object_get_ex(json_object_array_get_idx(c, i),
		    "key", NULL))
			break;
	}
	if (exact)
		assert_int_equal(json_object_array_del_idx(c, i, 1), 0);
	assert_true(json_object_equal(a, b));
	json_object_put(a);
	json_object_put(b);
}

static bool
is_ascii(const char *s)
{

	for (; *s != '\0'; s++) {
		if ((unsigned char)*s > 0x7f)
			return (false);
	}
	return (true);
}

static void
policies_are_the_same_as_botocores(void **state)
{
	struct json_object *posts = get(vectors, "posts"), *o, *f;
	size_t i, j, n = json_object_array_length(posts), equal = 0;
	struct post_policy_grant g;
	struct post_policy p;
	int64_t now;
	bool same;

	(void)state;
	for (i = 0; i < n; i++) {
		o = json_object_array_get_idx(posts, i);
		f = get(o, "fields");
		grant_of(o, &g);
		same = g.kind == POST_POLICY_FOLDER && is_ascii(g.key);
		now = json_object_get_int64(get(o, "now"));
		assert_int_equal(post_policy_make(&signer, now, &g, &p),
		    ERR_OK);
		assert_same_url(bucket.url, text(o, "url"));
		assert_int_equal(json_object_array_length(f),
		    POST_POLICY_FIELDS);
		for (j = 0; j < POST_POLICY_FIELDS; j++) {
			assert_string_equal(p.fields[j].name, field(f, j, 0));
			if (same || j < 6)
				assert_string_equal(p.fields[j].value,
				    field(f, j, 1));
		}
		assert_same_policy(p.fields[6].value, field(f, 6, 1),
		    g.kind == POST_POLICY_EXACT);
		equal += same;
	}
	assert_true(equal >= 8);
}

static void
make_signer(void)
{

	assert_int_equal(s3_bucket_init(&bucket, "https://h.example", "nyc3",
	    "some-bucket", false), ERR_OK);
	s3_signer_init(&signer, hmac, &key, &bucket);
}

static struct post_policy_grant
folder(const char *name)
{

	return ((struct post_policy_grant){ POST_POLICY_FOLDER, name,
	    strlen(name), 1024, 5368709120, NOW + DAY });
}

/* Compare the policy, parsed, with conditions written by hand. */
static void
assert_conditions(const struct post_policy *p, const char *expiration,
    const char *const want[], size_t n)
{
	struct json_object *o = parsed(p->policy), *c, *w;
	size_t i;

	assert_int_equal(json_object_object_length(o), 2);
	assert_string_equal(text(o, "expiration"), expiration);
	c = get(o, "conditions");
	assert_int_equal(json_object_array_length(c), n);
	for (i = 0; i < n; i++) {
		assert_non_null(w = json_tokener_parse(want[i]));
		if (!json_object_equal(json_object_array_get_idx(c, i), w))
			fail_msg("condition %zu is not %s", i, want[i]);
		json_object_put(w);
	}
	json_object_put(o);
}

static void
a_policy_for_a_folder_has_nine_conditions(void **state)
{
	static const char *const want[] = {
		"{\"acl\":\"private\"}",
		"[\"starts-with\",\"$key\",\"data/x/5COLD/\"]",
		"[\"content-length-range\",1024,5368709120]",
		"{\"x-amz-storage-class\":\"STANDARD\"}",
		"{\"bucket\":\"some-bucket\"}",
		"[\"starts-with\",\"$key\",\"data/x/5COLD/\"]",
		"{\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\"}",
		"{\"x-amz-credential\":" CREDENTIAL "}",
		"{\"x-amz-date\":\"20261122T151711Z\"}",
	};
	struct post_policy_grant g = folder("data/x/5COLD/");
	struct post_policy p;

	(void)state;
	make_signer();
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);
	assert_conditions(&p, "2026-11-23T15:17:11Z", want, 9);
	assert_string_equal(p.fields[2].value, "data/x/5COLD/${filename}");
}

static void
a_policy_for_one_key_names_it_exactly(void **state)
{
	static const char *const want[] = {
		"{\"acl\":\"private\"}",
		"[\"eq\",\"$key\",\"data/x/a \\\"b\\\" \\\\ $c.parquet\"]",
		"[\"content-length-range\",0,0]",
		"{\"x-amz-storage-class\":\"STANDARD\"}",
		"{\"bucket\":\"some-bucket\"}",
		"{\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\"}",
		"{\"x-amz-credential\":" CREDENTIAL "}",
		"{\"x-amz-date\":\"20261122T151711Z\"}",
	};
	struct post_policy_grant g = folder("data/x/a \"b\" \\ $c.parquet");
	struct post_policy p;

	(void)state;
	make_signer();
	g.kind = POST_POLICY_EXACT;
	g.min_bytes = g.max_bytes = 0;
	g.expires_at = NOW + 1;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);
	assert_conditions(&p, "2026-11-22T15:17:12Z", want, 8);
	assert_string_equal(p.fields[2].value, g.key);
}

static void
the_fields_of_a_form_are_in_order(void **state)
{
	static const char *const names[] = { "acl", "x-amz-storage-class",
	    "key", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
	    "policy", "x-amz-signature" };
	struct post_policy_grant g = folder("f/");
	struct post_policy p;
	size_t i;

	(void)state;
	make_signer();
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);
	for (i = 0; i < POST_POLICY_FIELDS; i++)
		assert_string_equal(p.fields[i].name, names[i]);
	assert_int_equal(strlen(p.fields[7].value), SIGV4_SIGNATURE_LEN);
}

static void
keys_that_cannot_be_in_a_policy_are_refused(void **state)
{
	static const struct {
		const char *s;
		size_t len;
	} bad[] = {
		{ "", 0 }, { "a\0b/", 4 }, { "a\n/", 3 }, { "a\x1f/", 3 },
		{ "a\x7f/", 3 }, { "\xff/", 2 }, { "\xc0\xaf/", 3 },
		{ "\xed\xa0\x80/", 4 }, { "\xc3/", 2 },
		{ "${filename}/", 12 }, { "a${/", 4 }, { "a/${filename}", 13 },
		{ "$key/", 5 }, { "$", 1 }, { "data/${", 7 },
	};
	struct post_policy_grant g = folder("f/");
	struct post_policy p;
	size_t i;
	int kind;

	(void)state;
	make_signer();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (kind = 0; kind < 2; kind++) {
			g.kind = kind ? POST_POLICY_EXACT : POST_POLICY_FOLDER;
			g.key = bad[i].s;
			g.key_len = bad[i].len;
			assert_int_equal(post_policy_make(&signer, NOW, &g, &p),
			    ERR_FORMAT);
		}
	}

	/* A folder without its slash would grant its siblings; a key may. */
	g = folder("data/hotkey=5A");
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_FORMAT);
	g.kind = POST_POLICY_EXACT;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);

	/* A dollar elsewhere, and a brace elsewhere, are plain text. */
	g = folder("a$b/{c}$/");
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);
}

static void
a_key_is_taken_up_to_its_length(void **state)
{
	char name[S3_KEY_MAX + 1], *json;
	struct post_policy_grant g;
	struct post_policy p;

	(void)state;
	make_signer();

	/* What grows most when it is escaped. */
	memset(name, '"', sizeof(name));
	name[S3_KEY_MAX - 1] = '/';
	g = (struct post_policy_grant){ POST_POLICY_FOLDER, name, S3_KEY_MAX,
	    INT64_MAX, INT64_MAX, NOW + DAY };
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);
	assert_int_equal(strlen(p.key), S3_KEY_MAX + 11);
	json = decoded(p.policy);
	assert_non_null(strstr(json,
	    "\"x-amz-date\": \"20261122T151711Z\"}]}"));
	free(json);
	g.key_len++;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_FORMAT);
	g.kind = POST_POLICY_EXACT;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_FORMAT);
}

static void
lifetimes_and_sizes_out_of_range_are_refused(void **state)
{
	struct post_policy_grant g = folder("f/");
	const int64_t bad[] = { INT64_MIN, 0, NOW - 1, NOW, NOW + 604801,
	    INT64_MAX };
	struct post_policy p;
	size_t i;

	(void)state;
	make_signer();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		g.expires_at = bad[i];
		assert_int_equal(post_policy_make(&signer, NOW, &g, &p),
		    ERR_RANGE);
	}
	g.expires_at = NOW + 604800;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_OK);
	g.expires_at = 5;
	assert_int_equal(post_policy_make(&signer, -1, &g, &p), ERR_RANGE);
	g.expires_at = TIMEFMT_S_MAX + 1;
	assert_int_equal(post_policy_make(&signer, TIMEFMT_S_MAX, &g, &p),
	    ERR_RANGE);

	g = folder("f/");
	g.min_bytes = -1;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_RANGE);
	g.min_bytes = g.max_bytes + 1;
	assert_int_equal(post_policy_make(&signer, NOW, &g, &p), ERR_RANGE);
}

static int
load(void **state)
{

	(void)state;
	if ((vectors = json_object_from_file(
	    "tests/vectors/sigv4/botocore.json")) == NULL)
		return (-1);
	hmac = hmac_new();
	return (sigv4_key_init(&key, text(vectors, "access_key"),
	    strlen(text(vectors, "access_key")), text(vectors, "secret_key"),
	    strlen(text(vectors, "secret_key"))) == ERR_OK ? 0 : -1);
}

static int
unload(void **state)
{

	(void)state;
	sigv4_key_wipe(&key);
	hmac_free(hmac);
	json_object_put(vectors);
	return (0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, load, unload)

static const struct CMUnitTest tests[] = {
	TEST(policies_are_the_same_as_botocores),
	TEST(a_policy_for_a_folder_has_nine_conditions),
	TEST(a_policy_for_one_key_names_it_exactly),
	TEST(the_fields_of_a_form_are_in_order),
	TEST(keys_that_cannot_be_in_a_policy_are_refused),
	TEST(a_key_is_taken_up_to_its_length),
	TEST(lifetimes_and_sizes_out_of_range_are_refused),
};

TEST_MAIN(tests)
