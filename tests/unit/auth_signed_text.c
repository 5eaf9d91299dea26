#include "test.h"

#include "auth/signed_text.h"

static const struct ss58 hotkey = { .text =
    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY" };
static const struct ss58 coldkey = { .text =
    "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty" };

/* The text of the wire contract, to the letter. */
static void
source_folder(void **state)
{
	struct signed_text c;

	(void)state;
	signed_text_source_folder(&c, &coldkey, "x", 1795360631);
	assert_string_equal(c.text, "s3:access:5FHneW46xGXgs5mUiveU4sbTyGBzms"
	    "tUspZC92UhjJM694ty:x:1795360631");
	assert_int_equal(c.len, strlen(c.text));
	signed_text_source_folder(&c, &coldkey, "reddit", 0);
	assert_string_equal(c.text, "s3:access:5FHneW46xGXgs5mUiveU4sbTyGBzms"
	    "tUspZC92UhjJM694ty:reddit:0");
	assert_int_equal(c.len, strlen(c.text));
}

static void
hotkey_folder(void **state)
{
	struct signed_text c;

	(void)state;
	signed_text_hotkey_folder(&c, &coldkey, &hotkey, 1795360631);
	assert_string_equal(c.text, "s3:data:access:5FHneW46xGXgs5mUiveU4sbTy"
	    "GBzmstUspZC92UhjJM694ty:5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcN"
	    "oHGKutQY:1795360631");
	assert_int_equal(c.len, strlen(c.text));
}

static void
validators(void **state)
{
	struct signed_text c;

	(void)state;
	signed_text_validator(&c, 1795360631);
	assert_string_equal(c.text, "s3:validator:access:1795360631");
	assert_int_equal(c.len, strlen(c.text));
	signed_text_miner(&c, &hotkey, 1795360631);
	assert_string_equal(c.text, "s3:validator:miner:5GrwvaEF5zXb26Fz9rcQp"
	    "DWS57CtERHpNehXCPcNoHGKutQY:1795360631");
	assert_int_equal(c.len, strlen(c.text));
	signed_text_folders(&c, &hotkey, 0);
	assert_string_equal(c.text, "s3:validator:folders:5GrwvaEF5zXb26Fz9rc"
	    "QpDWS57CtERHpNehXCPcNoHGKutQY:0");
	assert_int_equal(c.len, strlen(c.text));
	signed_text_files(&c, &hotkey, &coldkey, INT64_MIN);
	assert_string_equal(c.text, "s3:validator:files:5GrwvaEF5zXb26Fz9rcQp"
	    "DWS57CtERHpNehXCPcNoHGKutQY:5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC"
	    "92UhjJM694ty:-9223372036854775808");
	assert_int_equal(c.len, strlen(c.text));
}

/* The longest parts there may be are not cut. */
static void
longest(void **state)
{
	static const char source[] = "01234567890123456789012345678901";
	struct signed_text c;

	(void)state;
	signed_text_source_folder(&c, &coldkey, source, INT64_MIN);
	assert_string_equal(c.text, "s3:access:5FHneW46xGXgs5mUiveU4sbTyGBzms"
	    "tUspZC92UhjJM694ty:01234567890123456789012345678901:"
	    "-9223372036854775808");
	signed_text_hotkey_folder(&c, &coldkey, &hotkey, INT64_MIN);
	assert_int_equal(c.len, strlen(c.text));
	assert_string_equal(c.text + c.len - 21, ":-9223372036854775808");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(source_folder),
	cmocka_unit_test(hotkey_folder),
	cmocka_unit_test(validators),
	cmocka_unit_test(longest)
};

TEST_MAIN(tests)
