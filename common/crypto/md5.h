#ifndef CRYPTO_MD5_H_
#define CRYPTO_MD5_H_

#include <stddef.h>
#include <stdint.h>

/*
 * MD5 (RFC 1321), only to compare files with the ETags of a store.  It protects
 * against accidents, not against people.
 */
#define MD5_LEN 16

struct md5;

/**
 * md5_new(), md5_free(m):
 * Begin a digest.  Return NULL where the system forbids MD5.
 */
struct md5 *md5_new(void);
void md5_free(struct md5 *m);

/**
 * md5_add(m, data, len):
 * Add the ${len} bytes at ${data}.
 */
void md5_add(struct md5 *m, const void *data, size_t len);

/**
 * md5_end(m, out):
 * Write the digest of all bytes to ${out}.  Only md5_free() may follow.
 */
void md5_end(struct md5 *m, uint8_t out[MD5_LEN]);

#endif /* !CRYPTO_MD5_H_ */
