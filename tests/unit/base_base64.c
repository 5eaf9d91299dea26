#include "test.h"

#include "base/base64.h"

/* RFC 4648 section 10, and what shows the last two digits. */
static const struct {
	const char *plain, *text;
} vectors[] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xef\xbe", "++++" },
	{ "\xff\xff\xff", "////" },
};

static enum err
decode(size_t out_len, const char *text)
{
	uint8_t out[64];

	return (base64_decode(out, out_len, text, strlen(text)));
}

static void
the_vectors_of_the_rfc_are_encoded_and_decoded(void **state)
{
	char text[16];
	uint8_t back[16];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		len = strlen(vectors[i].plain);
		assert_int_equal(BASE64_LEN(len), strlen(vectors[i].text));
		base64_encode(text, (const uint8_t *)vectors[i].plain, len);
		assert_string_equal(text, vectors[i].text);
		memset(back, 0xaa, sizeof(back));
		assert_int_equal(base64_decode(back, len, text, strlen(text)),
		    ERR_OK);
		assert_memory_equal(back, vectors[i].plain, len);
		assert_int_equal(back[len], 0xaa);
	}
}

static void
what_is_encoded_is_decoded_to_the_same_bytes(void **state)
{
	uint8_t in[256], out[256];
	char text[BASE64_LEN(256) + 1];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 167 + 13);
	for (len = 0; len <= sizeof(in); len++) {
		base64_encode(text, in, len);
		assert_int_equal(strlen(text), BASE64_LEN(len));
		memset(out, 0, sizeof(out));
		assert_int_equal(base64_decode(out, len, text, strlen(text)),
		    ERR_OK);
		assert_memory_equal(out, in, len);
	}
}

static void
a_text_of_another_length_is_refused(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n <= 9; n++) {
		assert_int_equal(decode(n, "Zm9vYg=="),
		    n == 4 ? ERR_OK : ERR_FORMAT);
		assert_int_equal(decode(n, "Zm9vYmE="),
		    n == 5 ? ERR_OK : ERR_FORMAT);
		assert_int_equal(decode(n, "Zm9vYmFy"),
		    n == 6 ? ERR_OK : ERR_FORMAT);
		assert_int_equal(decode(n, "Zm9vYg"), ERR_FORMAT);
		assert_int_equal(decode(n, "Zm9vYg="), ERR_FORMAT);
		assert_int_equal(decode(n, "Zm9vYg==="), ERR_FORMAT);
		assert_int_equal(decode(n, "Zm9v="), ERR_FORMAT);
		assert_int_equal(decode(n, "===="), ERR_FORMAT);
		assert_int_equal(decode(n, "Zg==Zg=="), ERR_FORMAT);
		assert_int_equal(decode(n, "ZgA="),
		    n == 2 ? ERR_OK : ERR_FORMAT);
		assert_int_equal(decode(n, "Zg=A"), ERR_FORMAT);
		assert_int_equal(decode(n, "Z==="), ERR_FORMAT);
		assert_int_equal(decode(n, "Zm=v"), ERR_FORMAT);
		assert_int_equal(decode(n, "=m9v"), ERR_FORMAT);
	}
}

/* One text for a value: of the last digits that could stand before padding,
   those whose spare bits are zero, and no other. */
static void
digits_with_unused_bits_set_are_refused(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char one[] = "Z?==", two[] = "Zm?=";
	size_t i;

	(void)state;
	for (i = 0; i < 64; i++) {
		one[1] = digits[i];
		assert_int_equal(decode(1, one),
		    i % 16 == 0 ? ERR_OK : ERR_FORMAT);
		two[2] = digits[i];
		assert_int_equal(decode(2, two),
		    i % 4 == 0 ? ERR_OK : ERR_FORMAT);
	}
}

static void
characters_beyond_the_alphabet_are_refused(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[] = "Zm9v";
	uint8_t out[3];
	size_t at;
	int c;

	(void)state;
	for (at = 0; at < 4; at++) {
		for (c = -128; c < 128; c++) {
			memcpy(text, "Zm9v", 4);
			text[at] = (char)c;
			assert_int_equal(base64_decode(out, 3, text, 4),
			    c > 0 && strchr(digits, c) != NULL ? ERR_OK :
			    ERR_FORMAT);
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_vectors_of_the_rfc_are_encoded_and_decoded),
	cmocka_unit_test(what_is_encoded_is_decoded_to_the_same_bytes),
	cmocka_unit_test(a_text_of_another_length_is_refused),
	cmocka_unit_test(digits_with_unused_bits_set_are_refused),
	cmocka_unit_test(characters_beyond_the_alphabet_are_refused)
};

TEST_MAIN(tests)
