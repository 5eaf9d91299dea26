#ifndef CRYPTO_ED25519_H_
#define CRYPTO_ED25519_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Ed25519 signatures (RFC 8032), by libsodium.
 */
#define ED25519_PUBLIC_LEN 32
#define ED25519_SIGNATURE_LEN 64

/**
 * ed25519_verify(pub, msg, len, sig):
 * Return ERR_OK iff ${sig} is ${pub}'s signature of the ${len} bytes at
 * ${msg}.  Nobody can alter a signature into another valid one, so 64 bytes
 * identify one act of signing.
 *   Shape   pub: canonical, not of small order; sig: 64 bytes R || s, R not of
 *	     small order, s below the group order.  Substrate (ZIP 215) is
 *	     laxer in all of these; signatures of honest signers pass both
 *   Errors  ERR_SIGNATURE for every rejection
 */
CHECKED enum err ed25519_verify(const uint8_t pub[ED25519_PUBLIC_LEN],
    const uint8_t *msg, size_t len, const uint8_t sig[ED25519_SIGNATURE_LEN]);

#endif /* !CRYPTO_ED25519_H_ */
