#ifndef CRYPTO_SS58_H_
#define CRYPTO_SS58_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * SS58 addresses of Bittensor: base58(42 || 32 bytes || first 2 bytes of
 * BLAKE2b-512("SS58PRE" || 42 || 32 bytes)).  Source: the SS58 registry and
 * specification of Substrate; 42 is the "generic Substrate" prefix.
 */
#define SS58_PREFIX 42
#define SS58_KEY_LEN 32
#define SS58_MAX 48	/* exactly, with that prefix */

/* An address, as text and key.  It is always valid. */
struct ss58 {
	uint8_t key[SS58_KEY_LEN];
	char text[SS58_MAX + 1];
};

/**
 * ss58_encode(key, out):
 * Write the address of ${key} and a NUL.
 */
void ss58_encode(const uint8_t key[SS58_KEY_LEN], char out[SS58_MAX + 1]);

/**
 * ss58_decode(s, len, key):
 * Set ${key} to the key of the address in the ${len} characters at ${s}.
 * Exactly one text is accepted for a key: the one that ss58_encode() writes.
 *   Errors  ERR_FORMAT not base58, wrong length, checksum or prefix
 */
CHECKED enum err ss58_decode(const char *s, size_t len,
    uint8_t key[SS58_KEY_LEN]);

/**
 * ss58_is_foreign(s, len):
 * Are the ${len} characters at ${s} an address of 32 bytes with another prefix
 * than SS58_PREFIX, such as one of Polkadot (0) or Kusama (2)?  This explains a
 * refusal of ss58_decode().
 *   Source  the SS58 specification: a prefix below 64 is one byte, one up to
 *	     16383 is two bytes, of which the first has the top bits 01
 */
bool ss58_is_foreign(const char *s, size_t len);

/**
 * ss58_wrong(s, len):
 * Return why ss58_decode() refuses ${s}, to follow the name of what it is.
 */
const char *ss58_wrong(const char *s, size_t len);

#endif /* !CRYPTO_SS58_H_ */
