#ifndef SYNC_WALK_H_
#define SYNC_WALK_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "net/http.h"
#include "s3/fault.h"
#include "s3/signer.h"
#include "state/bucket_draft.h"
#include "state/bucket_index.h"

#define WALK_TEXT_MAX 511

/* The input of a walk through the bucket, and its result. */
struct walk {
	const struct config *cfg;
	struct http *http;
	struct s3_signer *signer;	/* of the read role, s3.endpoint */
	int64_t (*now_ms)(void);
	const struct bucket_index *former;	/* NULL: there is none */

	struct bucket_draft *draft;
	int64_t started_s;
	uint32_t damaged, ignored;
	unsigned pages;			/* pages that could be read */
	unsigned lost;			/* requests in a row without a page */
	const char *reason;		/* the last fault; NULL: none */
	const struct s3_fault *fault;	/* of the store; see ask_fault() */
	char text[WALK_TEXT_MAX + 1];	/* its sentence */
	bool strange;			/* a page was no listing at all */
	int64_t skew_ms;		/* of the store's clock: base/skew.h */
};

/**
 * walk_bucket(w):
 * Add to w->draft, which is empty, the folders in the bucket in each enabled
 * layout, and the jobs of each miner.  The caller sets the upper part of
 * ${w}.  The lower part is filled in.
 *
 * A page that cannot be parsed affects only its miner: the walk continues
 * after the page's last name, and the miner is marked as damaged.  If the walk
 * cannot continue (w->reason has the reason), the former index's entries there
 * are kept.
 *   Errors  ERR_IO nothing was learned, or http_stopped()
 */
CHECKED enum err walk_bucket(struct walk *w);
#endif /* !SYNC_WALK_H_ */
