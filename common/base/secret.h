#ifndef BASE_SECRET_H_
#define BASE_SECRET_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Secret bytes, in memory that is locked (where the system allows it;
 * otherwise a warning is logged), guarded by unmapped pages, excluded from
 * core dumps, and wiped when freed.
 */
struct secret;

/* Longest secret: an S3 secret key has 40 characters, a wallet file 1 KiB. */
#define SECRET_MAX 4096

/**
 * secret_load(path, secret):
 * Read the file at ${path} straight into a new ${secret}, without a final
 * newline and without one byte order mark before it.
 *   Shape   a regular file of 1 to SECRET_MAX bytes, without NUL, which
 *	     trusted_open() accepts as a secret (so root:www-data 0640 and user
 *	     0600 are both accepted)
 *   Errors  ERR_IO cannot be read; ERR_UNSAFE owner, mode, or a directory on
 *	     its path; ERR_FORMAT empty, too long, not a regular file; each is
 *	     logged, with the path
 */
CHECKED enum err secret_load(const char *path, struct secret **secret);

/**
 * secret_load_bytes(path, secret):
 * The same for a file of any bytes: nothing is removed from it.
 */
CHECKED enum err secret_load_bytes(const char *path, struct secret **secret);

/**
 * secret_check(path):
 * Could secret_load() load ${path}?  The file is inspected, but not opened.
 *   Errors  as secret_load(); not logged
 */
CHECKED enum err secret_check(const char *path);

/**
 * secret_take_env(name, secret):
 * If the environment has a non-empty ${name}, copy it into a new ${secret}
 * without one byte order mark before it, overwrite the variable, and log a
 * warning that recommends a file.  Otherwise set ${secret} to NULL.
 *   Errors  ERR_FORMAT too long, or set twice
 */
CHECKED enum err secret_take_env(const char *name, struct secret **secret);

/**
 * secret_wipe_env():
 * Overwrite all values in the environment, for a process that needs none.
 */
void secret_wipe_env(void);

/**
 * secret_room(len, room):
 * Make a new secret of ${len} bytes, all zero, and set ${room} to its bytes,
 * for the caller to write.
 */
struct secret *secret_room(size_t len, void **room);

/**
 * secret_bytes(secret), secret_len(secret):
 * Return the bytes, followed by a NUL, and their number.
 */
const char *secret_bytes(const struct secret *secret);
size_t secret_len(const struct secret *secret);

/**
 * secret_leave():
 * This process serves one request.  From now on secret_free() wipes, but leaves
 * it to the kernel to unmap, which saves four system calls for each.
 */
void secret_leave(void);

/**
 * secret_equals(secret, data, len):
 * Is the secret the ${len} bytes at ${data}?  The time depends on the lengths
 * alone.
 */
bool secret_equals(const struct secret *secret, const void *data, size_t len);

/**
 * secret_free(secret):
 * Wipe and free; NULL is fine.
 */
void secret_free(struct secret *secret);

#endif /* !BASE_SECRET_H_ */
