#include "test.h"

#include "auth/auth.h"
#include "auth/choices.h"
#include "config/config.h"

#define HOTKEY "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define COLDKEY "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
#define AT 1795360631
#define G1(source) "s3:access:" COLDKEY ":" source ":1795360631"
#define G2 "s3:data:access:" COLDKEY ":" HOTKEY ":1795360631"

static const struct auth_identity id = {
	.hotkey = { .text = HOTKEY }, .coldkey = { .text = COLDKEY }
};

static void
with_a_source_the_coldkey_layout_is_tried_first(void **state)
{
	struct auth_choices c;

	(void)state;
	auth_choices(&c, &id.coldkey, &id.hotkey, "reddit", AT);
	assert_int_equal(c.layout[0], LAYOUT_COLDKEY);
	assert_string_equal(c.text[0].text, G1("reddit"));
	assert_int_equal(c.text[0].len, strlen(G1("reddit")));
	assert_int_equal(c.layout[1], LAYOUT_HOTKEY);
	assert_string_equal(c.text[1].text, G2);
	assert_int_equal(c.text[1].len, strlen(G2));

	/* Known or not: that is a later question. */
	auth_choices(&c, &id.coldkey, &id.hotkey, "nosuch", AT);
	assert_int_equal(c.layout[0], LAYOUT_COLDKEY);
	assert_string_equal(c.text[0].text, G1("nosuch"));
	assert_string_equal(c.text[1].text, G2);
}

static void
without_a_source_the_hotkey_layout_is_tried_first(void **state)
{
	struct auth_choices c;

	(void)state;
	auth_choices(&c, &id.coldkey, &id.hotkey, "", AT);
	assert_int_equal(c.layout[0], LAYOUT_HOTKEY);
	assert_string_equal(c.text[0].text, G2);
	assert_int_equal(c.layout[1], LAYOUT_COLDKEY);
	assert_string_equal(c.text[1].text, G1("x"));
}

/* The key that owns the folder: of the proven identity, in that layout. */
static void
the_folder_is_owned_by_the_proven_identity(void **state)
{
	static const struct config_list sources = { 1, { "x" } };
	char out[LAYOUT_FOLDER_MAX + 1];
	static struct config cfg;

	(void)state;
	cfg.access_sources = sources;
	cfg.access_layouts.coldkey = cfg.access_layouts.hotkey = true;
	assert_int_equal(auth_choices_folder(&cfg, LAYOUT_COLDKEY, &id, "",
	    out), ERR_OK);
	assert_string_equal(out, "data/x/" COLDKEY "/");
	assert_int_equal(auth_choices_folder(&cfg, LAYOUT_HOTKEY, &id, "x",
	    out), ERR_OK);
	assert_string_equal(out, "data/hotkey=" HOTKEY "/");
	assert_int_equal(auth_choices_folder(&cfg, LAYOUT_COLDKEY, &id,
	    "reddit", out), ERR_SOURCE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(with_a_source_the_coldkey_layout_is_tried_first),
	cmocka_unit_test(without_a_source_the_hotkey_layout_is_tried_first),
	cmocka_unit_test(the_folder_is_owned_by_the_proven_identity)
};

TEST_MAIN(tests)
