#include "test.h"

#include "base/hex.h"
#include "crypto/hmac.h"

static void
assert_hex(const uint8_t *got, size_t len, const char *want)
{
	char text[2 * 64 + 1];

	assert_true(len <= 64);
	hex_encode(text, got, len);
	assert_string_equal(text, want);
}

/* RFC 4231, sections 4.2 to 4.8 (4.6 is cut to 128 bits there). */
static const struct {
	const char *key;	/* hex, or NULL: 131 times 0xaa */
	const char *data;	/* text, or NULL: 50 times data_byte */
	int data_byte;
	const char *want;
} rfc4231[] = {
	{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There", 0,
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "4a656665", "what do ya want for nothing?", 0,
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, 0xdd,
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ "0102030405060708090a0b0c0d0e0f10111213141516171819", NULL, 0xcd,
	  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
	{ "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", "Test With Truncation",
	    0, "a3b6167473100ee06e0c796c2955552b" },
	{ NULL, "Test Using Larger Than Block-Size Key - Hash Key First", 0,
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ NULL, "This is a test using a larger than block-size key and a "
	    "larger than block-size data. The key needs to be hashed before "
	    "being used by the HMAC algorithm.", 0,
	  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" }
};

static void
the_vectors_of_rfc_4231_are_met(void **state)
{
	uint8_t key[131], data[256], out[HMAC_LEN];
	struct hmac *h = hmac_new();
	size_t i, key_len, len;

	(void)state;
	for (i = 0; i < sizeof(rfc4231) / sizeof(rfc4231[0]); i++) {
		memset(key, 0xaa, sizeof(key));
		key_len = sizeof(key);
		if (rfc4231[i].key != NULL) {
			key_len = strlen(rfc4231[i].key) / 2;
			assert_int_equal(hex_decode(key, key_len,
			    rfc4231[i].key, 2 * key_len), ERR_OK);
		}
		memset(data, rfc4231[i].data_byte, sizeof(data));
		len = 50;
		if (rfc4231[i].data != NULL) {
			len = strlen(rfc4231[i].data);
			memcpy(data, rfc4231[i].data, len);
		}
		hmac_sha256(h, key, key_len, data, len, out);
		assert_hex(out, strlen(rfc4231[i].want) / 2, rfc4231[i].want);
	}
	hmac_free(h);
}

/* Keys of 63, 64 and 65 bytes, nothing at all, and results in place. */
static void
keys_at_the_size_of_a_block_are_right(void **state)
{
	static const char *const want[] = {
		"ac606b54f050fbdd53bb5848b99dd0bb"
		    "6f1222bd375ea2aaf66f1af02fcf73e7",
		"93244b031118b8060c6619e5900fcf91"
		    "6faefb2d8d020fecb22ae0f62275db08",
		"a79b53d0bf1cb4bb00c301979e6e60ef"
		    "792a435cafabd76ab9e8989bbdef2dff",
		"b613679a0814d9ec772f95d778c35fc5"
		    "ff1697c493715653c6c712144292c5ad"
	};
	uint8_t key[65], out[HMAC_LEN], place[HMAC_LEN];
	struct hmac *h = hmac_new();
	size_t i;

	(void)state;
	memset(key, 'k', sizeof(key));
	for (i = 0; i < 3; i++) {
		hmac_sha256(h, key, 63 + i, "data", 4, out);
		assert_hex(out, HMAC_LEN, want[i]);
	}
	hmac_sha256(h, NULL, 0, NULL, 0, out);
	assert_hex(out, HMAC_LEN, want[3]);

	hmac_sha256(h, key, HMAC_LEN, "data", 4, out);
	memcpy(place, key, HMAC_LEN);
	hmac_sha256(h, place, HMAC_LEN, "data", 4, place);
	assert_memory_equal(place, out, HMAC_LEN);

	hmac_sha256(h, "key", 3, key, HMAC_LEN, out);
	memcpy(place, key, HMAC_LEN);
	hmac_sha256(h, "key", 3, place, HMAC_LEN, place);
	assert_memory_equal(place, out, HMAC_LEN);
	hmac_free(h);
	hmac_free(NULL);
}

/* FIPS 180-4's examples, between two HMACs that must not be disturbed. */
static void
the_hashes_of_fips_180_4_are_met(void **state)
{
	uint8_t out[HMAC_LEN];
	struct hmac *h = hmac_new();

	(void)state;
	hmac_hash(h, "", 0, out);
	assert_hex(out, HMAC_LEN,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hmac_sha256(h, "Jefe", 4, "what do ya want for nothing?", 28, out);
	assert_hex(out, HMAC_LEN, rfc4231[1].want);
	hmac_hash(h, "abc", 3, out);
	assert_hex(out, HMAC_LEN,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hmac_sha256(h, "Jefe", 4, "what do ya want for nothing?", 28, out);
	assert_hex(out, HMAC_LEN, rfc4231[1].want);
	hmac_free(h);
}

/* By Python's hashlib.pbkdf2_hmac; the first is widely published. */
static void
the_vectors_of_pbkdf2_are_met(void **state)
{
	uint8_t out[64];

	(void)state;
	hmac_pbkdf2_sha512("password", 8, "salt", 4, 1, out, 64);
	assert_hex(out, 64,
	    "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
	    "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce");
	hmac_pbkdf2_sha512("password", 8, "salt", 4, 2048, out, 32);
	assert_hex(out, 32,
	    "91be23564f09fc855c82ce84a223ebe7d63d8b49d69372593a0d9ed39e143c83");
	hmac_pbkdf2_sha512(NULL, 0, "mnemonic", 8, 2048, out, 32);
	assert_hex(out, 32,
	    "4ed8d4b17698ddeaa1f1559f152f87b5d472f725ca86d341bd0276f1b61197e2");
	hmac_pbkdf2_sha256("password", 8, "salt", 4, 4096, out, 32);
	assert_hex(out, 32,
	    "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_vectors_of_rfc_4231_are_met),
	cmocka_unit_test(keys_at_the_size_of_a_block_are_right),
	cmocka_unit_test(the_hashes_of_fips_180_4_are_met),
	cmocka_unit_test(the_vectors_of_pbkdf2_are_met)
};

TEST_MAIN(tests)
