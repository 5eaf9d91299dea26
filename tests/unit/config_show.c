#include "test.h"

#include <ctype.h>

#include "config/show.h"

static struct config cfg;

static size_t
index_of(const char *name)
{
	size_t i;

	for (i = 0; i < show_count(); i++) {
		if (strcmp(show_name(i), name) == 0)
			return (i);
	}
	fail_msg("no setting %s", name);
	return (0);
}

static void
shown(const char *name, const char *want)
{
	char out[SHOW_VALUE_MAX + 1];

	show_value(&cfg, index_of(name), out, sizeof(out));
	assert_string_equal(out, want);
}

static void
each_kind_is_shown_as_it_is_written(void **state)
{
	static const struct config set = {
		.s3_region = "nyc3",
		.s3_provider = CONFIG_S3_PROVIDER_R2,
		.s3_addressing = CONFIG_S3_ADDRESSING_VIRTUAL,
		.s3_storage_class = { CONFIG_MAYBE_GIVEN, "COLD" },
		.access_layouts = { .hotkey = true },
		.access_sources = { 2, { "x", "reddit" } },
		.access_max_bytes = INT64_C(5368709120),
		.state_full_sync = true,
	};

	(void)state;
	cfg = set;
	shown("s3.region", "nyc3");
	shown("s3.bucket", "");
	shown("s3.provider", "r2");
	shown("s3.addressing", "virtual");
	shown("s3.post_policy", "default");
	shown("s3.storage_class", "COLD");
	shown("s3.acl", "default");
	cfg.s3_acl.is = CONFIG_MAYBE_NONE;
	shown("s3.acl", "none");
	shown("access.layouts", "hotkey");
	cfg.access_layouts.coldkey = true;
	shown("access.layouts", "coldkey, hotkey");
	cfg.access_layouts.hotkey = false;
	shown("access.layouts", "coldkey");
	shown("access.sources", "x, reddit");
	shown("access.max_bytes", "5368709120");
	shown("state.full_sync", "yes");
	shown("audit.required", "no");
	shown("chain.endpoints", "");
	shown("chain.agree", "any");
}

static void
a_full_list_is_shown_whole(void **state)
{
	struct config_list *l = &cfg.access_sources;
	char out[SHOW_VALUE_MAX + 1];
	size_t i;

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	l->n = CONFIG_ITEMS_MAX;
	for (i = 0; i < l->n; i++)
		memset(l->item[i], 'a', CONFIG_TEXT_MAX);
	show_value(&cfg, index_of("access.sources"), out, sizeof(out));
	assert_int_equal(strlen(out), CONFIG_ITEMS_MAX * CONFIG_TEXT_MAX +
	    (CONFIG_ITEMS_MAX - 1) * 2);
}

static void
passwords_and_tokens_in_urls_are_not_shown(void **state)
{
	static const struct config set = {
		.state_redis_url = "redis://user:SENTINEL@redis.test:6379/1",
		.chain_endpoints = { 3, { "wss://a.test/SENTINEL",
		    "https://b.test:443/?key=SENTINEL", "https://c.test/" } },
	};

	(void)state;
	cfg = set;
	shown("state.redis_url", "redis://...@redis.test:6379/1");
	shown("chain.endpoints",
	    "wss://a.test/..., https://b.test:443/..., https://c.test");
	snprintf(cfg.state_redis_url, sizeof(cfg.state_redis_url), "%s",
	    "unix:///run/redis.sock?db=1");
	shown("state.redis_url", "unix:///run/redis.sock?db=1");
}

/* Words that need another setting before or after this one. */
static void
each_explanation_makes_sense_alone(void **state)
{
	static const char *const bad[] = { "likewise", "as above", "as below",
	    "the next ", "the same as", "its size", "once more", "and may",
	    "ditto", "see " };
	const char *about;
	size_t i, j;

	(void)state;
	assert_in_range(show_count(), 20, 100);
	for (i = 0; i < show_count(); i++) {
		about = show_about(i);
		if (strlen(about) < 15 || isspace((unsigned char)about[0]) ||
		    about[strlen(about) - 1] == '.')
			fail_msg("%s: %s", show_name(i), about);
		for (j = 0; j < i; j++)
			assert_string_not_equal(about, show_about(j));
		for (j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
			if (strstr(about, bad[j]) != NULL)
				fail_msg("%s: %s", show_name(i), bad[j]);
		}
	}
}

/* A name that ends in a unit has an explanation that says the unit. */
static void
each_explanation_names_the_unit(void **state)
{
	static const struct {
		const char *end, *unit;
	} rows[] = {
		{ "_bytes", "bytes" }, { "_ms", "milliseconds" },
		{ "_s", "seconds" }, { "_blocks", "blocks" },
		{ "_per_minute", "per minute" }
	};
	const char *name;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < show_count(); i++) {
		name = show_name(i);
		for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
			n = strlen(rows[j].end);
			if (strlen(name) < n || strcmp(name + strlen(name) - n,
			    rows[j].end) != 0)
				continue;
			if (strstr(show_about(i), rows[j].unit) == NULL)
				fail_msg("%s: no %s", name, rows[j].unit);
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_kind_is_shown_as_it_is_written),
	cmocka_unit_test(a_full_list_is_shown_whole),
	cmocka_unit_test(passwords_and_tokens_in_urls_are_not_shown),
	cmocka_unit_test(each_explanation_makes_sense_alone),
	cmocka_unit_test(each_explanation_names_the_unit)
};

TEST_MAIN(tests)
