#ifndef CRYPTO_SS58_H_
#define CRYPTO_SS58_H_

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

#endif /* !CRYPTO_SS58_H_ */
