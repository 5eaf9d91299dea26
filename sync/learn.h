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
	uint64_t block;			/* what it told, if it answered */
	int64_t again_ms;		/* not to be asked before that tick */
};

/* What it takes to look at the chain, from look to look. */
struct learn {
	const struct config *cfg;
	struct many *many;

	/* For one look: the caller's. */
	int64_t now_ms;
	struct look_known known;

	/* What came of it. */
	struct learn_endpoint endpoint[CONFIG_ITEMS_MAX];
	bool confirmed;		/* a majority of at least two nodes told this
				   block as its last one */
	char reason[LOOK_REASON_MAX + 1];	/* why nothing was learnt */
};

/**
 * learn(l, v):
 * Ask all configured endpoints at once, until chain.timeout_s at most, and set
 * ${v}, to be given to look_view_free().
 *
 * any: the first one in the list that is ahead of what is known, of those that
 * answer before the others have had as long again as the first one took; if
 * none is ahead, the highest.  majority: see vote.h.
 *
 * A node that contradicts the known snapshot is believed if more than half of
 * the endpoints, at least two, told the same head; so is one whose head is
 * older than chain.max_age_s, up to chain.halt_max_age_s.
 *
 * Endpoints that fail or disagree are named in the log.  After a look in which
 * one failed, the next one uses new connections.
 *   Errors  ERR_IO, ERR_FORMAT; l->reason says why
 */
CHECKED enum err learn(struct learn *l, struct look_view *v);

#endif /* !SYNC_LEARN_H_ */
