#ifndef STATE_SHARED_H_
#define STATE_SHARED_H_

#include <stddef.h>

#include "base/err.h"

/*
 * A file of fixed length that processes share by mapping it, and whose loss
 * costs nothing: it is made where it is missing, and replaced where it is not
 * what it should be, never changed into that.
 */

/* What stands at its start, and tells one of the right form. */
struct shared_form {
	const void *head;
	size_t head_len;	/* up to SHARED_HEAD_MAX */
	size_t size;		/* of the file; larger than head and salt */
};

#define SHARED_HEAD_MAX 256

/* Random bytes behind the head, of each file its own. */
#define SHARED_SALT_LEN 16

/**
 * shared_open(path, form, map), shared_close(map, size):
 * Map the file ${path} for reading and writing.  A new one has its head and
 * salt, and 0 behind, and all of its space is allocated; processes that make or
 * replace it at the same time end up with the same one.  Temporary files that a
 * killed process leaves are for file_sweep(${path}).
 *   Errors  ERR_IO not possible, or trusted_open() does not take what is there
 *	     as a file of our own, or others may read it; logged with path and
 *	     reason
 */
CHECKED enum err shared_open(const char *path, const struct shared_form *form,
    void **map);
void shared_close(void *map, size_t size);

#endif /* !STATE_SHARED_H_ */
