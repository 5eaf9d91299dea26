#ifndef LEDGER_SQLITE_FILES_H_
#define LEDGER_SQLITE_FILES_H_

#include <sys/stat.h>

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"

/*
 * The files of the local ledger, except those that SQLite handles itself:
 * their place, the check that they are on a local disk, and the lock.
 */
struct sqlite_files {
	char *directory, *database, *turn;
	bool allow_network_fs;
	int64_t wait_ms;
	int fd;			/* of the lock file; -1: none */
};

/**
 * sqlite_files_init(f, o):
 * Fill in ${f}.  A missing directory may be created later.
 *   Errors  ERR_FORMAT, ERR_UNSAFE as ledger_open(), logged
 */
CHECKED enum err sqlite_files_init(struct sqlite_files *f,
    const struct ledger_options *o);

/**
 * sqlite_files_take(f, reason), sqlite_files_leave(f):
 * Wait for the lock, for wait_ms; release it.
 *   Errors  ERR_LEDGER with the static string ${reason}
 */
CHECKED enum err sqlite_files_take(struct sqlite_files *f, const char **reason);
void sqlite_files_leave(struct sqlite_files *f);

/**
 * sqlite_files_create(f, reason):
 * Create an empty database, mode 0600, where there is none.  The caller holds
 * the lock.
 *   Errors  ERR_LEDGER with the static string ${reason}
 */
CHECKED enum err sqlite_files_create(struct sqlite_files *f,
    const char **reason);

/**
 * sqlite_files_writable(f, reason):
 * May we make files in the directory?  SQLite makes its own when it must.
 *   Errors  ERR_LEDGER with the static string ${reason}
 */
CHECKED enum err sqlite_files_writable(const struct sqlite_files *f,
    const char **reason);

/**
 * sqlite_files_look(f, st, reason):
 * May the database and the files beside it be opened by name?
 *   Errors  ERR_LEDGER with the static string ${reason}
 */
CHECKED enum err sqlite_files_look(const struct sqlite_files *f,
    struct stat *st, const char **reason);

/**
 * sqlite_files_network(f_type):
 * Return the name of the file system of type ${f_type}, of statfs(), if it
 * belongs to a network or a program, otherwise NULL.
 */
const char *sqlite_files_network(uint64_t f_type);

/**
 * sqlite_files_free(f):
 * Close the open files, and free what sqlite_files_init() made.
 */
void sqlite_files_free(struct sqlite_files *f);

#endif /* !LEDGER_SQLITE_FILES_H_ */
