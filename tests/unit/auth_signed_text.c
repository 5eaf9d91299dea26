#include "test.h"

#include "auth/signed_text.h"

static const struct ss58 hotkey = { .text =
    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY" };
static const struct ss58 coldkey = { .text =
    "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty" };

/* The text of ${kind} with these parts. */
static struct signed_text
make(enum signed_text_kind kind, const struct ss58 *miner, const char *source,
    int64_t timestamp)
{
	const struct signed_parts parts = {
		.hotkey = &hotkey, .coldkey = &coldkey, .miner = miner,
		.source = source, .timestamp = timestamp
	};
	struct signed_text c;

	signed_text_make(kind, &parts, &c);
	return (c);
}

/* The text of the wire contract, to the letter. */
static void
the_text_for_a_source_folder_is_the_contracts(void **state)
{
	struct signed_text c;

	(void)state;
	c = make(SIGNED_TEXT_SOURCE_FOLDER, NULL, "x", 1795360631);
	assert_string_equal(c.text, "s3:access:5FHneW46xGXgs5mUiveU4sbTyGBzms"
	    "tUspZC92UhjJM694ty:x:1795360631");
	assert_int_equal(c.len, strlen(c.text));
	c = make(SIGNED_TEXT_SOURCE_FOLDER, NULL, "reddit", 0);
	assert_string_equal(c.text, "s3:access:5FHneW46xGXgs5mUiveU4sbTyGBzms"
	    "tUspZC92UhjJM694ty:reddit:0");
	assert_int_equal(c.len, strlen(c.text));
}

static void
the_text_for_a_hotkey_folder_is_the_contracts(void **state)
{
	struct signed_text c;

	(void)state;
	c = make(SIGNED_TEXT_HOTKEY_FOLDER, NULL, NULL, 1795360631);
	assert_string_equal(c.text, "s3:data:access:5FHneW46xGXgs5mUiveU4sbTy"
	    "GBzmstUspZC92UhjJM694ty:5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcN"
	    "oHGKutQY:1795360631");
	assert_int_equal(c.len, strlen(c.text));
}

static void
the_texts_for_validators_are_the_contracts(void **state)
{
	struct signed_text c;

	(void)state;
	c = make(SIGNED_TEXT_EVERYTHING, NULL, NULL, 1795360631);
	assert_string_equal(c.text, "s3:validator:access:1795360631");
	assert_int_equal(c.len, strlen(c.text));
	c = make(SIGNED_TEXT_MINER, &hotkey, NULL, 1795360631);
	assert_string_equal(c.text, "s3:validator:miner:5GrwvaEF5zXb26Fz9rcQp"
	    "DWS57CtERHpNehXCPcNoHGKutQY:1795360631");
	assert_int_equal(c.len, strlen(c.text));
	c = make(SIGNED_TEXT_FOLDERS, NULL, NULL, 0);
	assert_string_equal(c.text, "s3:validator:folders:5GrwvaEF5zXb26Fz9rc"
	    "QpDWS57CtERHpNehXCPcNoHGKutQY:0");
	assert_int_equal(c.len, strlen(c.text));
	c = make(SIGNED_TEXT_FILES, &coldkey, NULL, INT64_MIN);
	assert_string_equal(c.text, "s3:validator:files:5FHneW46xGXgs5mUiveU4"
	    "sbTyGBzmstUspZC92UhjJM694ty:5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehX"
	    "CPcNoHGKutQY:-9223372036854775808");
	assert_int_equal(c.len, strlen(c.text));
}

/* The longest parts there may be are not cut. */
static void
the_longest_parts_of_a_signed_text_are_not_cut(void **state)
{
	static const char source[] = "01234567890123456789012345678901";
	struct signed_text c;

	(void)state;
	c = make(SIGNED_TEXT_SOURCE_FOLDER, NULL, source, INT64_MIN);
	assert_string_equal(c.text, "s3:access:5FHneW46xGXgs5mUiveU4sbTyGBzms"
	    "tUspZC92UhjJM694ty:01234567890123456789012345678901:"
	    "-9223372036854775808");
	c = make(SIGNED_TEXT_HOTKEY_FOLDER, NULL, NULL, INT64_MIN);
	assert_int_equal(c.len, strlen(c.text));
	assert_string_equal(c.text + c.len - 21, ":-9223372036854775808");
}

/* What clients are told is what is made. */
static void
the_forms_told_to_clients_are_the_texts_made(void **state)
{

	(void)state;
	assert_string_equal(signed_text_form(SIGNED_TEXT_HOTKEY_FOLDER),
	    "s3:data:access:{coldkey}:{hotkey}:{timestamp}");
	assert_string_equal(signed_text_form(SIGNED_TEXT_FILES),
	    "s3:validator:files:{miner_hotkey}:{hotkey}:{timestamp}");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_forms_told_to_clients_are_the_texts_made),
	cmocka_unit_test(the_text_for_a_source_folder_is_the_contracts),
	cmocka_unit_test(the_text_for_a_hotkey_folder_is_the_contracts),
	cmocka_unit_test(the_texts_for_validators_are_the_contracts),
	cmocka_unit_test(the_longest_parts_of_a_signed_text_are_not_cut)
};

TEST_MAIN(tests)
