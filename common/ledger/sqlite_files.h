#ifndef LEDGER_SQLITE_FILES_H_
#define LEDGER_SQLITE_FILES_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"

/*
 * The files of the local ledger, SQLite's own business aside: where they are,
 * that they are on a disk of ours, and whose turn it is.
 */
struct sqlite_files {
	char directory[PATH_MAX], database[PATH_MAX], turn[PATH_MAX];
	bool allow_network_fs;
	int64_t wait_ms;
	int fd;			/* of the file that is locked; -1: none */
};

/**
 * sqlite_files_init(f, o):
 * Fill in ${f}; a directory that is not there may come later.
 *   Errors  ERR_FORMAT, ERR_UNSAFE as ledger_open(), logged
 */
CHECKED enum err sqlite_files_init(struct sqlite_files *f,
    const struct ledger_options *o);

/**
 * sqlite_files_take(f, reason), sqlite_files_leave(f):
 * Wait for our turn, for wait_ms; let the next one go on.
 *   Errors  ERR_LEDGER with the static string ${reason}
 */
CHECKED enum err sqlite_files_take(struct sqlite_files *f, const char **reason);
void sqlite_files_leave(struct sqlite_files *f);

/**
 * sqlite_files_create(f, reason):
 * Put an empty database, mode 0600, in place of none.  It must be our turn.
 *   Errors  ERR_LEDGER with the static string ${reason}
 */
CHECKED enum err sqlite_files_create(struct sqlite_files *f,
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
 * What the file system of type ${f_type}, of statfs(), is called if it is one
 * of a network or of a program, or NULL.
 */
const char *sqlite_files_network(uint64_t f_type);

/**
 * sqlite_files_free(f):
 * Close what is open.
 */
void sqlite_files_free(struct sqlite_files *f);

#endif /* !LEDGER_SQLITE_FILES_H_ */
