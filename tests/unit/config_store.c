#include "test.h"
#include "tmpdir.h"

#include <fcntl.h>
#include <unistd.h>

#include "config/cleartext.h"
#include "config/config.h"

static char dir[4000], path[4096], message[CONFIG_MESSAGE_MAX + 1];
static struct config cfg;

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/conf", dir);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	unlink(path);
	return (rmdir(dir));
}

/* Lines 2 to 6 are endpoint, bucket, provider, region and one more. */
struct row {
	const char *endpoint, *bucket, *provider, *region, *more;
	int line;
	const char *why;
};

static enum err
load(const struct row *r)
{
	char text[2048], *s = text;
	size_t len;
	int fd;

	s += sprintf(s, "[s3]\nendpoint = %s\nbucket = %s\nprovider = %s\n",
	    r->endpoint, r->bucket, r->provider);
	s += r->region == NULL ? sprintf(s, ";\n") :
	    sprintf(s, "region = %s\n", r->region);
	s += sprintf(s, "%s\n[state]\ndirectory = /var/lib/foldergate\n",
	    r->more != NULL ? r->more : ";");
	len = (size_t)(s - text);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	message[0] = '\0';
	return (config_load(path, &cfg, NULL, message));
}

static void
refused(const struct row *r, size_t n)
{
	char where[4200];
	size_t i;

	for (i = 0; i < n; i++, r++) {
		if (load(r) != ERR_FORMAT)
			fail_msg("accepted: %s %s %s", r->endpoint, r->bucket,
			    r->region);
		snprintf(where, sizeof(where), "%.200s:%d: ", path, r->line);
		if (strncmp(message, where, strlen(where)) != 0 ||
		    strstr(message, r->why) == NULL)
			fail_msg("%s %s %s: %s", r->endpoint, r->bucket,
			    r->region, message);
	}
}

#define REFUSED(rows) refused(rows, sizeof(rows) / sizeof((rows)[0]))

#define DO "https://nyc3.digitaloceanspaces.com"
#define AWS "https://s3.eu-west-1.amazonaws.com"
#define ACCOUNT "0123456789abcdef0123456789abcdef"
#define R2 "https://" ACCOUNT ".r2.cloudflarestorage.com"

static void
what_a_console_shows_is_refused_by_name(void **state)
{
	static const struct row rows[] = {
		/* The bucket in the host. */
		{ "https://data.nyc3.digitaloceanspaces.com", "data", "spaces",
		    NULL, NULL, 2, "begins with the bucket" },
		{ "https://other.nyc3.digitaloceanspaces.com", "data", "spaces",
		    NULL, NULL, 2, "https://REGION.digitaloceanspaces.com, "
		    "without the bucket" },
		{ "https://data.s3.amazonaws.com", "data", "aws", "us-east-1",
		    NULL, 2, "begins with the bucket" },
		{ "https://data.s3.eu-west-1.amazonaws.com", "data", "aws",
		    "eu-west-1", NULL, 2, "begins with the bucket" },
		{ "https://a.b.s3.eu-west-1.amazonaws.com", "a.b", "aws",
		    "eu-west-1", "addressing = path", 2,
		    "begins with the bucket" },
		{ "https://miners.example.org", "miners", "generic", "r", NULL, 2,
		    "begins with the bucket" },
		{ "https://data.s3.example.org", "data", "ceph", NULL,
		    "addressing = virtual", 2, "begins with the bucket" },
		{ "http://data.localhost:7480", "data", "ceph", NULL,
		    "addressing = virtual", 2, "begins with the bucket" },
		{ "https://data." ACCOUNT ".r2.cloudflarestorage.com", "data",
		    "r2", NULL, NULL, 2, "begins with the bucket" },
		{ "https://data.s3.us-west-004.backblazeb2.com", "data",
		    "generic", "us-west-004", NULL, 2,
		    "begins with the bucket" },
		{ "https://data.s3.eu-central-1.wasabisys.com", "data",
		    "generic", "eu-central-1", NULL, 2,
		    "begins with the bucket" },
		{ "https://data.fsn1.your-objectstorage.com", "data",
		    "generic", "fsn1", NULL, 2, "begins with the bucket" },
		{ "https://other.fsn1.your-objectstorage.com", "data",
		    "generic", "fsn1", NULL, 2,
		    "https://LOCATION.your-objectstorage.com, without" },
		{ DO, "data", "spaces", NULL,
		    "public_endpoint = https://data.nyc3.digitaloceanspaces.com",
		    6, "s3.public_endpoint begins with the bucket" },

		/* The bucket, or more, after the host. */
		{ R2 "/data", "data", "r2", NULL, NULL, 2, "has a path" },
		{ DO "/data", "data", "spaces", NULL, NULL, 2, "has a path" },
		{ DO "/", "data", "spaces", NULL, NULL, 2,
		    "ends with a slash" },
		{ DO "?x", "data", "spaces", NULL, NULL, 2, "has a query" },
		{ DO "/#x", "data", "spaces", NULL, NULL, 2, "fragment" },
		{ "https://u:p@h", "data", "ceph", NULL, NULL, 2,
		    "has a user" },
		{ "nyc3.digitaloceanspaces.com", "data", "spaces", NULL, NULL,
		    2, "has no scheme" },
		{ "s3://data", "data", "aws", "us-east-1", NULL, 2,
		    "names the bucket as tools do" },
		{ "HTTPS://s3.example.org", "data", "ceph", NULL, NULL, 2,
		    "another scheme" },
		{ "https://S3.example.org", "data", "ceph", NULL, NULL, 2,
		    "has capitals" },
		{ "https://s3.example.org:0", "data", "ceph", NULL, NULL, 2,
		    "has a port" },
		{ "http://1.2.3", "data", "ceph", NULL, NULL, 2,
		    "ends with a number" },
		{ "http://[::1", "data", "ceph", NULL, NULL, 2, "not closed" },

		/* Something else than the S3 interface. */
		{ "https://data.nyc3.cdn.digitaloceanspaces.com", "data",
		    "spaces", NULL, NULL, 2, "is a CDN" },
		{ "https://nyc3.cdn.digitaloceanspaces.com", "data", "spaces",
		    NULL, NULL, 2, "is a CDN" },
		{ "https://d111111abcdef8.cloudfront.net", "data", "aws",
		    "us-east-1", NULL, 2, "is a CDN" },
		{ "https://s3.console.aws.amazon.com", "data", "aws",
		    "us-east-1", NULL, 2, "is a web console" },
		{ "https://console.aws.amazon.com", "data", "aws", "us-east-1",
		    NULL, 2, "is a web console" },
		{ "https://us-east-1.console.aws.amazon.com", "data", "aws",
		    "us-east-1", NULL, 2, "is a web console" },
		{ "https://cloud.digitalocean.com", "data", "spaces", NULL,
		    NULL, 2, "is a web console" },
		{ "https://dash.cloudflare.com", "data", "r2", NULL, NULL, 2,
		    "is a web console" },
		{ "https://console.minio.example.org", "data", "minio", NULL,
		    NULL, 2, "is a web console" },
		{ "http://data.s3-website-us-east-1.amazonaws.com", "data",
		    "aws", "us-east-1", NULL, 2, "is a website endpoint" },
		{ "https://s3-accelerate.amazonaws.com", "data", "aws",
		    "us-east-1", NULL, 2, "accelerated" },
		{ "https://x-1.s3-accesspoint.eu-west-1.amazonaws.com", "data",
		    "aws", "eu-west-1", NULL, 2, "access point" },
		{ "https://pub-0123.r2.dev", "data", "r2", NULL, NULL, 2,
		    "public address of an R2 bucket" },
		{ "https://f004.backblazeb2.com", "data", "generic", "r", NULL,
		    2, "https://s3.REGION.backblazeb2.com, without" },
		{ "https://amazonaws.com", "data", "aws", "us-east-1", NULL, 2,
		    "https://s3.REGION.amazonaws.com, without" },
	};

	(void)state;
	REFUSED(rows);
}

static void
a_bucket_and_a_region_are_refused_by_name(void **state)
{
	static const struct row rows[] = {
		{ DO, "s3://data", "spaces", NULL, NULL, 3, "is a URL" },
		{ DO, "https://data.nyc3.digitaloceanspaces.com", "spaces",
		    NULL, NULL, 3, "is a URL" },
		{ DO, "arn:aws:s3:::data", "aws", "us-east-1", NULL, 3,
		    "is an ARN" },
		{ DO, "data/folder", "spaces", NULL, NULL, 3,
		    "holds a slash" },
		{ DO, "Data", "spaces", NULL, NULL, 3, "has capitals" },
		{ DO, "my_data", "spaces", NULL, NULL, 3, "underscore" },
		{ DO, "data.s3.amazonaws.com", "spaces", NULL, NULL, 3,
		    "is a host" },
		{ DO, "\"data\"", "spaces", NULL, NULL, 3, "quotation mark" },
		{ DO, "data # mine", "spaces", NULL, NULL, 3, "comment" },
		{ DO, "192.0.2.1", "spaces", NULL, NULL, 3, "IPv4" },
		{ DO, "a..b", "spaces", NULL, NULL, 3, "two dots" },
		{ DO, "\xe2\x80\x9c" "data\xe2\x80\x9d", "spaces", NULL, NULL,
		    3, "typographic" },
		{ DO, "data\xc2\xa0", "spaces", NULL, NULL, 3, "no-break" },
		{ AWS, "data", "aws", "eu-west-1a", NULL, 5,
		    "availability zone" },
		{ AWS, "data", "aws", "EU (Ireland)", NULL, 5,
		    "name for people" },
		{ AWS, "data", "aws", "US East", NULL, 5, "name for people" },
		{ AWS, "data", "aws", "us-east-1", NULL, 5,
		    "contradicts s3.endpoint, whose host" },
		{ AWS, "data", "aws", "EU-WEST-1", NULL, 5,
		    "contradicts s3.endpoint, whose host" },
		{ AWS, "data", "aws", "auto", NULL, 5,
		    "contradicts s3.endpoint, whose host" },
		{ "https://s3-eu-west-1.amazonaws.com", "data", "aws",
		    "us-east-1", NULL, 5, "contradicts" },
		{ "https://s3.dualstack.eu-west-1.amazonaws.com", "data",
		    "aws", "us-east-1", NULL, 5, "contradicts" },
		{ "https://s3.amazonaws.com", "data", "aws", "eu-west-1",
		    "addressing = path", 5, "contradicts" },
		{ DO, "data", "spaces", "fra1", NULL, 5, "contradicts" },
		{ R2, "data", "r2", "eu-west-1", NULL, 5, "must be auto" },
		{ "https://s3.us-west-004.backblazeb2.com", "data", "generic",
		    "us-east-1", "post_policy = no", 5, "contradicts" },
		{ "https://s3.wasabisys.com", "data", "generic",
		    "eu-central-1", NULL, 5, "contradicts" },
	};

	(void)state;
	REFUSED(rows);
}

static void
settings_that_contradict_are_refused_by_name(void **state)
{
	static const struct row rows[] = {
		{ AWS, "data", "generic", "eu-west-1", NULL, 4,
		    "set it to aws" },
		{ R2, "data", "generic", "auto", NULL, 4, "set it to r2" },
		{ DO, "data", "aws", "nyc3", NULL, 4, "set it to spaces" },
		{ DO, "data", "r2", "nyc3", NULL, 4, "set it to spaces" },
		{ R2, "data", "r2", NULL, "post_policy = yes", 6,
		    "takes no upload forms" },
		{ "https://h", "a.b", "ceph", NULL, "addressing = virtual", 6,
		    "certificate" },
		{ "http://192.0.2.1", "data", "ceph", NULL,
		    "addressing = virtual", 6, "IP address" },
		{ "http://[2001:db8::1]", "data", "ceph", NULL,
		    "addressing = virtual", 6, "IP address" },
		{ "http://h:4090", "data", "ceph", NULL, NULL, 2,
		    "s3.endpoint holds the digits 409" },
		{ "http://s409.internal", "data", "ceph", NULL, NULL, 2,
		    "s3.endpoint holds the digits 409" },
		{ "http://10.1.2.3:14096", "data", "ceph", NULL, NULL, 2,
		    "s3.endpoint holds the digits 409" },
		{ "http://h", "data", "ceph", NULL,
		    "public_endpoint = http://h409", 6,
		    "s3.public_endpoint holds the digits 409" },
		{ "http://h", "data-409", "ceph", NULL, NULL, 3,
		    "s3.bucket holds the digits 409" },
		{ "http://h", "data", "ceph", "r409", NULL, 5,
		    "s3.region holds the digits 409" },
		{ "http://h", "data", "ceph", NULL,
		    "access_key_id = AKIA409", 6,
		    "s3.access_key_id holds the digits 409" },
		{ "http://h", "data", "ceph", NULL,
		    "upload_access_key_id = AKIA409", 6,
		    "s3.upload_access_key_id holds the digits 409" },
		{ "http://h", "data", "ceph", NULL,
		    "[access]\nsources = x, x409", 7,
		    "access.sources holds the digits 409" },
		{ "http://h", "data", "ceph", NULL,
		    "access_key_id = ASIAIOSFODNN7EXAMPLE", 6,
		    "is a temporary key" },
		{ "http://h", "data", "ceph", NULL,
		    "access_key_id = AWS_ACCESS_KEY_ID=AKIA", 6,
		    "has a name before it" },
		{ "http://h", "data", "ceph", NULL, "access_key_id = a/b", 6,
		    "is it the secret?" },
		{ "http://h", "data", "ceph", NULL, "access_key_id = 'AKIA'",
		    6, "quotation mark" },
		{ "http://h", "data", "ceph", NULL,
		    "secret_access_key_file = /etc/s3.secret\xc2\xa0", 6,
		    "no-break space" },
		{ "http://h", "data", "ceph", NULL,
		    "[chain]\nendpoints = entrypoint-finney.opentensor.ai:443",
		    7, "write wss:// or https://" },
		{ "http://h", "data", "ceph", NULL, "[auth]\nreceiver = "
		    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5", 7,
		    "another network" },
	};

	(void)state;
	REFUSED(rows);
}

static void
what_works_is_accepted(void **state)
{
	static const struct row rows[] = {
		{ DO, "data", "spaces", NULL, NULL, 0, NULL },
		{ DO, "data", "spaces", "nyc3", NULL, 0, NULL },
		{ DO, "data", "generic", "us-east-1", NULL, 0, NULL },
		{ DO, "data", "ceph", NULL, "addressing = virtual", 0, NULL },
		{ AWS, "data", "aws", "eu-west-1", NULL, 0, NULL },
		{ AWS, "a.b", "aws", "eu-west-1", "addressing = path", 0,
		    NULL },
		{ "https://s3.amazonaws.com", "data", "aws", "us-east-1", NULL,
		    0, NULL },
		{ "https://s3.amazonaws.com", "data", "aws", "eu-west-1", NULL,
		    0, NULL },
		{ "https://s3-eu-west-1.amazonaws.com", "data", "aws",
		    "eu-west-1", NULL, 0, NULL },
		{ "https://s3.dualstack.us-gov-west-1.amazonaws.com", "data",
		    "aws", "us-gov-west-1", NULL, 0, NULL },
		{ "https://s3.cn-north-1.amazonaws.com.cn", "data", "aws",
		    "cn-north-1", NULL, 0, NULL },
		{ "https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce."
		    "amazonaws.com", "data", "aws", "us-east-1", NULL, 0,
		    NULL },
		{ R2, "data", "r2", NULL, NULL, 0, NULL },
		{ "https://" ACCOUNT ".eu.r2.cloudflarestorage.com", "data",
		    "r2", "auto", NULL, 0, NULL },
		{ "https://" ACCOUNT ".fedramp.r2.cloudflarestorage.com",
		    "data", "r2", NULL, NULL, 0, NULL },
		{ "https://s3.us-west-004.backblazeb2.com", "data", "generic",
		    "us-west-004", "post_policy = no", 0, NULL },
		{ "https://s3.wasabisys.com", "data", "generic", "us-east-1",
		    NULL, 0, NULL },
		{ "https://fsn1.your-objectstorage.com", "data", "generic",
		    "fsn1", NULL, 0, NULL },
		{ "http://minio:9000", "minio", "minio", NULL, NULL, 0, NULL },
		{ "http://a.b.internal", "a.b.c", "ceph", NULL,
		    "addressing = virtual", 0, NULL },
		{ "http://data-store.test", "data", "ceph", NULL, NULL, 0,
		    NULL },
		{ "http://192.0.2.40:9000", "data", "ceph", NULL, NULL, 0,
		    NULL },
		{ "https://s3.example.org", "data", "r2", "here", NULL, 0,
		    NULL },
		{ "http://h409", "data", "ceph", NULL,
		    "public_endpoint = https://s3.example.org", 0, NULL },
		{ "http://h", "data", "ceph", NULL,
		    "read_access_key_id = AKIA409", 0, NULL },
		{ "http://h", "data", "ceph", NULL,
		    "secret_access_key_file = /etc/cl\xc3\xa9", 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load(&rows[i]) != ERR_OK)
			fail_msg("%s: %s", rows[i].endpoint, message);
	}
}

/* A fault of a variable names the variable. */
static void
a_variable_is_named_as_the_place(void **state)
{
	static const struct row r = { "https://h", "a.b", "ceph", NULL, NULL, 0,
	    NULL };

	(void)state;
	assert_int_equal(setenv("FOLDERGATE_S3_ADDRESSING", "virtual", 1), 0);
	assert_int_equal(load(&r), ERR_FORMAT);
	assert_int_equal(unsetenv("FOLDERGATE_S3_ADDRESSING"), 0);
	assert_non_null(strstr(message,
	    "FOLDERGATE_S3_ADDRESSING: s3.addressing must be path"));
}

static void
a_public_host_without_tls_is_found(void **state)
{
	static const char *const public[] = { "http://s3.example.org",
	    "http://s3.example.org:9000", "http://nyc3.digitaloceanspaces.com",
	    "http://198.51.100.7", "http://[2001:4860::1]:9000" };
	static const char *const other[] = { "https://s3.example.org",
	    "http://127.0.0.1:9000", "http://localhost:9000", "http://minio",
	    "http://minio.storage.svc.cluster.local", "http://10.0.0.7",
	    "http://192.168.1.2", "http://172.16.0.1", "http://[::1]",
	    "http://[fd00::1]", "http://169.254.1.1", "http://s3.internal",
	    "http://s3.local", "http://a.localhost", "http://100.64.0.1",
	    "http://store.test:9000", "http://minio.storage.svc" };
	size_t i;

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		strcpy(cfg.s3_endpoint, other[i]);
		strcpy(cfg.s3_public_endpoint, other[i]);
		if (cleartext_found(&cfg) != NULL)
			fail_msg("%s", other[i]);
	}
	for (i = 0; i < sizeof(public) / sizeof(public[0]); i++) {
		strcpy(cfg.s3_public_endpoint, public[i]);
		if (cleartext_found(&cfg) == NULL)
			fail_msg("%s", public[i]);
		assert_string_equal(cleartext_found(&cfg),
		    "s3.public_endpoint");
	}
	strcpy(cfg.s3_public_endpoint, other[0]);
	cfg.chain_endpoints.n = 2;
	strcpy(cfg.chain_endpoints.item[0], "ws://127.0.0.1:9944");
	strcpy(cfg.chain_endpoints.item[1], "wss://node.example.org/key");
	assert_null(cleartext_found(&cfg));
	strcpy(cfg.chain_endpoints.item[1], "ws://node.example.org/key");
	assert_string_equal(cleartext_found(&cfg), "chain.endpoints");
	strcpy(cfg.chain_endpoints.item[1], "http://node.example.org:9944");
	assert_string_equal(cleartext_found(&cfg), "chain.endpoints");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(what_a_console_shows_is_refused_by_name),
	T(a_bucket_and_a_region_are_refused_by_name),
	T(settings_that_contradict_are_refused_by_name),
	T(what_works_is_accepted),
	T(a_variable_is_named_as_the_place),
	T(a_public_host_without_tls_is_found)
};

TEST_MAIN(tests)
