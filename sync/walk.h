#ifndef SYNC_WALK_H_
#define SYNC_WALK_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "net/http.h"
#include "s3/signer.h"
#include "state/bucket_draft.h"
#include "state/bucket_index.h"

/* What it takes to walk through the bucket, and what came of it. */
struct walk {
	const struct config *cfg;
	struct http *http;
	struct s3_signer *signer;	/* of the read role, s3.endpoint */
	int64_t (*now_ms)(void);
	const struct bucket_index *former;	/* NULL: there is none */

	struct bucket_draft *draft;
	int64_t started_s;
	uint32_t damaged, ignored;
	unsigned pages;			/* that could be read */
	unsigned lost;			/* requests in a row without a page */
	const char *reason;		/* the last fault; NULL: all was seen */
};

/**
 * walk_bucket(w):
 * Add to w->draft, which is empty, who has a folder in the bucket, in each
 * enabled layout, and the jobs of each miner.  The upper part of ${w} is the
 * caller's, the lower one is filled in.
 *
 * A page that cannot be parsed costs nobody but the miner it is about: the walk
 * goes on behind its last name, and the miner is marked as damaged.  Where it
 * cannot go on (w->reason says why), what the former index has there is kept.
 *   Errors  ERR_IO nothing was learnt, or http_stopped()
 */
CHECKED enum err walk_bucket(struct walk *w);

#endif /* !SYNC_WALK_H_ */
