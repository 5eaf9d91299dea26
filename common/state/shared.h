#ifndef STATE_SHARED_H_
#define STATE_SHARED_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * A file of fixed length that processes share by mapping it, and whose loss
 * costs nothing.  It is created if missing.  If it has the wrong form, it is
 * replaced or refused, never repaired.
 */

/* The bytes at the start of a file, which identify the right form. */
struct shared_form {
	const void *head;
	size_t head_len;	/* up to SHARED_HEAD_MAX */
	size_t size;		/* of the file; larger than head and salt */
	bool keeps_other;	/* one of another form is refused, not
				   replaced: who only looks */
};

#define SHARED_HEAD_MAX 256

/* Random bytes after the head, different for each file. */
#define SHARED_SALT_LEN 16

/**
 * shared_open(path, form, map), shared_close(map, size):
 * Map the file ${path} for reading and writing.  A new one has its head and
 * salt, followed by 0, and all of its space is allocated.  Processes that make
 * or replace it at the same time end up with the same one.  Temporary files
 * that a killed process leaves are for file_sweep(${path}).
 *   Errors  ERR_IO not possible, or trusted_open() refuses the file as an own
 *	     file, or others may read it; logged with path and reason
 */
CHECKED enum err shared_open(const char *path, const struct shared_form *form,
    void **map);
void shared_close(void *map, size_t size);

/**
 * shared_keep(path, form, map, fd):
 * As shared_open(), but keep the file open as ${fd}, unless that is NULL.
 */
CHECKED enum err shared_keep(const char *path, const struct shared_form *form,
    void **map, int *fd);

/**
 * shared_copy(path, form, copy, fd, why):
 * Read the file into the form->size bytes at ${copy}, and keep it open, for
 * reading, as ${fd}.  It is neither created nor changed.
 *   Errors  ERR_IO, not logged: ${why} is a static text, and ${copy} may hold
 *	     a part
 */
CHECKED enum err shared_copy(const char *path, const struct shared_form *form,
    void *copy, int *fd, const char **why);

#endif /* !STATE_SHARED_H_ */
