#include <sodium.h>

#include "crypto/ed25519.h"

enum err
ed25519_verify(const uint8_t pub[ED25519_PUBLIC_LEN], const uint8_t *msg,
    size_t len, const uint8_t sig[ED25519_SIGNATURE_LEN])
{

	return (crypto_sign_verify_detached(sig, msg, len, pub) == 0 ?
	    ERR_OK : ERR_SIGNATURE);
}
