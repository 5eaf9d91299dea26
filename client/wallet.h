#ifndef WALLET_H_
#define WALLET_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/sr25519.h"
#include "crypto/ss58.h"

/*
 * A Bittensor hotkey, and the file in which btwallet keeps it: a JSON object
 * of strings, encrypted or not.  Failures are reported on standard error in
 * words that name the file and contain nothing from inside it.
 */
struct wallet {
	uint8_t public[SR25519_PUBLIC_LEN];
	uint8_t secret[SR25519_SECRET_LEN];
	char ss58[SS58_MAX + 1];
};

/**
 * wallet_load(path, password_file, w):
 * Read the hotkey file ${path} into ${w}.  If it is encrypted, its password is
 * read from ${password_file}, or asked for on the terminal if that is NULL.
 *   Shape   the first that is present of secretPhrase (BIP-39), secretSeed (32
 *	     bytes), privateKey (64 bytes: canonical scalar, nonce), in
 *	     btwallet's order; hex with or without 0x; null counts as absent.
 *	     publicKey, accountId and ss58Address, if present, must be those of
 *	     the derived key; cryptoType, if present, must be 1 (sr25519).
 *	     Owner and mode as secret_load() requires; links are not followed
 *   Errors  ERR_IO, ERR_UNSAFE as secret_load(); ERR_FORMAT no
 *	     password, a wrong one, not such a file, or contradicting itself;
 *	     ${w} is then all zero
 *   Source  btwallet 3 and 4, keyfile.rs
 */
CHECKED enum err wallet_load(const char *path, const char *password_file,
    struct wallet *w);

/**
 * wallet_create(path, w):
 * Make a new hotkey from a 12-word phrase, write it to ${path} with mode 0600
 * as btwallet writes it, and leave it in ${w}.
 *   Errors  ERR_IO not written: ${path} exists, its directory does not, or the
 *	     disk is full; ERR_FORMAT ${path} is named as a coldkey; ${w} is
 *	     then all zero
 */
CHECKED enum err wallet_create(const char *path, struct wallet *w);

/**
 * wallet_sign(w, msg, len, sig):
 * Sign the ${len} bytes at ${msg}; see sr25519_sign().
 */
CHECKED enum err wallet_sign(const struct wallet *w, const void *msg,
    size_t len, uint8_t sig[SR25519_SIGNATURE_LEN]);

/**
 * wallet_free(w):
 * Wipe ${w}.
 */
void wallet_free(struct wallet *w);

#endif /* !WALLET_H_ */
