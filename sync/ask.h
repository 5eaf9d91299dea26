#ifndef SYNC_ASK_H_
#define SYNC_ASK_H_

#include <stddef.h>

#include "base/err.h"
#include "s3/fault.h"
#include "s3/presign.h"
#include "walk.h"

/* One request of a walk through the bucket. */

/**
 * ask(w, list, answer, len):
 * Ask the store for the page ${list}.  Set ${answer} and ${len} to the body,
 * which is valid until the next request, and compare the clocks.
 *   Errors  ERR_IO no answer, or a refusal; ERR_RANGE the answer is too large,
 *	     or the page cannot be asked for; w->reason has the reason
 */
CHECKED enum err ask(struct walk *w, const struct presign_list *list,
    const char **answer, size_t *len);

/**
 * ask_blame(w, f, region):
 * Make ${f} the reason.  ${region} is the right one, or NULL.
 */
void ask_blame(struct walk *w, const struct s3_fault *f, const char *region);

/**
 * ask_fault(w):
 * Return what the store refused with, if that is w->reason.  Otherwise NULL.
 */
const struct s3_fault *ask_fault(const struct walk *w);

#endif /* !SYNC_ASK_H_ */
