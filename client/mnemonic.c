#include <string.h>

#include "base/buf.h"
#include "crypto/hmac.h"

#include "mnemonic.h"

/* A word stands for 11 bits.  Three bytes hold them, wherever in the first
   byte they start. */
#define WORD_BITS 11
#define WORD_MASK 0x7ffu
#define WORD_COUNT_MAX 24
#define BITS_SIZE (MNEMONIC_ENTROPY_MAX + 3)

static unsigned
bits_get(const uint8_t bits[BITS_SIZE], size_t i)
{
	size_t at = i * WORD_BITS;
	const uint8_t *p = bits + at / 8;
	unsigned v = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];

	return (v >> (24 - WORD_BITS - at % 8) & WORD_MASK);
}

static void
bits_put(uint8_t bits[BITS_SIZE], size_t i, unsigned word)
{
	size_t at = i * WORD_BITS;
	uint8_t *p = bits + at / 8;
	unsigned v = word << (24 - WORD_BITS - at % 8);

	p[0] = (uint8_t)(p[0] | v >> 16);
	p[1] = (uint8_t)(p[1] | v >> 8);
	p[2] = (uint8_t)(p[2] | v);
}

/* The checksum: one bit of the hash for every 32-bit word of entropy, in
   the high bits of a byte. */
static uint8_t
checksum(const uint8_t *entropy, size_t len)
{
	uint8_t hash[HMAC_LEN], sum;
	struct hmac *h = hmac_new();

	hmac_hash(h, entropy, len, hash);
	hmac_free(h);
	sum = (uint8_t)(hash[0] & 0xff00u >> len / 4);
	explicit_bzero(hash, sizeof(hash));
	return (sum);
}

enum err
mnemonic_encode(const uint8_t *entropy, size_t len, char out[MNEMONIC_MAX + 1])
{
	uint8_t bits[BITS_SIZE] = { 0 };
	struct buf b;
	size_t i;

	if (len < MNEMONIC_ENTROPY_MIN || len > MNEMONIC_ENTROPY_MAX ||
	    len % 4 != 0)
		return (ERR_RANGE);
	memcpy(bits, entropy, len);
	bits[len] = checksum(entropy, len);

	buf_init(&b, out, MNEMONIC_MAX + 1);
	for (i = 0; i < len / 4 * 3; i++) {
		if (i > 0)
			buf_char(&b, ' ');
		buf_str(&b, mnemonic_words[bits_get(bits, i)]);
	}
	explicit_bzero(bits, sizeof(bits));
	return (buf_end(&b));
}

/* Compare in text order. s may hold any byte. */
static int
word_order(const char *s, size_t len, const char *word)
{
	size_t word_len = strlen(word);
	int order = memcmp(s, word, len < word_len ? len : word_len);

	return (order != 0 ? order : (len > word_len) - (len < word_len));
}

/* Return the index of the word of len bytes at s, or -1. */
static int
word_find(const char *s, size_t len)
{
	int low = 0, high = MNEMONIC_WORDS - 1, middle, order;

	while (low <= high) {
		middle = (low + high) / 2;
		order = word_order(s, len, mnemonic_words[middle]);
		if (order == 0)
			return (middle);
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return (-1);
}

/* Move s to the next word.  Return its length, or 0 at the end. */
static size_t
word_next(const char **s, const char *end)
{
	static const char blanks[] = " \t\r\n";
	const char *p = *s;

	while (p < end && memchr(blanks, *p, sizeof(blanks) - 1) != NULL)
		p++;
	*s = p;
	while (p < end && memchr(blanks, *p, sizeof(blanks) - 1) == NULL)
		p++;
	return ((size_t)(p - *s));
}

static enum err
words_read(const char *s, size_t s_len, uint8_t bits[BITS_SIZE], size_t *count)
{
	const char *end = s + s_len;
	enum err e = ERR_OK;
	size_t n, len;
	int word;

	/* Check the number of words first, so that a wrong number is not
	   reported as a wrong word. */
	for (n = 0; (len = word_next(&s, end)) > 0; s += len, n++) {
		if (n == WORD_COUNT_MAX)
			return (ERR_RANGE);
		if ((word = word_find(s, len)) < 0)
			e = ERR_FORMAT;
		else
			bits_put(bits, n, (unsigned)word);
	}
	if (n < MNEMONIC_ENTROPY_MIN / 4 * 3 || n % 3 != 0)
		return (ERR_RANGE);
	*count = n;
	return (e);
}

enum err
mnemonic_decode(const char *s, size_t s_len,
    uint8_t entropy[MNEMONIC_ENTROPY_MAX], size_t *len)
{
	uint8_t bits[BITS_SIZE] = { 0 };
	enum err e;
	size_t n;

	if ((e = words_read(s, s_len, bits, &n)) == ERR_OK) {
		*len = n / 3 * 4;
		if (bits[*len] != checksum(bits, *len))
			e = ERR_FORMAT;
	}
	explicit_bzero(entropy, MNEMONIC_ENTROPY_MAX);
	if (e == ERR_OK)
		memcpy(entropy, bits, *len);
	explicit_bzero(bits, sizeof(bits));
	return (e);
}

void
mnemonic_mini(const uint8_t *entropy, size_t len,
    uint8_t mini[MNEMONIC_MINI_LEN])
{
	static const char salt[] = "mnemonic";

	/* The mini secret is the first half of 64 bytes, which PBKDF2
	   computes as one block.  A request for half of it gives the same
	   bytes. */
	hmac_pbkdf2_sha512(entropy, len, salt, sizeof(salt) - 1, 2048, mini,
	    MNEMONIC_MINI_LEN);
}
