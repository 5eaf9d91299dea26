#include "test.h"

#include "config/config.h"
#include "s3/layout.h"

#define HOTKEY "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define COLDKEY "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"

static struct config both, coldkey_only, hotkey_only;

static int
setup(void **state)
{
	static const struct config_list
	    sources = { 3, { "x", "reddit",
		"01234567890123456789012345678901" } };

	(void)state;
	both.access_sources = coldkey_only.access_sources =
	    hotkey_only.access_sources = sources;
	both.access_layouts.coldkey = both.access_layouts.hotkey = true;
	coldkey_only.access_layouts.coldkey = true;
	hotkey_only.access_layouts.hotkey = true;
	return (0);
}

static void
folder(const struct config *cfg, enum layout layout, const char *source,
    const char *want)
{
	char out[LAYOUT_FOLDER_MAX + 1];

	assert_int_equal(layout_folder(cfg, layout, source,
	    layout == LAYOUT_HOTKEY ? HOTKEY : COLDKEY, out), ERR_OK);
	assert_string_equal(out, want);
}

static void
a_folder_is_made_of_layout_source_and_address(void **state)
{

	(void)state;
	folder(&both, LAYOUT_COLDKEY, "x", "data/x/" COLDKEY "/");
	folder(&both, LAYOUT_COLDKEY, "reddit", "data/reddit/" COLDKEY "/");
	folder(&both, LAYOUT_COLDKEY, "", "data/x/" COLDKEY "/");
	folder(&both, LAYOUT_COLDKEY, "01234567890123456789012345678901",
	    "data/01234567890123456789012345678901/" COLDKEY "/");
	folder(&both, LAYOUT_HOTKEY, "", "data/hotkey=" HOTKEY "/");
	folder(&coldkey_only, LAYOUT_COLDKEY, "x", "data/x/" COLDKEY "/");

	/* Later clients send a source that means nothing. */
	folder(&both, LAYOUT_HOTKEY, "nosuch", "data/hotkey=" HOTKEY "/");
	folder(&hotkey_only, LAYOUT_HOTKEY, "x", "data/hotkey=" HOTKEY "/");
}

static void
a_folder_of_another_layout_or_source_is_refused(void **state)
{
	struct config no_x = both;
	char out[LAYOUT_FOLDER_MAX + 1];

	(void)state;
#define REFUSED(cfg, layout, source, e)					\
	assert_int_equal(layout_folder(cfg, layout, source, HOTKEY, out), e)
	REFUSED(&coldkey_only, LAYOUT_HOTKEY, "", ERR_LAYOUT);
	REFUSED(&coldkey_only, LAYOUT_HOTKEY, "x", ERR_LAYOUT);
	REFUSED(&hotkey_only, LAYOUT_COLDKEY, "x", ERR_LAYOUT);
	REFUSED(&hotkey_only, LAYOUT_COLDKEY, "nosuch", ERR_LAYOUT);
	REFUSED(&both, LAYOUT_COLDKEY, "nosuch", ERR_SOURCE);
	REFUSED(&both, LAYOUT_COLDKEY, "xx", ERR_SOURCE);
	REFUSED(&both, LAYOUT_COLDKEY, "..", ERR_SOURCE);
	REFUSED(&coldkey_only, LAYOUT_COLDKEY, "X", ERR_SOURCE);

	/* The default is no exception. */
	memcpy(no_x.access_sources.item[0], "y", 2);
	REFUSED(&no_x, LAYOUT_COLDKEY, "", ERR_SOURCE);
	REFUSED(&no_x, LAYOUT_COLDKEY, "x", ERR_SOURCE);
#undef REFUSED
}

static void
the_structure_is_that_of_the_layouts(void **state)
{

	(void)state;
	assert_string_equal(layout_structure(&both),
	    "data/hotkey={hotkey_id}/job_id={job_id}/");
	assert_string_equal(layout_structure(&hotkey_only),
	    "data/hotkey={hotkey_id}/job_id={job_id}/");
	assert_string_equal(layout_structure(&coldkey_only),
	    "data/{source}/{coldkey}/");
}

static void
the_prefix_of_a_source_ends_with_a_slash(void **state)
{
	char out[LAYOUT_FOLDER_MAX + 1];

	(void)state;
	layout_source_prefix("reddit", out);
	assert_string_equal(out, "data/reddit/");
	layout_source_prefix("01234567890123456789012345678901", out);
	assert_string_equal(out, "data/01234567890123456789012345678901/");
	layout_jobs_prefix(HOTKEY, out);
	assert_string_equal(out, "data/hotkey=" HOTKEY "/job_id=");
}

/* Known before the key is: all addresses have one length. */
static void
the_length_of_a_folder_is_known_before_its_key(void **state)
{
	char out[LAYOUT_FOLDER_MAX + 1];

	(void)state;
	assert_int_equal(layout_folder(&both, LAYOUT_HOTKEY, "", HOTKEY, out),
	    ERR_OK);
	assert_int_equal(layout_folder_len(LAYOUT_HOTKEY, ""), strlen(out));
	assert_int_equal(layout_folder(&both, LAYOUT_COLDKEY, "reddit",
	    COLDKEY, out), ERR_OK);
	assert_int_equal(layout_folder_len(LAYOUT_COLDKEY, "reddit"),
	    strlen(out));
	assert_int_equal(layout_folder(&both, LAYOUT_COLDKEY, "", COLDKEY,
	    out), ERR_OK);
	assert_int_equal(layout_folder_len(LAYOUT_COLDKEY, ""), strlen(out));
}

/* Its first part is no source's name, and not the hotkey layout's. */
static void
the_scratch_folder_can_be_no_miners(void **state)
{
	char out[LAYOUT_FOLDER_MAX + 1], *part, *end;

	(void)state;
	layout_scratch("0123456789abcdef", out);
	assert_string_equal(out, "data/CHECK-STORE=0123456789abcdef/");
	part = out + strlen(LAYOUT_PREFIX);
	end = strchr(part, '/');
	assert_false(text_is_name(part, (size_t)(end - part)));
	assert_int_not_equal(strncmp(out, LAYOUT_HOTKEY_PREFIX,
	    strlen(LAYOUT_HOTKEY_PREFIX)), 0);
}

#define T(f) cmocka_unit_test_setup(f, setup)
static const struct CMUnitTest tests[] = {
	T(a_folder_is_made_of_layout_source_and_address),
	T(a_folder_of_another_layout_or_source_is_refused),
	T(the_prefix_of_a_source_ends_with_a_slash),
	T(the_structure_is_that_of_the_layouts),
	T(the_length_of_a_folder_is_known_before_its_key),
	T(the_scratch_folder_can_be_no_miners)
};

TEST_MAIN(tests)
