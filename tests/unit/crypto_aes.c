#include "base/hex.h"
#include "crypto/aes.h"
#include "test.h"

/* Made with `openssl enc` (OpenSSL 3.0.19); the text of CTR was padded
   before. */
#define KEY "000102030405060708090a0b0c0d0e0f"
#define LONG_KEY KEY "101112131415161718191a1b1c1d1e1f"
#define IV "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
#define TEXT "a secret of 20 bytes"

static const struct {
	enum aes_mode mode;
	const char *key, *cipher;
} vectors[] = {
	{ AES_128_CBC, KEY, "c81d6a39b8d49d61fd795a0845b62bb9049dee3ccbc10690"
	    "03bf8f646496a450" },
	{ AES_256_CTR, LONG_KEY, "f320bee840e4e5bf7a06807472024376b32b1e33fd26"
	    "38cd62ab592d467b8a82" },
};

static size_t
bytes(uint8_t *out, const char *hex)
{
	const size_t n = strlen(hex) / 2;

	assert_int_equal(hex_decode(out, n, hex, 2 * n), ERR_OK);
	return (n);
}

static void
what_openssl_encrypted_is_decrypted_in_both_modes(void **state)
{
	uint8_t key[32], iv[16], in[32], out[32];
	size_t i, len, out_len;

	(void)state;
	bytes(iv, IV);
	for (i = 0; i < 2; i++) {
		bytes(key, vectors[i].key);
		len = bytes(in, vectors[i].cipher);
		assert_int_equal(aes_decrypt(vectors[i].mode, key, iv, in, len,
		    out, &out_len), ERR_OK);
		assert_int_equal(out_len, strlen(TEXT));
		assert_memory_equal(out, TEXT, out_len);
	}
}

static void
bytes_without_a_good_padding_are_refused_and_wiped(void **state)
{
	static const uint8_t zero[32];
	uint8_t key[32], iv[16], in[32], out[32];
	size_t out_len;

	(void)state;
	bytes(iv, IV);
	bytes(key, KEY);

	/* "a secret of 32 bytes, two blocks", not padded. */
	bytes(in, "3324cca2f6a752ca7296e2ea64c7a28bcfc59e2869815e174e805d5b"
	    "71bc524d");
	assert_int_equal(aes_decrypt(AES_128_CBC, key, iv, in, 32, out,
	    &out_len), ERR_FORMAT);
	assert_memory_equal(out, zero, sizeof(out));

	/* One bit of the padding is changed: CTR keeps it in its place. */
	bytes(key, LONG_KEY);
	bytes(in, vectors[1].cipher);
	in[22] ^= 1;
	assert_int_equal(aes_decrypt(AES_256_CTR, key, iv, in, 32, out,
	    &out_len), ERR_FORMAT);
}

static void
a_length_that_is_no_multiple_of_the_block_is_refused(void **state)
{
	uint8_t key[32] = { 0 }, iv[16] = { 0 }, in[32] = { 0 }, out[32];
	size_t out_len;

	(void)state;
	assert_int_equal(aes_decrypt(AES_128_CBC, key, iv, in, 0, out,
	    &out_len), ERR_FORMAT);
	assert_int_equal(aes_decrypt(AES_128_CBC, key, iv, in, 31, out,
	    &out_len), ERR_FORMAT);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_openssl_encrypted_is_decrypted_in_both_modes),
	cmocka_unit_test(bytes_without_a_good_padding_are_refused_and_wiped),
	cmocka_unit_test(a_length_that_is_no_multiple_of_the_block_is_refused),
};

TEST_MAIN(tests)
