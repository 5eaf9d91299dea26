#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/config.h"
#include "s3/bucket.h"
#include "test.h"

#define ENDPOINT "https://s3.example.org"

static void
set(struct config *c, enum config_s3_provider provider, const char *region)
{

	memset(c, 0, sizeof(*c));
	c->s3_provider = provider;
	snprintf(c->s3_region, sizeof(c->s3_region), "%s", region);
	snprintf(c->s3_bucket, sizeof(c->s3_bucket), "data");
}

static void
give(struct config_maybe *m, const char *text)
{

	m->is = CONFIG_MAYBE_GIVEN;
	snprintf(m->text, sizeof(m->text), "%s", text);
}

/* What each provider means where nothing else is set. */
static void
each_provider_has_its_defaults(void **state)
{
	static const struct {
		enum config_s3_provider provider;
		const char *region, *url;
		bool post_policy;
		const char *acl, *storage_class;
	} rows[] = {
		{ CONFIG_S3_PROVIDER_GENERIC, NULL,
		    ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ CONFIG_S3_PROVIDER_AWS, NULL,
		    "https://data.s3.example.org", true, "",
		    "STANDARD" },
		{ CONFIG_S3_PROVIDER_CEPH, "us-east-1",
		    ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ CONFIG_S3_PROVIDER_SPACES, "us-east-1",
		    ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ CONFIG_S3_PROVIDER_MINIO, "us-east-1",
		    ENDPOINT "/data", true, "",
		    "STANDARD" },
		{ CONFIG_S3_PROVIDER_VERSITY, "us-east-1",
		    ENDPOINT "/data", false, "", "" },
		{ CONFIG_S3_PROVIDER_SEAWEEDFS, "us-east-1",
		    ENDPOINT "/data", true, "private",
		    "STANDARD" },
		{ CONFIG_S3_PROVIDER_R2, "auto",
		    ENDPOINT "/data", false, "", "" },
	};
	struct s3_bucket b;
	struct config c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set(&c, rows[i].provider, "");
		assert_int_equal(s3_bucket_configure(&b, &c, ENDPOINT),
		    rows[i].region == NULL ? ERR_FORMAT : ERR_OK);
		if (rows[i].region != NULL)
			assert_string_equal(b.region, rows[i].region);
		set(&c, rows[i].provider, "here");
		assert_int_equal(s3_bucket_configure(&b, &c, ENDPOINT), ERR_OK);
		assert_string_equal(b.region, "here");
		assert_string_equal(b.url, rows[i].url);
		assert_int_equal(b.post_policy, rows[i].post_policy);
		assert_int_equal(b.folder_forms, rows[i].post_policy);
		assert_string_equal(b.acl, rows[i].acl);
		assert_string_equal(b.storage_class, rows[i].storage_class);
		assert_int_equal(b.max_ttl_s, 604800);
	}
}

/* The values of every enum of keys.def, s3_provider_values among them. */
#define VALUE(name, word) CONFIG_##name,
#define ENUM(section, key, fallback, values, about)			\
	static const int section##_##key##_values[]			\
	    __attribute__((unused)) = { values };
#include "config/keys.def"
#undef VALUE

static void
every_provider_of_the_configuration_has_a_profile(void **state)
{
	const size_t n = sizeof(s3_provider_values) / sizeof(int);
	struct s3_bucket b;
	struct config c;
	size_t i;

	(void)state;
	assert_true(n >= 6);
	for (i = 0; i < n; i++) {
		set(&c, (enum config_s3_provider)s3_provider_values[i], "here");
		assert_int_equal(s3_bucket_configure(&b, &c, ENDPOINT), ERR_OK);
		assert_true(b.max_ttl_s > 0);
		assert_non_null(b.acl);
		assert_non_null(b.storage_class);
	}
}

/* Every point can be set otherwise. */
static void
every_default_of_a_provider_can_be_set(void **state)
{
	struct s3_bucket b;
	struct config c;

	(void)state;
	set(&c, CONFIG_S3_PROVIDER_R2, "here");
	c.s3_addressing = CONFIG_S3_ADDRESSING_VIRTUAL;
	c.s3_post_policy = CONFIG_S3_POST_POLICY_YES;
	give(&c.s3_acl, "bucket-owner-full-control");
	give(&c.s3_storage_class, "COLD");
	c.s3_max_ttl_s = 60;
	assert_int_equal(s3_bucket_configure(&b, &c, ENDPOINT), ERR_OK);
	assert_string_equal(b.url, "https://data.s3.example.org");
	assert_true(b.post_policy);
	assert_string_equal(b.acl, "bucket-owner-full-control");
	assert_string_equal(b.storage_class, "COLD");
	assert_int_equal(b.max_ttl_s, 60);
	assert_true(b.folder_forms);
	c.access_per_file_only = true;
	assert_int_equal(s3_bucket_configure(&b, &c, ENDPOINT), ERR_OK);
	assert_true(b.post_policy);
	assert_false(b.folder_forms);
	set(&c, CONFIG_S3_PROVIDER_CEPH, "");
	c.s3_post_policy = CONFIG_S3_POST_POLICY_NO;
	c.s3_acl.is = CONFIG_MAYBE_NONE;
	c.s3_storage_class.is = CONFIG_MAYBE_NONE;
	assert_int_equal(s3_bucket_configure(&b, &c, ENDPOINT), ERR_OK);
	assert_false(b.post_policy);
	assert_string_equal(b.acl, "");
	assert_string_equal(b.storage_class, "");
	assert_int_equal(s3_bucket_configure(&b, &c, "https://UPPER"),
	    ERR_FORMAT);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_provider_has_its_defaults),
	cmocka_unit_test(every_provider_of_the_configuration_has_a_profile),
	cmocka_unit_test(every_default_of_a_provider_can_be_set)
};

TEST_MAIN(tests)
