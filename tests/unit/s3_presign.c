#include "test.h"

#include <time.h>

#include <json-c/json.h>

#include "s3/presign.h"

#define NOW 1369353600		/* 2013-05-24T00:00:00Z */
#define PARAMS_MAX 16

static struct json_object *vectors;
static struct hmac *hmac;
static struct sigv4_key key;

static struct json_object *
get(struct json_object *o, const char *name)
{
	struct json_object *p;

	return (json_object_object_get_ex(o, name, &p) ? p : NULL);
}

static const char *
text(struct json_object *o, const char *name)
{

	assert_non_null(get(o, name));
	return (json_object_get_string(get(o, name)));
}

static int64_t
number(struct json_object *o, const char *name)
{

	assert_non_null(get(o, name));
	return (json_object_get_int64(get(o, name)));
}

static struct text_span
optional(struct json_object *o, const char *name)
{
	struct json_object *p = get(o, name);
	struct text_span none = { NULL, 0 };

	if (p == NULL)
		return (none);
	return ((struct text_span){ json_object_get_string(p),
	    (size_t)json_object_get_string_len(p) });
}

static void
signer_of(struct json_object *o, struct s3_bucket *bucket, struct s3_signer *s)
{

	assert_int_equal(s3_bucket_init(bucket, text(o, "endpoint"),
	    text(o, "region"), text(o, "bucket"),
	    json_object_get_boolean(get(o, "virtual"))), ERR_OK);
	s3_signer_init(s, hmac, &key, bucket);
}

static int
compare(const void *a, const void *b)
{

	return (strcmp(*(char *const *)a, *(char *const *)b));
}

/* Cut url, in place, into its path and its sorted parameters. */
static size_t
cut(char *url, char *params[PARAMS_MAX])
{
	char *p = strchr(url, '?'), *save;
	size_t n = 0;

	assert_non_null(p);
	*p++ = '\0';
	for (p = strtok_r(p, "&", &save); p != NULL;
	    p = strtok_r(NULL, "&", &save)) {
		assert_true(n < PARAMS_MAX);
		params[n++] = p;
	}
	qsort(params, n, sizeof(*params), compare);
	return (n);
}

/* The same path and the same set of parameters, none of them twice? */
static void
assert_same_url(const char *ours, const char *theirs)
{
	char *a = strdup(ours), *b = strdup(theirs);
	char *pa[PARAMS_MAX], *pb[PARAMS_MAX];
	size_t i, n;

	n = cut(a, pa);
	assert_int_equal(cut(b, pb), n);
	assert_string_equal(a, b);
	for (i = 0; i < n; i++) {
		assert_string_equal(pa[i], pb[i]);
		assert_true(i == 0 || strncmp(pa[i], pa[i - 1],
		    strcspn(pa[i], "=") + 1) != 0);
	}
	free(a);
	free(b);
}

static enum presign_method
method_of(const char *name)
{

	return (name[0] == 'G' ? PRESIGN_GET : name[0] == 'H' ? PRESIGN_HEAD :
	    PRESIGN_PUT);
}

static void
urls_of_objects_are_the_same_as_botocores(void **state)
{
	struct json_object *list = get(vectors, "objects"), *o;
	size_t i, n = json_object_array_length(list);
	char url[PRESIGN_OBJECT_MAX + 1];
	struct text_span k;
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;

	(void)state;
	assert_true(n >= 50);
	for (i = 0; i < n; i++) {
		o = json_object_array_get_idx(list, i);
		signer_of(o, &bucket, &s);
		k = optional(o, "key");
		buf_init(&b, url, sizeof(url));
		assert_int_equal(presign_object(&s, number(o, "now"),
		    method_of(text(o, "method")), k.s, k.len,
		    number(o, "ttl_s"), &b), ERR_OK);
		assert_same_url(url, text(o, "url"));

		/* Here even the order is the same. */
		assert_string_equal(url, text(o, "url"));
	}
}

static void
urls_of_lists_are_the_same_as_botocores(void **state)
{
	struct json_object *list = get(vectors, "lists"), *o;
	size_t i, n = json_object_array_length(list);
	char url[PRESIGN_LIST_MAX + 1];
	struct presign_list l;
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;

	(void)state;
	assert_true(n >= 16);
	for (i = 0; i < n; i++) {
		o = json_object_array_get_idx(list, i);
		signer_of(o, &bucket, &s);
		l.prefix = optional(o, "prefix");
		l.delimiter = optional(o, "delimiter");
		l.continuation_token = optional(o, "continuation_token");
		l.start_after = optional(o, "start_after");
		l.max_keys = get(o, "max_keys") == NULL ? 0 :
		    (int)number(o, "max_keys");
		buf_init(&b, url, sizeof(url));
		assert_int_equal(presign_list(&s, number(o, "now"), &l,
		    number(o, "ttl_s"), &b), ERR_OK);
		assert_same_url(url, text(o, "url"));
	}
}

/* A signer for the tests below. */
static void
make_signer(struct s3_bucket *bucket, struct s3_signer *s, bool virtual_hosted)
{

	assert_int_equal(s3_bucket_init(bucket, "https://h.example", "nyc3",
	    "abc", virtual_hosted), ERR_OK);
	s3_signer_init(s, hmac, &key, bucket);
}

/* The order that the contract's clients have always seen. */
static void
the_query_of_a_list_has_the_order_clients_know(void **state)
{
	const struct presign_list l = { .prefix = { "data/x/", 7 },
	    .delimiter = { "/", 1 }, .continuation_token = { "t=", 2 },
	    .start_after = { "a b", 3 }, .max_keys = 7 };
	static const char want[] = "list-type=2&prefix=data%2Fx%2F"
	    "&delimiter=%2F&max-keys=7&continuation-token=t%3D"
	    "&start-after=a%20b&encoding-type=url"
	    "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
	    "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fnyc3%2Fs3%2Faws4_request"
	    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=10800"
	    "&X-Amz-SignedHeaders=host&X-Amz-Signature=";
	char url[PRESIGN_LIST_MAX + 1];
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;
	const char *q;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		make_signer(&bucket, &s, i);
		buf_init(&b, url, sizeof(url));
		assert_int_equal(presign_list(&s, NOW, &l, 10800, &b), ERR_OK);
		q = i ? "https://abc.h.example/?" : "https://h.example/abc?";
		assert_memory_equal(url, q, strlen(q));
		assert_memory_equal(url + strlen(q), want, strlen(want));
		assert_int_equal(strlen(url), strlen(q) + strlen(want) + 64);
	}
}

/* Bytes that are no text at all still have a URL; NUL has none. */
static void
a_key_of_any_bytes_but_nul_has_a_url(void **state)
{
	char url[PRESIGN_OBJECT_MAX + 1], long_key[S3_KEY_MAX + 1];
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;

	(void)state;
	make_signer(&bucket, &s, false);
	buf_init(&b, url, sizeof(url));
	assert_int_equal(presign_object(&s, NOW, PRESIGN_GET, "\xff\xc0/\x01",
	    4, 60, &b), ERR_OK);
	assert_memory_equal(url, "https://h.example/abc/%FF%C0/%01?X-Amz-", 39);

	buf_init(&b, url, sizeof(url));
	memset(long_key, '\xff', sizeof(long_key));
	assert_int_equal(presign_object(&s, NOW, PRESIGN_GET, "a\0b", 3, 60,
	    &b), ERR_FORMAT);
	assert_int_equal(presign_object(&s, NOW, PRESIGN_GET, "", 0, 60, &b),
	    ERR_FORMAT);
	assert_int_equal(presign_object(&s, NOW, PRESIGN_GET, long_key,
	    sizeof(long_key), 60, &b), ERR_FORMAT);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_int_equal(presign_object(&s, NOW, PRESIGN_GET, long_key,
	    S3_KEY_MAX, 60, &b), ERR_OK);
}

static void
times_and_lifetimes_out_of_range_are_refused(void **state)
{
	const struct presign_list l = { .prefix = { "p", 1 } };
	const int64_t bad[] = { INT64_MIN, -1, 0, 604801, INT64_MAX };
	char url[PRESIGN_OBJECT_MAX + 1];
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;
	size_t i;

	(void)state;
	make_signer(&bucket, &s, false);
	buf_init(&b, url, sizeof(url));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(presign_object(&s, NOW, PRESIGN_GET, "k", 1,
		    bad[i], &b), ERR_RANGE);
		assert_int_equal(presign_list(&s, NOW, &l, bad[i], &b),
		    ERR_RANGE);
	}
	assert_int_equal(presign_object(&s, -1, PRESIGN_GET, "k", 1, 60, &b),
	    ERR_RANGE);
	assert_int_equal(presign_object(&s, TIMEFMT_S_MAX + 1, PRESIGN_GET,
	    "k", 1, 60, &b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_end(&b), ERR_OK);
}

static void
lists_with_malformed_parts_are_refused(void **state)
{
	static char big[PRESIGN_TOKEN_MAX + 1];
	const struct presign_list bad[] = {
		{ .prefix = { "a\0b", 3 } },
		{ .delimiter = { "\0", 1 } },
		{ .start_after = { "a\0", 2 } },
		{ .continuation_token = { "\0a", 2 } },
		{ .prefix = { big, S3_KEY_MAX + 1 } },
		{ .delimiter = { big, S3_KEY_MAX + 1 } },
		{ .start_after = { big, S3_KEY_MAX + 1 } },
		{ .continuation_token = { big, PRESIGN_TOKEN_MAX + 1 } },
	};
	const struct presign_list most = { { big, S3_KEY_MAX },
	    { big, S3_KEY_MAX }, { big, PRESIGN_TOKEN_MAX },
	    { big, S3_KEY_MAX }, PRESIGN_KEYS_MAX };
	struct presign_list l = { .max_keys = -1 };
	char url[PRESIGN_LIST_MAX + 1];
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;
	size_t i;

	(void)state;
	memset(big, '%', sizeof(big));
	make_signer(&bucket, &s, false);
	buf_init(&b, url, sizeof(url));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(presign_list(&s, NOW, &bad[i], 60, &b),
		    ERR_FORMAT);
	assert_int_equal(presign_list(&s, NOW, &l, 60, &b), ERR_RANGE);
	l.max_keys = PRESIGN_KEYS_MAX + 1;
	assert_int_equal(presign_list(&s, NOW, &l, 60, &b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	assert_int_equal(presign_list(&s, NOW, &most, SIGV4_TTL_S_MAX, &b),
	    ERR_OK);
}

/* PRESIGN_*_MAX hold for the longest host, bucket, region and key id. */
static void
the_longest_urls_fit_their_storage(void **state)
{
	static char big[PRESIGN_TOKEN_MAX];
	const struct presign_list most = { { big, S3_KEY_MAX },
	    { big, S3_KEY_MAX }, { big, PRESIGN_TOKEN_MAX },
	    { big, S3_KEY_MAX }, PRESIGN_KEYS_MAX };
	char url[PRESIGN_LIST_MAX + 1], label[64], endpoint[512], id[128];
	char region[64];
	struct s3_bucket bucket;
	struct sigv4_key k;
	struct s3_signer s;
	struct buf b;

	(void)state;
	memset(big, '%', sizeof(big));
	memset(label, 'h', 63);
	memset(region, 'r', 63);
	memset(id, '+', sizeof(id));
	label[63] = region[63] = '\0';
	snprintf(endpoint, sizeof(endpoint), "https://%s.%.62s.%s.%.62s:65535",
	    label, label, label, label);
	assert_int_equal(s3_bucket_init(&bucket, endpoint, region, label,
	    false), ERR_OK);
	assert_int_equal(sigv4_key_init(&k, id, sizeof(id), "s", 1), ERR_OK);
	s3_signer_init(&s, hmac, &k, &bucket);
	buf_init(&b, url, PRESIGN_OBJECT_MAX + 1);
	assert_int_equal(presign_object(&s, NOW, PRESIGN_HEAD, big, S3_KEY_MAX,
	    SIGV4_TTL_S_MAX, &b), ERR_OK);
	buf_init(&b, url, sizeof(url));
	assert_int_equal(presign_list(&s, NOW, &most, SIGV4_TTL_S_MAX, &b),
	    ERR_OK);
}

/* Every size that is too small overflows, and only those. */
static void
storage_that_is_too_small_overflows(void **state)
{
	const struct presign_list l = { .prefix = { "a b", 3 } };
	char *url = malloc(PRESIGN_OBJECT_MAX);
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;
	size_t need, size;
	int list;

	(void)state;
	make_signer(&bucket, &s, true);
	for (list = 0; list < 2; list++) {
		need = PRESIGN_OBJECT_MAX;
		for (size = need; size > 0; size = size > need ? need :
		    size - 1) {
			url = realloc(url, size);
			buf_init(&b, url, size);
			assert_int_equal(list ? presign_list(&s, NOW, &l, 60,
			    &b) : presign_object(&s, NOW, PRESIGN_GET, "a b", 3,
			    60, &b), size >= need || size ==
			    PRESIGN_OBJECT_MAX ? ERR_OK : ERR_RANGE);
			if (size == PRESIGN_OBJECT_MAX)
				need = b.len + 1;
		}
	}
	free(url);
}

/* The parameter ${name} of a URL, as a number; of a date: its seconds. */
static int64_t
number_in(const char *url, const char *name)
{
	const char *p = strstr(url, name);
	struct tm tm = { 0 };

	assert_non_null(p);
	p += strlen(name);
	if (strcmp(name, "X-Amz-Date=") != 0)
		return (strtoll(p, NULL, 10));
	assert_non_null(strptime(p, "%Y%m%dT%H%M%SZ", &tm));
	return (timegm(&tm));
}

/* A PUT is signed so that its query is free of 409, and says what is left. */
static void
a_signed_put_has_no_409_in_its_query(void **state)
{
	static const int64_t times[] = {
		NOW,
		1775692800,		/* 2026-04-09T00:00:00Z */
		1775779199,		/* 2026-04-09T23:59:59Z */
		1795351140 + 59,	/* 2026-11-22T12:39:59Z */
		1795356540 + 30,	/* 2026-11-22T14:09:30Z */
		1795356549,		/* 2026-11-22T14:09:09Z */
		9,
	};
	char url[PRESIGN_OBJECT_MAX + 1], same[PRESIGN_OBJECT_MAX + 1];
	const int64_t ttls[] = { 60, 4090, 409, 40900, SIGV4_TTL_S_MAX };
	int64_t left, end;
	struct s3_bucket bucket;
	struct s3_signer s;
	struct buf b;
	size_t i, j, k, again = 0;
	char name[32];

	(void)state;
	make_signer(&bucket, &s, true);
	for (i = 0; i < 7 * 5 * 100; i++) {
		j = i % 7;
		k = i / 7 % 5;
		snprintf(name, sizeof(name), "key %zu", i + 1000);
		left = ttls[k];
		buf_init(&b, url, sizeof(url));
		assert_int_equal(presign_put(&s, times[j], name, strlen(name),
		    i % 2 == 0 ? PRESIGN_ANY_SIZE : (int64_t)i, &left, &b),
		    ERR_OK);
		assert_null(strstr(strchr(url, '?'), "409"));
		assert_true(left <= ttls[k]);
		assert_true(left >= ttls[k] - 100 || k == 4);
		end = number_in(url, "X-Amz-Date=") +
		    number_in(url, "X-Amz-Expires=");
		assert_int_equal(end, times[j] + left);
		assert_true(number_in(url, "X-Amz-Expires=") <=
		    SIGV4_TTL_S_MAX);
		assert_non_null(strstr(url, i % 2 == 0 ?
		    "&X-Amz-SignedHeaders=host&" :
		    "&X-Amz-SignedHeaders=content-length%3Bhost&"));
		again += left != ttls[k];
		if (i % 2 == 1 || j != 0 || left != ttls[k])
			continue;
		buf_init(&b, same, sizeof(same));
		assert_int_equal(presign_object(&s, times[j], PRESIGN_PUT,
		    name, strlen(name), left, &b), ERR_OK);
		assert_string_equal(url, same);
	}

	/* It happens, and not all the time. */
	assert_in_range(again, 1, 7 * 5 * 100 * 3 / 4);

	/* A store of short lifetimes: the digits are then what they are. */
	bucket.max_ttl_s = 600;
	left = 900;
	buf_init(&b, url, sizeof(url));
	assert_int_equal(presign_put(&s, 1775692800 + 43200, "k", 1,
	    PRESIGN_ANY_SIZE, &left, &b), ERR_OK);
	assert_in_range(left, 600 - 16, 600);
	assert_int_equal(number_in(url, "X-Amz-Date="), 1775692800 + 43200);

	/* Nor by a grant that is too short for it. */
	bucket.max_ttl_s = SIGV4_TTL_S_MAX;
	for (i = 1; i < 200; i++) {
		left = (int64_t)i;
		buf_init(&b, url, sizeof(url));
		assert_int_equal(presign_put(&s, 1775692800 + 407 + 40700, "k",
		    1, PRESIGN_ANY_SIZE, &left, &b), ERR_OK);
		assert_in_range(left, 1, i);
		assert_int_equal(number_in(url, "X-Amz-Date=") +
		    number_in(url, "X-Amz-Expires="),
		    1775692800 + 407 + 40700 + left);
	}
	bucket.max_ttl_s = 600;

	/* Nor can what stands before the query be helped. */
	left = 60;
	buf_init(&b, url, sizeof(url));
	buf_str(&b, "before ");
	assert_int_equal(presign_put(&s, NOW, "job 409", 7, 1024, &left, &b),
	    ERR_OK);
	assert_null(strstr(strchr(url, '?'), "409"));
	assert_int_equal(strncmp(url, "before http", 11), 0);
}

/* URLs are appended, and the texts of a second follow the second. */
static void
one_signer_makes_many_urls_of_many_seconds(void **state)
{
	char one[PRESIGN_OBJECT_MAX + 1], many[8 * 1024];
	const int64_t times[] = { NOW, NOW, NOW + 1, NOW + 86400, NOW };
	struct s3_bucket bucket;
	struct s3_signer s, fresh;
	struct buf a, b;
	size_t i, at;

	(void)state;
	make_signer(&bucket, &s, false);
	buf_init(&b, many, sizeof(many));
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		s3_signer_init(&fresh, hmac, &key, &bucket);
		buf_init(&a, one, sizeof(one));
		assert_int_equal(presign_object(&fresh, times[i], PRESIGN_GET,
		    "k", 1, 60, &a), ERR_OK);
		buf_char(&b, '\n');
		at = b.len;
		assert_int_equal(presign_object(&s, times[i], PRESIGN_GET,
		    "k", 1, 60, &b), ERR_OK);
		assert_string_equal(many + at, one);
	}
}

/* A URL that is described first and signed later is the same one; one signer
   makes lists and objects in turn, at times that change in between. */
static void
a_url_written_later_is_the_same_one(void **state)
{
	char want[PRESIGN_LIST_MAX + 1], url[PRESIGN_LIST_MAX + 1];
	struct s3_bucket bucket;
	struct s3_signer s, fresh;
	struct presign_list_url l = {
		.signer = &s, .ttl_s = 60,
		.list = { .prefix = text_span("data/x/"),
		    .delimiter = text_span("/"), .max_keys = 7 }
	};
	struct presign_object_url o = {
		.signer = &s, .ttl_s = 600, .method = PRESIGN_HEAD,
		.key = { "a b/c~d?", 7 }
	};
	struct buf b, w;
	int i;

	(void)state;
	make_signer(&bucket, &s, false);
	for (i = 0; i < 6; i++) {
		l.now = o.now = 1795360631 + i / 2 * 86400;
		make_signer(&bucket, &fresh, false);
		buf_init(&b, url, sizeof(url));
		buf_init(&w, want, sizeof(want));
		if (i % 3 == 0) {
			assert_int_equal(presign_object_write(&b, &o), ERR_OK);
			assert_int_equal(presign_object(&fresh, o.now, o.method,
			    o.key.s, o.key.len, o.ttl_s, &w), ERR_OK);
		} else {
			assert_int_equal(presign_list_write(&b, &l), ERR_OK);
			assert_int_equal(presign_list(&fresh, l.now, &l.list,
			    l.ttl_s, &w), ERR_OK);
		}
		assert_string_equal(url, want);
		assert_int_equal(text_json_plain(url, b.len), b.len);
	}
	l.ttl_s = 0;
	assert_int_equal(presign_list_write(&b, &l), ERR_RANGE);
	o.key.len = 0;
	assert_int_equal(presign_object_write(&b, &o), ERR_FORMAT);
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
	TEST(urls_of_objects_are_the_same_as_botocores),
	TEST(urls_of_lists_are_the_same_as_botocores),
	TEST(the_query_of_a_list_has_the_order_clients_know),
	TEST(a_key_of_any_bytes_but_nul_has_a_url),
	TEST(times_and_lifetimes_out_of_range_are_refused),
	TEST(lists_with_malformed_parts_are_refused),
	TEST(the_longest_urls_fit_their_storage),
	TEST(storage_that_is_too_small_overflows),
	TEST(a_signed_put_has_no_409_in_its_query),
	TEST(one_signer_makes_many_urls_of_many_seconds),
	TEST(a_url_written_later_is_the_same_one),
};

TEST_MAIN(tests)
