#include "test.h"

#include "s3/bucket.h"

static const struct {
	const char *endpoint, *bucket;
	bool virtual_hosted;
	const char *url, *host, *prefix;
} good[] = {
	{ "https://nyc3.digitaloceanspaces.com", "data-universe-storage", false,
	    "https://nyc3.digitaloceanspaces.com/data-universe-storage",
	    "nyc3.digitaloceanspaces.com", "/data-universe-storage" },
	{ "https://nyc3.digitaloceanspaces.com", "data-universe-storage", true,
	    "https://data-universe-storage.nyc3.digitaloceanspaces.com",
	    "data-universe-storage.nyc3.digitaloceanspaces.com", "" },
	{ "http://127.0.0.1:7480", "abc", false,
	    "http://127.0.0.1:7480/abc", "127.0.0.1:7480", "/abc" },
	{ "http://localhost:7480", "abc", true,
	    "http://abc.localhost:7480", "abc.localhost:7480", "" },
	{ "http://[::1]:7480", "abc", false,
	    "http://[::1]:7480/abc", "[::1]:7480", "/abc" },
	{ "https://[2001:db8::1]", "abc", false,
	    "https://[2001:db8::1]/abc", "[2001:db8::1]", "/abc" },
	/* The default port is not signed; the other scheme's is. */
	{ "http://h:80", "abc", false, "http://h/abc", "h", "/abc" },
	{ "https://h:443", "abc", true, "https://abc.h", "abc.h", "" },
	{ "http://h:443", "abc", false, "http://h:443/abc", "h:443", "/abc" },
	{ "https://h:80", "abc", false, "https://h:80/abc", "h:80", "/abc" },
	{ "http://h:65535", "abc", false, "http://h:65535/abc", "h:65535",
	    "/abc" },
	/* Dots in a bucket: in the path always, in the host without TLS. */
	{ "https://h", "a.b.c", false, "https://h/a.b.c", "h", "/a.b.c" },
	{ "http://h", "a.b.c", true, "http://a.b.c.h", "a.b.c.h", "" },
	{ "http://1a.2b", "0-9", false, "http://1a.2b/0-9", "1a.2b", "/0-9" },
};

static const char *const bad_endpoints[] = {
	"", "h", "h:80", "//h", "ftp://h", "HTTP://h", "https:/h", "https://",
	"http:///", "https://h/", "https://h/path", "https://h?q",
	"https://h#f",
	"https://u@h", "https://u:p@h", "https://H", "https://h.", "https://.h",
	"https://a..b", "https://-a", "https://a-", "https://a.-b",
	"https://a_b", "https://a b", "https://h ", " https://h", "https://h\n",
	"https://h\xc3\xa9", "https://%68",
	"https://h:", "https://h:0", "https://h:080", "https://h:65536",
	"https://h:+80", "https://h:-1", "https://h:8x", "https://h:80:80",
	"https://h:80/", "https://:80", "https://h:99999999999999999999",
	"http://127.1", "http://1", "http://127.0.0.256", "http://127.0.0.01",
	"http://0x7f.1", "http://a.0x", "http://a.1", "http://1.2.3.4.5",
	"http://[::1", "http://[]", "http://[", "http://]", "http://[::1]x",
	"http://[::1]]", "http://::1", "http://[0:0:0:0:0:0:0:1]",
	"http://[::A]", "http://[::1%25lo]", "http://[::ffff:1.2.3.4]",
	"http://[h]", "http://[127.0.0.1]",
};

static const char *const bad_buckets[] = {
	"", "ab", "Abc", "a_b", "a b", "a/b", "-abc", "abc-", ".abc", "abc.",
	"a..b", "a.-b", "a-.b", "1.2.3.4", "192.168.5.4", "abc\n", "a%62c",
	"abc\xc3\xa9",
};

static const char *const bad_regions[] = {
	"", "us east", "us/east", "us-east-1\n", "r%20", "r&x", "r~",
};

/* A text of n times c. */
static const char *
times(char *out, char c, size_t n)
{

	memset(out, c, n);
	out[n] = '\0';
	return (out);
}

static void
assert_refused(const char *endpoint, const char *region, const char *bucket,
    bool virtual_hosted)
{
	static const struct s3_bucket zero;
	struct s3_bucket b;

	memset(&b, 'x', sizeof(b));
	if (s3_bucket_init(&b, endpoint, region, bucket, virtual_hosted) !=
	    ERR_FORMAT)
		fail_msg("accepted: %s %s %s", endpoint, region, bucket);
	assert_memory_equal(&b, &zero, sizeof(b));
}

static void
an_address_is_made_of_endpoint_bucket_and_style(void **state)
{
	struct s3_bucket b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(s3_bucket_init(&b, good[i].endpoint,
		    "us-east-1", good[i].bucket, good[i].virtual_hosted),
		    ERR_OK);
		assert_string_equal(b.url, good[i].url);
		assert_string_equal(b.host, good[i].host);
		assert_string_equal(b.prefix, good[i].prefix);
		assert_string_equal(b.name, good[i].bucket);
		assert_string_equal(b.region, "us-east-1");
		assert_int_equal(b.url_len, strlen(b.url));
		assert_int_equal(b.prefix_len, strlen(b.prefix));
	}
}

static void
malformed_endpoints_buckets_and_regions_are_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad_endpoints) / sizeof(char *); i++)
		assert_refused(bad_endpoints[i], "r", "abc", false);
	for (i = 0; i < sizeof(bad_buckets) / sizeof(char *); i++)
		assert_refused("http://h", "r", bad_buckets[i], false);
	for (i = 0; i < sizeof(bad_regions) / sizeof(char *); i++)
		assert_refused("http://h", bad_regions[i], "abc", false);
}

static void
a_bucket_that_makes_no_host_is_refused(void **state)
{

	(void)state;
	assert_refused("http://127.0.0.1", "r", "abc", true);
	assert_refused("http://[::1]", "r", "abc", true);
	assert_refused("https://h", "r", "a.b.c", true);
}

static void
names_are_taken_up_to_their_length(void **state)
{
	char region[SIGV4_REGION_MAX + 2], bucket[S3_BUCKET_MAX + 2];
	char label[64], endpoint[512];
	struct s3_bucket b;

	(void)state;
	assert_int_equal(s3_bucket_init(&b, "http://h", times(region, 'r',
	    SIGV4_REGION_MAX), times(bucket, 'b', S3_BUCKET_MAX), true),
	    ERR_OK);
	assert_refused("http://h", times(region, 'r', SIGV4_REGION_MAX + 1),
	    "abc", false);
	assert_refused("http://h", "r", times(bucket, 'b', S3_BUCKET_MAX + 1),
	    false);

	/* The longest host: four labels of 63, 62, 63 and 62, 253 in all. */
	times(label, 'h', 63);
	snprintf(endpoint, sizeof(endpoint), "https://%s.%.62s.%s.%.62s:65535",
	    label, label, label, label);
	assert_int_equal(s3_bucket_init(&b, endpoint, "r", times(bucket, 'b',
	    S3_BUCKET_MAX), false), ERR_OK);
	assert_int_equal(strlen(b.host), S3_HOST_MAX);
	assert_int_equal(strlen(b.url), S3_URL_MAX);
	assert_refused(endpoint, "r", "abc", true);
	snprintf(endpoint, sizeof(endpoint), "https://%s.%s.%s.%.62s", label,
	    label, label, label);
	assert_refused(endpoint, "r", "abc", false);
	snprintf(endpoint, sizeof(endpoint), "https://%sh", label);
	assert_refused(endpoint, "r", "abc", false);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_address_is_made_of_endpoint_bucket_and_style),
	cmocka_unit_test(malformed_endpoints_buckets_and_regions_are_refused),
	cmocka_unit_test(a_bucket_that_makes_no_host_is_refused),
	cmocka_unit_test(names_are_taken_up_to_their_length),
};

TEST_MAIN(tests)
