#include "test.h"

#include "base/hex.h"

static void
every_byte_is_encoded_and_decoded(void **state)
{
	char text[2 * 256 + 1], upper[2 * 256 + 1], want[3];
	uint8_t all[256], back[256];
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	hex_encode(text, all, 256);
	assert_int_equal(strlen(text), 512);
	for (i = 0; i < 256; i++) {
		snprintf(want, sizeof(want), "%02x", (unsigned)i);
		assert_memory_equal(text + 2 * i, want, 2);
	}
	assert_int_equal(hex_decode(back, 256, text, 512), ERR_OK);
	assert_memory_equal(back, all, 256);

	for (i = 0; i <= 512; i++)
		upper[i] = text[i] >= 'a' ? (char)(text[i] - 'a' + 'A') :
		    text[i];
	memset(back, 0, sizeof(back));
	assert_int_equal(hex_decode(back, 256, upper, 512), ERR_OK);
	assert_memory_equal(back, all, 256);
}

static void
digits_of_either_case_are_read_and_no_others(void **state)
{
	static const char lower[] = "0123456789abcdef";
	static const char upper[] = "0123456789ABCDEF";
	const char *p;
	int c, want;

	(void)state;
	for (c = -128; c < 128; c++) {
		want = -1;
		if (c > 0 && (p = strchr(lower, c)) != NULL)
			want = (int)(p - lower);
		if (c > 0 && (p = strchr(upper, c)) != NULL)
			want = (int)(p - upper);
		assert_int_equal(hex_digit((char)c), want);
	}
}

static void
a_text_of_another_length_is_refused(void **state)
{
	uint8_t out[4] = { 0, 0, 0, 0xaa };
	char text[2] = { 'z', 'z' };

	(void)state;
	assert_int_equal(hex_decode(out, 0, "", 0), ERR_OK);
	assert_int_equal(hex_decode(out, 0, "0", 1), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 1, "", 0), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 1, "0", 1), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 1, "000", 3), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 3, "00000", 5), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 3, "0000000", 7), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 3, "00000000", 8), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 3, "010203", 6), ERR_OK);
	assert_memory_equal(out, "\1\2\3\xaa", 4);
	hex_encode(text, out, 0);
	assert_memory_equal(text, "\0z", 2);

	/* Twice this length is 0 when cut to a size_t. */
	assert_int_equal(hex_decode(out, SIZE_MAX / 2 + 1, "", 0), ERR_FORMAT);
}

static void
characters_that_are_no_digits_are_refused(void **state)
{
	static const char *const bad[] = { "0g", "g0", "0x", " 0", "0 ", "-1",
	    "+1", "0\xc3", "@0", "G0", "`0", "/0", ":0", "0\n" };
	uint8_t out[1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hex_decode(out, 1, bad[i], 2), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 1, "0\0", 2), ERR_FORMAT);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_byte_is_encoded_and_decoded),
	cmocka_unit_test(digits_of_either_case_are_read_and_no_others),
	cmocka_unit_test(a_text_of_another_length_is_refused),
	cmocka_unit_test(characters_that_are_no_digits_are_refused)
};

TEST_MAIN(tests)
