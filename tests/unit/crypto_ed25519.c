#include "test.h"

#include "base/hex.h"
#include "crypto/ed25519.h"

/* RFC 8032, section 7.1, tests 1 to 3. */
static const struct {
	const char *pub, *msg, *sig;
} rfc[] = {
	{ "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	    "af82",
	    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

/* The order of the base point, least significant byte first. */
#define ORDER "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"

static void
bytes(uint8_t *out, size_t len, const char *hex)
{

	assert_int_equal(hex_decode(out, len, hex, strlen(hex)), ERR_OK);
}

static void
rfc_8032_is_followed_and_each_flipped_bit_is_refused(void **state)
{
	uint8_t pub[ED25519_PUBLIC_LEN], sig[ED25519_SIGNATURE_LEN], msg[2];
	size_t i, bit, len;

	(void)state;
	for (i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		len = strlen(rfc[i].msg) / 2;
		bytes(pub, sizeof(pub), rfc[i].pub);
		bytes(msg, len, rfc[i].msg);
		bytes(sig, sizeof(sig), rfc[i].sig);
		assert_int_equal(ed25519_verify(pub, msg, len, sig), ERR_OK);
		for (bit = 0; bit < 8 * sizeof(sig); bit++) {
			sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(ed25519_verify(pub, msg, len, sig),
			    ERR_SIGNATURE);
			sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (bit = 0; bit < 8 * sizeof(pub); bit++) {
			pub[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(ed25519_verify(pub, msg, len, sig),
			    ERR_SIGNATURE);
			pub[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(ed25519_verify(pub, (const uint8_t *)"x", 1,
		    sig), ERR_SIGNATURE);
	}
}

/* s + L satisfies the equation, too: a replay guard would take it for new. */
static void
a_signature_plus_the_order_is_refused(void **state)
{
	uint8_t pub[ED25519_PUBLIC_LEN], sig[ED25519_SIGNATURE_LEN];
	uint8_t order[32];
	unsigned carry = 0;
	size_t i;

	(void)state;
	bytes(pub, sizeof(pub), rfc[0].pub);
	bytes(sig, sizeof(sig), rfc[0].sig);
	bytes(order, sizeof(order), ORDER);
	for (i = 0; i < 32; i++) {
		carry += (unsigned)sig[32 + i] + order[i];
		sig[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_int_equal(ed25519_verify(pub, NULL, 0, sig), ERR_SIGNATURE);
}

/* Under a key of small order anybody can sign: s = 0 and R the identity.
   Source: the points of order 1, 2, 4 and 8, and their other encodings. */
static void
a_key_of_small_order_is_refused(void **state)
{
	static const char *const keys[] = {
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0000000000000000000000000000000000000000000000000000000000000080",
	    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	    "0100000000000000000000000000000000000000000000000000000000000080",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t pub[ED25519_PUBLIC_LEN], sig[ED25519_SIGNATURE_LEN] = { 1 };
	uint8_t msg;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		bytes(pub, sizeof(pub), keys[i]);

		/* For some of these messages the equation holds. */
		for (msg = 0; msg < 64; msg++)
			assert_int_equal(ed25519_verify(pub, &msg, 1, sig),
			    ERR_SIGNATURE);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rfc_8032_is_followed_and_each_flipped_bit_is_refused),
	cmocka_unit_test(a_signature_plus_the_order_is_refused),
	cmocka_unit_test(a_key_of_small_order_is_refused)
};

TEST_MAIN(tests)
