#ifndef CRYPTO_BOX_H_
#define CRYPTO_BOX_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A box of NaCl under a password, by libsodium: XSalsa20 and Poly1305, with a
 * key by Argon2i.  For wallets only, not on any request's path.
 */
#define BOX_KEY_LEN 32
#define BOX_SALT_LEN 16
#define BOX_NONCE_LEN 24
#define BOX_MAC_LEN 16

/* What libsodium calls "sensitive" for Argon2i: passes, and bytes of memory. */
#define BOX_PASSES 8
#define BOX_MEMORY (512UL << 20)

/**
 * box_key(password, len, salt, passes, memory, key):
 * Make ${key} by Argon2i, version 1.3, with one lane.
 *   Shape   passes >= 3; memory >= 8192 bytes
 *   Errors  ERR_IO the system does not give that much memory
 */
CHECKED enum err box_key(const void *password, size_t len,
    const uint8_t salt[BOX_SALT_LEN], unsigned passes, size_t memory,
    uint8_t key[BOX_KEY_LEN]);

/**
 * box_open(key, nonce, box, len, out):
 * Check the ${len} bytes at ${box}, and write the len - BOX_MAC_LEN bytes that
 * are in it to ${out}.
 *   Errors  ERR_FORMAT too short, or not made with this key and nonce
 */
CHECKED enum err box_open(const uint8_t key[BOX_KEY_LEN],
    const uint8_t nonce[BOX_NONCE_LEN], const uint8_t *box, size_t len,
    uint8_t *out);

#endif /* !CRYPTO_BOX_H_ */
