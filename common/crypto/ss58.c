#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "crypto/ss58.h"

#define CHECK_LEN 2
#define RAW_LEN (1 + SS58_KEY_LEN + CHECK_LEN)

/*
 * Base58 as Bitcoin writes it.  The first byte is always SS58_PREFIX, and
 * 58^47 < 42 * 256^34 and 43 * 256^34 < 58^48: so every address has exactly
 * SS58_MAX digits, none of which stands for a leading zero byte.
 */
static const char alphabet[] =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* The value of every character from '1' to 'z', or -1. */
static const int8_t values['z' - '1' + 1] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, -1, -1, -1, -1, -1, -1, -1,
	9, 10, 11, 12, 13, 14, 15, 16, -1, 17, 18, 19, 20, 21, -1,
	22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, -1, -1, -1, -1, -1, -1,
	33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, -1, 44, 45, 46,
	47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57
};

/* A number of 288 bits, the least significant limb first. */
#define LIMBS 9

#define FIVE_DIGITS 656356768u	/* 58^5 */

static void
base58_encode(char out[SS58_MAX + 1], const uint8_t raw[RAW_LEN])
{
	uint32_t limb[LIMBS] = { 0 };
	uint64_t t;
	size_t i, digit;

	for (i = 0; i < RAW_LEN; i++)
		limb[i / 4] |= (uint32_t)raw[RAW_LEN - 1 - i] << (8 * (i % 4));
	/* Five digits from each division of the whole number. */
	for (digit = SS58_MAX; digit > 0;) {
		for (t = 0, i = LIMBS; i-- > 0;) {
			t = t << 32 | limb[i];
			limb[i] = (uint32_t)(t / FIVE_DIGITS);
			t %= FIVE_DIGITS;
		}
		for (i = 0; i < 5 && digit > 0; i++, t /= 58)
			out[--digit] = alphabet[t % 58];
	}
	out[SS58_MAX] = '\0';
}

static bool
base58_decode(uint8_t raw[RAW_LEN], const char s[SS58_MAX])
{
	uint32_t limb[LIMBS] = { 0 };
	uint64_t t;
	size_t i, digit;

	/* 58^SS58_MAX is below 2^288, so the carry always fits. */
	for (digit = 0; digit < SS58_MAX; digit++) {
		if (s[digit] < '1' || s[digit] > 'z' ||
		    values[s[digit] - '1'] < 0)
			return (false);
		t = (uint64_t)values[s[digit] - '1'];
		for (i = 0; i < LIMBS; i++) {
			t += (uint64_t)limb[i] * 58;
			limb[i] = (uint32_t)t;
			t >>= 32;
		}
	}
	for (i = 0; i < RAW_LEN; i++)
		raw[RAW_LEN - 1 - i] = (uint8_t)(limb[i / 4] >> (8 * (i % 4)));

	/* But the number may need a 36th byte. */
	return (limb[LIMBS - 1] >> 24 == 0);
}

static void
checksum(uint8_t out[CHECK_LEN], const uint8_t raw[1 + SS58_KEY_LEN])
{
	static const char domain[] = "SS58PRE";
	uint8_t in[sizeof(domain) - 1 + 1 + SS58_KEY_LEN];
	uint8_t hash[crypto_generichash_BYTES_MAX];

	memcpy(in, domain, sizeof(domain) - 1);
	memcpy(in + sizeof(domain) - 1, raw, 1 + SS58_KEY_LEN);
	crypto_generichash(hash, sizeof(hash), in, sizeof(in), NULL, 0);
	memcpy(out, hash, CHECK_LEN);
}

void
ss58_encode(const uint8_t key[SS58_KEY_LEN], char out[SS58_MAX + 1])
{
	uint8_t raw[RAW_LEN];

	raw[0] = SS58_PREFIX;
	memcpy(raw + 1, key, SS58_KEY_LEN);
	checksum(raw + 1 + SS58_KEY_LEN, raw);
	base58_encode(out, raw);
}

enum err
ss58_decode(const char *s, size_t len, uint8_t key[SS58_KEY_LEN])
{
	uint8_t raw[RAW_LEN], check[CHECK_LEN];

	if (len != SS58_MAX || !base58_decode(raw, s) || raw[0] != SS58_PREFIX)
		return (ERR_FORMAT);
	checksum(check, raw);
	if (memcmp(check, raw + 1 + SS58_KEY_LEN, CHECK_LEN) != 0)
		return (ERR_FORMAT);
	memcpy(key, raw + 1, SS58_KEY_LEN);
	return (ERR_OK);
}
