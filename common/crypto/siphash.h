#ifndef CRYPTO_SIPHASH_H_
#define CRYPTO_SIPHASH_H_

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_LEN 16

/**
 * siphash_24(key, data, len):
 * Return SipHash-2-4 of the ${len} bytes at ${data}.  Without the ${key},
 * nobody can make collisions.
 *   Source  Aumasson and Bernstein, SipHash: a fast short-input PRF (2012)
 */
uint64_t siphash_24(const uint8_t key[SIPHASH_KEY_LEN], const void *data,
    size_t len);

#endif /* !CRYPTO_SIPHASH_H_ */
