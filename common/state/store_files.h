#ifndef STATE_STORE_FILES_H_
#define STATE_STORE_FILES_H_

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "state/store.h"

/*
 * The files of the local store, SQLite's own business aside: where they are,
 * that they are on a disk of ours, and whose turn it is.
 */
struct store_files {
	char directory[PATH_MAX], database[PATH_MAX], turn[PATH_MAX];
	bool allow_network_fs;
	int64_t wait_ms;
	int fd;			/* of the file that is locked; -1: none */
};

/**
 * store_files_init(f, o):
 * Fill in ${f}; a directory that is not there may come later.
 *   Errors  ERR_FORMAT, ERR_DENIED as store_open(), logged
 */
CHECKED enum err store_files_init(struct store_files *f,
    const struct store_options *o);

/**
 * store_files_take(f, reason), store_files_leave(f):
 * Wait for our turn, for wait_ms; let the next one go on.
 *   Errors  ERR_STORE with the static string ${reason}
 */
CHECKED enum err store_files_take(struct store_files *f, const char **reason);
void store_files_leave(struct store_files *f);

/**
 * store_files_create(f, reason):
 * Put an empty database, mode 0600, in place of none.  It must be our turn.
 *   Errors  ERR_STORE with the static string ${reason}
 */
CHECKED enum err store_files_create(struct store_files *f,
    const char **reason);

/**
 * store_files_network(f_type):
 * What the file system of type ${f_type}, of statfs(), is called if it is one
 * of a network or of a program, or NULL.
 */
const char *store_files_network(uint64_t f_type);

/**
 * store_files_free(f):
 * Close what is open.
 */
void store_files_free(struct store_files *f);

#endif /* !STATE_STORE_FILES_H_ */
