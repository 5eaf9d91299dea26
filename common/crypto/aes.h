#ifndef CRYPTO_AES_H_
#define CRYPTO_AES_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * AES by OpenSSL, to open files of other programs.  For wallets only, not on
 * any request's path.  The caller checks the sender before it decrypts.
 */
#define AES_BLOCK_LEN 16

enum aes_mode {
	AES_128_CBC,		/* a key of 16 bytes */
	AES_256_CTR		/* a key of 32 bytes */
};

/**
 * aes_decrypt(mode, key, iv, in, len, out, out_len):
 * Decrypt the ${len} bytes at ${in} into ${out}, which has room for as many.
 * Set ${out_len} to their number without the padding.
 *   Shape   len > 0, a multiple of AES_BLOCK_LEN; the padding of PKCS #7 (RFC
 *	     5652, section 6.3), in both modes
 *   Errors  ERR_FORMAT, ${out} is then zero
 */
CHECKED enum err aes_decrypt(enum aes_mode mode, const uint8_t *key,
    const uint8_t iv[AES_BLOCK_LEN], const uint8_t *in, size_t len,
    uint8_t *out, size_t *out_len);

#endif /* !CRYPTO_AES_H_ */
