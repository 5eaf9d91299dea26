#include <sodium.h>

#include "base/log.h"
#include "crypto/box.h"

_Static_assert(BOX_KEY_LEN == crypto_secretbox_KEYBYTES &&
    BOX_NONCE_LEN == crypto_secretbox_NONCEBYTES &&
    BOX_MAC_LEN == crypto_secretbox_MACBYTES &&
    BOX_SALT_LEN == crypto_pwhash_argon2i_SALTBYTES &&
    BOX_PASSES == crypto_pwhash_argon2i_OPSLIMIT_SENSITIVE &&
    BOX_MEMORY == crypto_pwhash_argon2i_MEMLIMIT_SENSITIVE,
    "the lengths and limits of libsodium");

enum err
box_key(const void *password, size_t len, const uint8_t salt[BOX_SALT_LEN],
    unsigned passes, size_t memory, uint8_t key[BOX_KEY_LEN])
{

	if (sodium_init() < 0)
		log_die("sodium", "sodium_init");
	return (crypto_pwhash_argon2i(key, BOX_KEY_LEN, password, len, salt,
	    passes, memory, crypto_pwhash_argon2i_ALG_ARGON2I13) == 0 ?
	    ERR_OK : ERR_IO);
}

enum err
box_open(const uint8_t key[BOX_KEY_LEN], const uint8_t nonce[BOX_NONCE_LEN],
    const uint8_t *box, size_t len, uint8_t *out)
{

	if (len < BOX_MAC_LEN)
		return (ERR_FORMAT);
	return (crypto_secretbox_open_easy(out, box, len, nonce, key) == 0 ?
	    ERR_OK : ERR_FORMAT);
}
