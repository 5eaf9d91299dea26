#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/config.h"
#include "s3/profile.h"
#include "test.h"

#define ENDPOINT "https://s3.example.org"

static void
set(struct config *c, const char *provider, const char *region)
{

	memset(c, 0, sizeof(*c));
	snprintf(c->s3_provider, sizeof(c->s3_provider), "%s", provider);
	snprintf(c->s3_region, sizeof(c->s3_region), "%s", region);
	snprintf(c->s3_bucket, sizeof(c->s3_bucket), "data");
}

/* What each provider means where nothing else is set. */
static void
providers(void **state)
{
	static const struct {
		const char *provider, *region, *url;
		bool post_policy;
		const char *acl, *storage_class;
	} rows[] = {
		{ "generic", NULL, ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ "aws", NULL, "https://data.s3.example.org", true, "",
		    "STANDARD" },
		{ "ceph", "us-east-1", ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ "spaces", "us-east-1", ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ "minio", "us-east-1", ENDPOINT "/data", true, "",
		    "STANDARD" },
		{ "r2", "auto", ENDPOINT "/data", false, "", "" },
	};
	struct s3_bucket b;
	struct config c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set(&c, rows[i].provider, "");
		assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT),
		    rows[i].region == NULL ? ERR_FORMAT : ERR_OK);
		if (rows[i].region != NULL)
			assert_string_equal(b.region, rows[i].region);
		set(&c, rows[i].provider, "here");
		assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT), ERR_OK);
		assert_string_equal(b.region, "here");
		assert_string_equal(b.url, rows[i].url);
		assert_int_equal(b.post_policy, rows[i].post_policy);
		assert_string_equal(b.acl, rows[i].acl);
		assert_string_equal(b.storage_class, rows[i].storage_class);
		assert_int_equal(b.max_ttl_s, 604800);
	}
}

/* Every point can be set otherwise. */
static void
overrides(void **state)
{
	struct s3_bucket b;
	struct config c;

	(void)state;
	set(&c, "r2", "here");
	strncpy(c.s3_addressing, "virtual", CONFIG_TEXT_MAX);
	strncpy(c.s3_post_policy, "yes", CONFIG_TEXT_MAX);
	strncpy(c.s3_acl, "bucket-owner-full-control", CONFIG_TEXT_MAX);
	strncpy(c.s3_storage_class, "COLD", CONFIG_TEXT_MAX);
	c.s3_max_ttl_s = 60;
	assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT), ERR_OK);
	assert_string_equal(b.url, "https://data.s3.example.org");
	assert_true(b.post_policy);
	assert_string_equal(b.acl, "bucket-owner-full-control");
	assert_string_equal(b.storage_class, "COLD");
	assert_int_equal(b.max_ttl_s, 60);
	set(&c, "ceph", "");
	strncpy(c.s3_post_policy, "no", CONFIG_TEXT_MAX);
	strncpy(c.s3_acl, "none", CONFIG_TEXT_MAX);
	strncpy(c.s3_storage_class, "none", CONFIG_TEXT_MAX);
	assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT), ERR_OK);
	assert_false(b.post_policy);
	assert_string_equal(b.acl, "");
	assert_string_equal(b.storage_class, "");
	assert_int_equal(s3_profile_bucket(&b, &c, "https://UPPER"),
	    ERR_FORMAT);

	/* A key that signs PUTs must not have a status in its name. */
	strncpy(c.s3_access_key_id, "AKIA409", CONFIG_TEXT_MAX);
	assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT), ERR_FORMAT);
	strncpy(c.s3_upload_access_key_id, "AKIA", CONFIG_TEXT_MAX);
	assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT), ERR_OK);
	c.s3_upload_access_key_id[0] = '\0';
	strncpy(c.s3_post_policy, "yes", CONFIG_TEXT_MAX);
	assert_int_equal(s3_profile_bucket(&b, &c, ENDPOINT), ERR_OK);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(providers),
	cmocka_unit_test(overrides)
};

TEST_MAIN(tests)
