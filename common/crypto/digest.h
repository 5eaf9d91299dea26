#ifndef CRYPTO_DIGEST_H_
#define CRYPTO_DIGEST_H_

#include <stddef.h>
#include <stdint.h>

/*
 * Digests of data that comes in pieces, to compare files with what another
 * system says of them: SHA-256 (FIPS 180-4), and SHA-1 as git names a file's
 * content by.  For requests use crypto/hmac.h, which needs no fetch.
 */
struct digest;

enum digest_kind { DIGEST_SHA256, DIGEST_SHA1 };

#define DIGEST_SHA256_LEN 32
#define DIGEST_SHA1_LEN 20
#define DIGEST_MAX 32

/**
 * digest_new(kind), digest_free(d):
 * Begin a digest.  Return NULL where the system forbids it.
 */
struct digest *digest_new(enum digest_kind kind);
void digest_free(struct digest *d);

/**
 * digest_add(d, data, len):
 * Add the ${len} bytes at ${data}.
 */
void digest_add(struct digest *d, const void *data, size_t len);

/**
 * digest_end(d, out):
 * Write the digest of all bytes to ${out}, with zeros after it.  Only
 * digest_free() may follow.
 */
void digest_end(struct digest *d, uint8_t out[DIGEST_MAX]);

#endif /* !CRYPTO_DIGEST_H_ */
