#ifndef S3_REFUSAL_H_
#define S3_REFUSAL_H_

#include <stdbool.h>
#include <stddef.h>

#include "s3/fault.h"

/*
 * A store's error answer.  Source: Amazon S3 API reference, "Error
 * responses", "REST error responses".
 */

/* Longer answers are not parsed. */
#define REFUSAL_MAX_BYTES 65536

struct refusal {
	const struct s3_fault *fault;
	const char *region;	/* the right one; NULL: not told, not known */
};

/**
 * refusal_read(status, answer, len, r):
 * Set ${r} to what the ${len} bytes at ${answer}, under this HTTP status,
 * mean.
 *   Shape   UTF-8; an Error, in the namespace of S3 or in none, with one Code,
 *	     and perhaps one Region; other elements are ignored; no DOCTYPE; at
 *	     most 8 elements deep.  A code counts if it is in s3/fault.def, and
 *	     a region if Amazon has it.  Both are then our own strings.  In all
 *	     other cases the status decides, and whether this is XML of S3 at
 *	     all.
 */
void refusal_read(int status, const char *answer, size_t len,
    struct refusal *r);

#endif /* !S3_REFUSAL_H_ */
