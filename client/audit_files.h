#ifndef CLIENT_AUDIT_FILES_H_
#define CLIENT_AUDIT_FILES_H_

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "audit/tail.h"

/* The files of an audit log, in order.  The configured log is opened under its
   lock, so that it is read between two lines and is not renamed at that
   moment. */
struct audit_files {
	char (*names)[PATH_MAX];
	size_t n;
	FILE *log;		/* open, the last name; or NULL */
	int64_t size;		/* of the log */
	bool head;		/* is there a head file? */
	struct audit_mark last;	/* its content */
};

/**
 * audit_files_add(fs, name):
 * Add a name behind the others.
 */
void audit_files_add(struct audit_files *fs, const char *name);

/**
 * audit_files_find(fs, path, t):
 * Find the files of the log ${path}: it, and what foldergate renamed.  Read
 * the head file with ${t}, unless that is NULL.
 *   Errors  false, after command_failed()
 */
bool audit_files_find(struct audit_files *fs, const char *path,
    struct audit_tail *t);

/**
 * audit_files_open(fs, i, size):
 * Open the i-th file, and set ${size} to the bytes to read, -1 for all.
 *   Errors  NULL, after command_failed()
 */
FILE *audit_files_open(const struct audit_files *fs, size_t i, int64_t *size);

/**
 * audit_files_close(fs, i, f):
 * Close the i-th file ${f}.
 *   Errors  false, after command_failed(): it could not be read
 */
bool audit_files_close(const struct audit_files *fs, size_t i, FILE *f);

/**
 * audit_files_free(fs):
 * Close the log and free the names.
 */
void audit_files_free(struct audit_files *fs);

#endif /* !CLIENT_AUDIT_FILES_H_ */
