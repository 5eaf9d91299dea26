#ifndef CLIENT_WALLET_LOCKED_H_
#define CLIENT_WALLET_LOCKED_H_

#include <stddef.h>

#include "base/err.h"

struct secret;

/*
 * Wallet files under a password, in the three forms that Bittensor has written.
 *   Source  btwallet 4.1.1, keyfile.rs: $NACL is Argon2i with a fixed salt and
 *	     a NaCl secretbox; Ansible's vault 1.1 is AES-256-CTR. gAAAAA is a
 *	     Fernet token under PBKDF2, by bittensor before 2023 (keyfile.py),
 *	     which btwallet names but cannot open
 */
enum wallet_locked {
	WALLET_OPEN,		/* no password */
	WALLET_NACL, WALLET_VAULT, WALLET_FERNET
};

/**
 * wallet_locked(data, len):
 * Return the form of the file whose ${len} bytes begin at ${data}.
 */
enum wallet_locked wallet_locked(const char *data, size_t len);

/**
 * wallet_locked_slow(form):
 * Return how long it takes to try a password, or NULL if that is not felt.
 */
const char *wallet_locked_slow(enum wallet_locked form);

/**
 * wallet_locked_open(form, data, len, password, plain):
 * Set ${plain} to what is in the file.  The caller frees it.
 *   Errors  ERR_SIGNATURE the password is wrong, or the file is damaged;
 *	     ERR_FORMAT not of that form; ERR_IO less than 512 MiB of memory
 */
CHECKED enum err wallet_locked_open(enum wallet_locked form, const char *data,
    size_t len, const struct secret *password, struct secret **plain);

#endif /* !CLIENT_WALLET_LOCKED_H_ */
