#ifndef BASE_SECRET_H_
#define BASE_SECRET_H_

#include <stddef.h>

#include "base/err.h"

/*
 * Bytes that nobody else may see: in memory that is locked (where the system
 * allows it; a warning otherwise), guarded by unmapped pages, left out of core
 * dumps, and wiped when freed.
 */
struct secret;

/* Longest secret: an S3 secret key has 40 characters, a wallet file 1 KiB. */
#define SECRET_MAX 4096

/**
 * secret_load(path, secret):
 * Read the file at ${path} straight into a new ${secret}, without a final
 * newline.
 *   Shape   a regular file of 1 to SECRET_MAX bytes, without NUL, which
 *	     trusted_open() takes as a secret (so root:www-data 0640 and user
 *	     0600 are both good)
 *   Errors  ERR_IO cannot be read; ERR_UNSAFE owner, mode, or the way to it;
 *	     ERR_FORMAT empty, too long, not a regular file; each is logged,
 *	     with the path
 */
CHECKED enum err secret_load(const char *path, struct secret **secret);

/**
 * secret_check(path):
 * Could secret_load() load ${path}?  Looks at the file, does not open it.
 *   Errors  as secret_load(); not logged
 */
CHECKED enum err secret_check(const char *path);

/**
 * secret_take_env(name, secret):
 * If the environment has a non-empty ${name}: copy it into a new ${secret},
 * overwrite it in place, log a warning that a file would be better.  Otherwise
 * ${secret} is NULL.
 *   Errors  ERR_FORMAT too long, or there twice
 */
CHECKED enum err secret_take_env(const char *name, struct secret **secret);

/**
 * secret_room(len, room):
 * A new secret of ${len} bytes, all zero, which whoever makes it writes to
 * ${room}.
 */
struct secret *secret_room(size_t len, void **room);

/**
 * secret_bytes(secret), secret_len(secret):
 * The bytes (a NUL stands behind them) and how many they are.
 */
const char *secret_bytes(const struct secret *secret);
size_t secret_len(const struct secret *secret);

/**
 * secret_free(secret):
 * Wipe and free; NULL is fine.
 */
void secret_free(struct secret *secret);

#endif /* !BASE_SECRET_H_ */
