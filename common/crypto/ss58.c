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

/* The checksum of a prefix of one or two bytes and a key. */
static void
checksum(uint8_t out[CHECK_LEN], const uint8_t *raw, size_t len)
{
	static const char domain[] = "SS58PRE";
	uint8_t in[sizeof(domain) - 1 + 2 + SS58_KEY_LEN];
	uint8_t hash[crypto_generichash_BYTES_MAX];

	memcpy(in, domain, sizeof(domain) - 1);
	memcpy(in + sizeof(domain) - 1, raw, len);
	crypto_generichash(hash, sizeof(hash), in, sizeof(domain) - 1 + len,
	    NULL, 0);
	memcpy(out, hash, CHECK_LEN);
}

void
ss58_encode(const uint8_t key[SS58_KEY_LEN], char out[SS58_MAX + 1])
{
	uint8_t raw[RAW_LEN];

	raw[0] = SS58_PREFIX;
	memcpy(raw + 1, key, SS58_KEY_LEN);
	checksum(raw + 1 + SS58_KEY_LEN, raw, 1 + SS58_KEY_LEN);
	base58_encode(out, raw);
}

enum err
ss58_decode(const char *s, size_t len, uint8_t key[SS58_KEY_LEN])
{
	uint8_t raw[RAW_LEN], check[CHECK_LEN];

	if (len != SS58_MAX || !base58_decode(raw, s) || raw[0] != SS58_PREFIX)
		return (ERR_FORMAT);
	checksum(check, raw, 1 + SS58_KEY_LEN);
	if (memcmp(check, raw + 1 + SS58_KEY_LEN, CHECK_LEN) != 0)
		return (ERR_FORMAT);
	memcpy(key, raw + 1, SS58_KEY_LEN);
	return (ERR_OK);
}

/* With the longest prefix: 256^FOREIGN_MAX < 58^FOREIGN_DIGITS_MAX. */
#define FOREIGN_MAX (2 + SS58_KEY_LEN + CHECK_LEN)
#define FOREIGN_DIGITS_MAX 50

/* Decode base58 of any length, each leading '1' being a zero byte.  Write the
   bytes to the end of ${raw} and return their number, or 0. */
static size_t
base58_any(uint8_t raw[FOREIGN_MAX], const char *s, size_t len)
{
	size_t i, j, n = FOREIGN_MAX, zeros = 0;
	unsigned carry;

	if (len > FOREIGN_DIGITS_MAX)
		return (0);
	memset(raw, 0, FOREIGN_MAX);
	while (zeros < len && s[zeros] == '1')
		zeros++;
	for (i = 0; i < len; i++) {
		if (s[i] < '1' || s[i] > 'z' || values[s[i] - '1'] < 0)
			return (0);
		carry = (unsigned)values[s[i] - '1'];
		for (j = FOREIGN_MAX; j-- > 0; carry >>= 8) {
			carry += raw[j] * 58u;
			raw[j] = (uint8_t)carry;
		}
		if (carry != 0)
			return (0);
	}
	for (i = 0; i < FOREIGN_MAX && raw[i] == 0; i++)
		n--;
	return (n + zeros <= FOREIGN_MAX ? n + zeros : 0);
}

bool
ss58_is_foreign(const char *s, size_t len)
{
	uint8_t raw[FOREIGN_MAX], check[CHECK_LEN];
	const size_t n = base58_any(raw, s, len);
	const uint8_t *p = raw + FOREIGN_MAX - n;

	if (n == FOREIGN_MAX ? (p[0] & 0xc0) != 0x40 :
	    n != FOREIGN_MAX - 1 || p[0] >= 64 || p[0] == SS58_PREFIX)
		return (false);
	checksum(check, p, n - CHECK_LEN);
	return (memcmp(check, p + n - CHECK_LEN, CHECK_LEN) == 0);
}

const char *
ss58_wrong(const char *s, size_t len)
{

	return (ss58_is_foreign(s, len) ? "is an address of another network: "
	    "addresses of Bittensor have SS58 prefix 42 and begin with 5" :
	    "is not an SS58 address");
}
