#ifndef SYNC_LEARN_H_
#define SYNC_LEARN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "look.h"
#include "net/many.h"

/* An endpoint, from look to look. */
struct learn_endpoint {
	char reason[LOOK_REASON_MAX + 1];	/* "": it answered */
	uint64_t block;			/* reported block, if it answered */
	int64_t skew_ms;		/* of its clock: base/skew.h */
	int64_t again_ms;		/* not asked again before that tick */
};

/* State that is kept from look to look. */
struct learn {
	const struct config *cfg;
	struct many *many;

	/* Set by the caller for one look. */
	int64_t now_ms;
	int64_t (*clock_ms)(void);	/* the time during the look */
	struct look_known known;

	/* Results. */
	struct learn_endpoint endpoint[CONFIG_ITEMS_MAX];
	bool confirmed;		/* a majority of at least two nodes reported
				   this block as its last one */
	char reason[LOOK_REASON_MAX + 1];	/* why nothing was learned */
};

/**
 * learn(l, v):
 * Ask all configured endpoints at once, for at most chain.timeout_s, and set
 * ${v}.  The caller frees it with look_view_free().
 *
 * any: the first one in the list that is ahead of the known block.  Endpoints
 * that are slower than the first answer get the same time again.  If none is
 * ahead, the highest. majority: see vote.h.
 *
 * A node that contradicts the known snapshot is believed if more than half of
 * the endpoints, at least two, reported the same head.  The same holds for a
 * node whose head is older than chain.max_age_s, up to chain.halt_max_age_s.
 *
 * Endpoints that fail or disagree are named in the log.  After a look in which
 * one failed, the next one uses new connections.
 *   Errors  ERR_IO, ERR_FORMAT; l->reason has the reason
 */
CHECKED enum err learn(struct learn *l, struct look_view *v);

#endif /* !SYNC_LEARN_H_ */
