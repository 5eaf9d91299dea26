#ifndef CRYPTO_SR25519_H_
#define CRYPTO_SR25519_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * sr25519: Schnorr signatures over ristretto255 as schnorrkel 0.11 makes them
 * for Substrate chains.  Source of the transcript: schnorrkel sign.rs and
 * context.rs; tests/vectors/sr25519.
 */
#define SR25519_PUBLIC_LEN 32
#define SR25519_SIGNATURE_LEN 64
#define SR25519_MINI_LEN 32	/* the "mini secret", which is a seed */
#define SR25519_SECRET_LEN 64	/* canonical scalar, then nonce seed */

/**
 * sr25519_verify(pub, msg, len, sig):
 * Return ERR_OK iff ${sig} is ${pub}'s signature of the ${len} bytes at ${msg}
 * in context "substrate".
 *   Shape   pub: 32-byte ristretto255 point, not the identity (schnorrkel
 *	     accepts anybody's signature under that one); sig: 64 bytes R || s,
 *	     top bit of sig[63] set, s below the group order
 *   Errors  ERR_SIGNATURE for every rejection, whatever the reason
 */
CHECKED enum err sr25519_verify(const uint8_t pub[SR25519_PUBLIC_LEN],
    const uint8_t *msg, size_t len, const uint8_t sig[SR25519_SIGNATURE_LEN]);

/**
 * sr25519_is_public(pub):
 * Can a signature under ${pub} exist: is it a canonical ristretto255 point
 * other than the identity?  Many ed25519 keys and hashed accounts are not.
 */
bool sr25519_is_public(const uint8_t pub[SR25519_PUBLIC_LEN]);

/**
 * sr25519_sign(secret, pub, msg, len, sig):
 * Sign the ${len} bytes at ${msg} in context "substrate".  Randomised: two
 * signatures of one message differ.
 *   Shape   secret: as sr25519_expand() returns it; pub: its public key
 *   Errors  ERR_FORMAT the scalar is not canonical or is zero, or ${len} is
 *	     over UINT32_MAX (which schnorrkel cannot sign)
 */
CHECKED enum err sr25519_sign(const uint8_t secret[SR25519_SECRET_LEN],
    const uint8_t pub[SR25519_PUBLIC_LEN], const uint8_t *msg, size_t len,
    uint8_t sig[SR25519_SIGNATURE_LEN]);

/**
 * sr25519_expand(mini, secret):
 * Expand the mini secret as Substrate does: SHA-512, the first half clamped as
 * for Ed25519 and divided by the cofactor 8, the second half the nonce seed.
 */
void sr25519_expand(const uint8_t mini[SR25519_MINI_LEN],
    uint8_t secret[SR25519_SECRET_LEN]);

/**
 * sr25519_public(secret, pub):
 * Set ${pub} to the public key of ${secret}.
 *   Errors  ERR_FORMAT the scalar is not canonical or is zero
 */
CHECKED enum err sr25519_public(const uint8_t secret[SR25519_SECRET_LEN],
    uint8_t pub[SR25519_PUBLIC_LEN]);

#endif /* !CRYPTO_SR25519_H_ */
