#ifndef CRYPTO_HMAC_H_
#define CRYPTO_HMAC_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * SHA-256 and HMAC-SHA256 by OpenSSL, without its providers: a fetch is most of
 * what a CGI program costs, and what makes calls of OpenSSL 3 slow.  A failure
 * inside OpenSSL is logged and ends the program.
 */
struct hmac;

#define HMAC_LEN 32

/**
 * hmac_new(), hmac_free(h):
 * Make, or wipe and free.
 */
struct hmac *hmac_new(void);
void hmac_free(struct hmac *h);

/**
 * hmac_sha256(h, key, key_len, data, len, out):
 * ${out} = HMAC-SHA256(${key}, ${data}).  ${out} may be ${key} or ${data}.
 */
void hmac_sha256(struct hmac *h, const void *key, size_t key_len,
    const void *data, size_t len, uint8_t out[HMAC_LEN]);

/**
 * hmac_hash(h, data, len, out):
 * ${out} = SHA-256(${data}).
 */
void hmac_hash(struct hmac *h, const void *data, size_t len,
    uint8_t out[HMAC_LEN]);

/**
 * hmac_pbkdf2_sha512(pass, pass_len, salt, salt_len, rounds, out, out_len):
 * ${out} = PBKDF2-HMAC-SHA512; for wallets only, not on any request's path.
 */
void hmac_pbkdf2_sha512(const void *pass, size_t pass_len, const void *salt,
    size_t salt_len, unsigned rounds, uint8_t *out, size_t out_len);

/**
 * hmac_pbkdf2_sha256(pass, pass_len, salt, salt_len, rounds, out, out_len):
 * The same with HMAC-SHA256.
 */
void hmac_pbkdf2_sha256(const void *pass, size_t pass_len, const void *salt,
    size_t salt_len, unsigned rounds, uint8_t *out, size_t out_len);

#endif /* !CRYPTO_HMAC_H_ */
