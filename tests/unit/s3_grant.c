#include "test.h"

#include "s3/grant.h"

#define NOW 1795360631		/* 2026-11-22T15:17:11Z */
#define HOUR 3600
#define FOLDER "data/hotkey=5G/"
#define FILE_KEY FOLDER "job_id=a/data_1.parquet"

static struct hmac *hmac;
static struct sigv4_key key;
static struct s3_bucket bucket;
static struct s3_signer signer;
static struct grant_upload upload;

static int
setup(void **state)
{
	static const char id[] = "AKIAIOSFODNN7EXAMPLE", secret[] = "secret";

	(void)state;
	hmac = hmac_new();
	if (s3_bucket_init(&bucket, "https://h.example", "nyc3", "abc",
	    false) != ERR_OK)
		return (-1);
	s3_signer_init(&signer, hmac, &key, &bucket);
	memset(&upload, 0xff, sizeof(upload));
	return (sigv4_key_init(&key, id, strlen(id), secret, strlen(secret)) ==
	    ERR_OK ? 0 : -1);
}

static int
teardown(void **state)
{

	(void)state;
	sigv4_key_wipe(&key);
	hmac_free(hmac);
	return (0);
}

static struct grant
grant(enum grant_of of, int64_t size)
{
	const char *name = of == GRANT_FOLDER ? FOLDER : FILE_KEY;

	return ((struct grant){ of, name, strlen(name), 1024, 4096, size,
	    NOW + HOUR });
}

/* Field by field what post_policy_make() makes. */
static void
assert_form(const struct grant *g, enum post_policy_kind kind)
{
	const struct post_policy_grant want = { kind, g->key, g->key_len,
	    g->min_bytes, g->max_bytes, g->expires_at };
	struct post_policy p;
	size_t i;

	assert_int_equal(grant_make(&signer, NOW, g, &upload), ERR_OK);
	assert_int_equal(post_policy_make(&signer, NOW, &want, &p), ERR_OK);
	assert_string_equal(upload.method, "POST");
	assert_string_equal(upload.url, "https://h.example/abc");
	assert_int_equal(upload.n_headers, 0);
	assert_int_equal(upload.ttl_s, HOUR);
	assert_int_equal(upload.n_fields, p.n);
	for (i = 0; i < p.n; i++) {
		assert_string_equal(upload.fields[i].name, p.fields[i].name);
		assert_string_equal(upload.fields[i].value, p.fields[i].value);
	}
}

static void
a_store_with_policies_grants_a_form(void **state)
{
	const struct grant folder = grant(GRANT_FOLDER, GRANT_ANY_SIZE),
	    file = grant(GRANT_FILE, GRANT_ANY_SIZE), sized = grant(GRANT_FILE, 1024);

	(void)state;
	assert_string_equal(grant_kind(&bucket), "post_policy");
	assert_form(&folder, POST_POLICY_FOLDER);
	assert_form(&file, POST_POLICY_EXACT);
	assert_form(&sized, POST_POLICY_EXACT);
}

/* What presign_put() makes, of this length and for this long. */
static void
assert_put(int64_t size, int64_t want_size)
{
	const struct grant g = grant(GRANT_FILE, size);
	char url[PRESIGN_OBJECT_MAX + 1];
	int64_t ttl_s = HOUR;
	struct buf b;

	buf_init(&b, url, sizeof(url));
	assert_int_equal(presign_put(&signer, NOW, FILE_KEY, strlen(FILE_KEY),
	    want_size, &ttl_s, &b), ERR_OK);
	assert_int_equal(grant_make(&signer, NOW, &g, &upload), ERR_OK);
	assert_string_equal(upload.method, "PUT");
	assert_string_equal(upload.url, url);
	assert_int_equal(upload.ttl_s, ttl_s);
	assert_int_equal(upload.n_fields, 0);
}

static void
a_store_without_policies_grants_a_put_of_one_key(void **state)
{

	(void)state;
	bucket.post_policy = bucket.folder_forms = false;
	assert_string_equal(grant_kind(&bucket), "put");
	assert_put(GRANT_ANY_SIZE, PRESIGN_ANY_SIZE);
	assert_int_equal(upload.n_headers, 0);
	assert_put(4096, 4096);
	assert_int_equal(upload.n_headers, 1);
	assert_string_equal(upload.headers[0].name, "Content-Length");
	assert_string_equal(upload.headers[0].value, "4096");
}

static void
refused(const struct grant *g, enum err e)
{

	assert_int_equal(grant_check(&bucket, g), e);
	assert_int_equal(grant_make(&signer, NOW, g, &upload), e);
}

/* A folder is never granted by PUT, and a size is within the bounds. */
static void
a_folder_by_put_and_a_size_out_of_bounds_are_refused(void **state)
{
	struct grant g = grant(GRANT_FILE, 1023);
	int put;

	(void)state;
	for (put = 0; put < 2; put++) {
		bucket.post_policy = bucket.folder_forms = !put;
		g = grant(GRANT_FILE, 1023);
		refused(&g, ERR_SIZE);
		g.size = 4097;
		refused(&g, ERR_SIZE);
		g.size = -2;
		refused(&g, ERR_SIZE);
		g.size = 0;
		refused(&g, ERR_SIZE);
	}
	g = grant(GRANT_FOLDER, GRANT_ANY_SIZE);
	refused(&g, ERR_FILES_REQUIRED);
}

static void
a_folder_is_refused_where_the_operator_wants_single_files(void **state)
{
	const struct grant folder = grant(GRANT_FOLDER, GRANT_ANY_SIZE),
	    file = grant(GRANT_FILE, GRANT_ANY_SIZE);

	(void)state;
	bucket.folder_forms = false;
	refused(&folder, ERR_FILES_REQUIRED);
	assert_form(&file, POST_POLICY_EXACT);
}

/* A grant that is over is refused.  One that is longer than a signature may
   last is refused as a form, and shortened as a PUT. */
static void
a_lifetime_is_refused_or_shortened_to_what_can_be(void **state)
{
	struct grant g = grant(GRANT_FILE, GRANT_ANY_SIZE);

	(void)state;
	g.expires_at = NOW;
	assert_int_equal(grant_make(&signer, NOW, &g, &upload), ERR_RANGE);
	bucket.post_policy = false;
	assert_int_equal(grant_make(&signer, NOW, &g, &upload), ERR_RANGE);
	g.expires_at = NOW + SIGV4_TTL_S_MAX + 1;
	assert_int_equal(grant_make(&signer, NOW, &g, &upload), ERR_OK);
	assert_in_range(upload.ttl_s, SIGV4_TTL_S_MAX - 60, SIGV4_TTL_S_MAX);
	bucket.post_policy = true;
	assert_int_equal(grant_make(&signer, NOW, &g, &upload), ERR_RANGE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(a_store_with_policies_grants_a_form),
	T(a_store_without_policies_grants_a_put_of_one_key),
	T(a_folder_by_put_and_a_size_out_of_bounds_are_refused),
	T(a_folder_is_refused_where_the_operator_wants_single_files),
	T(a_lifetime_is_refused_or_shortened_to_what_can_be)
};

TEST_MAIN(tests)
