#include "test.h"

#include "crypto/ss58.h"

/* Addresses by an independent encoder. */
static const struct {
	uint8_t key[SS58_KEY_LEN];
	const char *address;
} known[] = {
	{ { 0 }, "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM" },
	{ { 0xd4, 0x35, 0x93, 0xc7, 0x15, 0xfd, 0xd3, 0x1c,
	    0x61, 0x14, 0x1a, 0xbd, 0x04, 0xa9, 0x9f, 0xd6,
	    0x82, 0x2c, 0x85, 0x58, 0x85, 0x4c, 0xcd, 0xe3,
	    0x9a, 0x56, 0x84, 0xe7, 0xa5, 0x6d, 0xa2, 0x7d },
	    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY" },
	{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	    "5HrN7fHLXWcFiXPwwtq2EkSGns9eMt5P7SpeTPewumZy6ftb" }
};

/* The second key above. */
#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

static enum err
decode(const char *s)
{
	uint8_t key[SS58_KEY_LEN];

	return (ss58_decode(s, strlen(s), key));
}

static void
known_addresses_are_encoded_and_decoded(void **state)
{
	char address[SS58_MAX + 1];
	uint8_t key[SS58_KEY_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		ss58_encode(known[i].key, address);
		assert_string_equal(address, known[i].address);
		assert_int_equal(ss58_decode(address, SS58_MAX, key), ERR_OK);
		assert_memory_equal(key, known[i].key, SS58_KEY_LEN);
	}
}

static void
what_is_encoded_is_decoded_to_the_same_key(void **state)
{
	char address[SS58_MAX + 1];
	uint8_t key[SS58_KEY_LEN] = { 0 }, back[SS58_KEY_LEN];
	uint32_t x = 1;
	size_t i, j;

	(void)state;
	for (i = 0; i < 5000; i++) {
		for (j = 0; j < sizeof(key); j++) {
			x = x * 1664525 + 1013904223;
			key[j] = (uint8_t)(x >> 24);
		}
		ss58_encode(key, address);
		assert_int_equal(strlen(address), SS58_MAX);
		assert_int_equal(ss58_decode(address, SS58_MAX, back), ERR_OK);
		assert_memory_equal(key, back, sizeof(key));
	}
}

/* Any other byte in any place: not base58, another number, or another key.  A
   wrong byte gets past a checksum of 16 bits once in 65,536 times; these
   48 * 255 do not. */
static void
an_address_with_any_byte_changed_is_refused(void **state)
{
	char address[] = ALICE;
	uint8_t key[SS58_KEY_LEN];
	size_t i;
	int c;

	(void)state;
	for (i = 0; i < SS58_MAX; i++) {
		for (c = 0; c < 256; c++) {
			if ((char)c == ALICE[i])
				continue;
			address[i] = (char)c;
			assert_int_equal(ss58_decode(address, SS58_MAX, key),
			    ERR_FORMAT);
		}
		address[i] = ALICE[i];
	}
}

/* Good checksums, but not what we take. */
static void
addresses_of_other_networks_and_sizes_are_refused(void **state)
{

	(void)state;
	assert_int_equal(decode(ALICE), ERR_OK);

	/* The same key under the prefixes 0, 2, 41 and 43. */
	assert_int_equal(decode(
	    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"), ERR_FORMAT);
	assert_int_equal(decode(
	    "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F"), ERR_FORMAT);
	assert_int_equal(decode(
	    "5B5Hfagqhhers2rXFKjPSKF1Rd4bBEfJBi9Pahy5LRfqdc2h"), ERR_FORMAT);
	assert_int_equal(decode(
	    "5NecBZmeUHQKB9fT4PVSC7mribMBHbvLZbFep5FgG8rpCNS2"), ERR_FORMAT);

	/* Keys of 31 and 33 bytes. */
	assert_int_equal(decode(
	    "x5JwmeVWjgaoRRWrY98BFXaLhzMZoTJuoU73mNGZrnqzBY"), ERR_FORMAT);
	assert_int_equal(decode(
	    "KVwAJq4MvNXEo5cvx4H8GDKgSeDbidnN8UfrxTCJp6ng8ifY1"), ERR_FORMAT);

	/* The identity's address plus 2^280: the same in its low 35 bytes. */
	assert_int_equal(decode(
	    "Wjba2eM9XhdbYVZEufA5XYFdbbcdMce7DJ68LgeiypCJsW2s"), ERR_FORMAT);
}

static void
addresses_of_another_length_or_with_blanks_are_refused(void **state)
{
	char s[SS58_MAX + 3];
	uint8_t key[SS58_KEY_LEN];
	size_t len;

	(void)state;
	for (len = 0; len < SS58_MAX; len++)
		assert_int_equal(ss58_decode(ALICE, len, key), ERR_FORMAT);

	/* The final NUL counted in. */
	assert_int_equal(ss58_decode(ALICE, SS58_MAX + 1, key), ERR_FORMAT);

	/* '1' stands for a leading zero byte: the same number. */
	assert_int_equal(decode("1" ALICE), ERR_FORMAT);
	assert_int_equal(decode("11" ALICE), ERR_FORMAT);
	memset(s, '1', sizeof(s));
	assert_int_equal(ss58_decode(s, SS58_MAX, key), ERR_FORMAT);
	memset(s, 'z', sizeof(s));
	assert_int_equal(ss58_decode(s, SS58_MAX, key), ERR_FORMAT);

	assert_int_equal(decode(" " ALICE), ERR_FORMAT);
	assert_int_equal(decode(ALICE " "), ERR_FORMAT);
	assert_int_equal(decode(ALICE "\n"), ERR_FORMAT);
	assert_int_equal(decode(ALICE "1"), ERR_FORMAT);

	/* Instead of a digit rather than beside it. */
	memcpy(s, " " ALICE, SS58_MAX);
	assert_int_equal(ss58_decode(s, SS58_MAX, key), ERR_FORMAT);
}

/* The key of ALICE with prefix 0, 1, 2, 41, 43, 63, 64, 7391 and 16383, by an
   independent encoder. */
static const char *const foreign[] = {
	"15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
	"BauKu2iL4fncgfy22YSLGc1aDLpyuUUe5z8yNF2pDtLNr4E",
	"HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F",
	"5B5Hfagqhhers2rXFKjPSKF1Rd4bBEfJBi9Pahy5LRfqdc2h",
	"5NecBZmeUHQKB9fT4PVSC7mribMBHbvLZbFep5FgG8rpCNS2",
	"7NPoMQbiA6trJKkjB35uk96MeJD4PGWkLQLH7k7hXEkZpiba",
	"cEaNSpz4PxFcZ7nT1VEKrKewH67rfx6MfcM6yKojyyPz7qaqp",
	"unjKJQJrRd238pkUZZvzDQrfKuM39zBSnQ5zjAGAGcdRhaJTx",
	"yNa8JpqfFB3q8A29rCwSgxvdU94ufJw2yKKxDgznS5m1PoFvn",
};

static void
an_address_of_another_network_is_told_from_a_mistyped_one(void **state)
{
	static const char *const not[] = {
		ALICE, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", "",
		"1", "11111111111111111111111111111111111",
		"111111111111111111111111111111111111",
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
		"not an address",
	};
	char text[64];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		len = strlen(foreign[i]);
		if (!ss58_is_foreign(foreign[i], len))
			fail_msg("%s", foreign[i]);
		assert_int_equal(decode(foreign[i]), ERR_FORMAT);
		assert_non_null(strstr(ss58_wrong(foreign[i], len),
		    "another network"));

		/* One digit too few, one too many, one changed. */
		assert_false(ss58_is_foreign(foreign[i], len - 1));
		snprintf(text, sizeof(text), "%s1", foreign[i]);
		assert_false(ss58_is_foreign(text, len + 1));
		snprintf(text, sizeof(text), "1%s", foreign[i]);
		assert_false(ss58_is_foreign(text, len + 1));
		text[3] = text[3] == '2' ? '3' : '2';
		assert_false(ss58_is_foreign(text + 1, len));
	}
	for (i = 0; i < sizeof(not) / sizeof(not[0]); i++)
		assert_false(ss58_is_foreign(not[i], strlen(not[i])));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(
	    an_address_of_another_network_is_told_from_a_mistyped_one),
	cmocka_unit_test(known_addresses_are_encoded_and_decoded),
	cmocka_unit_test(what_is_encoded_is_decoded_to_the_same_key),
	cmocka_unit_test(an_address_with_any_byte_changed_is_refused),
	cmocka_unit_test(addresses_of_other_networks_and_sizes_are_refused),
	cmocka_unit_test(addresses_of_another_length_or_with_blanks_are_refused)
};

TEST_MAIN(tests)
