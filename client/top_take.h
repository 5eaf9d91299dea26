#ifndef CLIENT_TOP_TAKE_H_
#define CLIENT_TOP_TAKE_H_

#include "config/config.h"
#include "top_facts.h"
#include "top_sample.h"

/* Where foldergate top looks, and what its last two looks found. */
struct top_take {
	const struct config *cfg;
	struct top_source *source;
	size_t looks;
	struct top_sample before, now;
	struct top_facts facts;
};

/**
 * top_take_new(cfg), top_take_free(t):
 * Prepare to look at what ${cfg}, which must stay, names.
 */
struct top_take *top_take_new(const struct config *cfg);
void top_take_free(struct top_take *t);

/**
 * top_take_look(t):
 * Look.  What was found now becomes what was found before.
 */
void top_take_look(struct top_take *t);

/**
 * top_take_before(t):
 * Return what the look before the last one found, or NULL.
 */
const struct top_sample *top_take_before(const struct top_take *t);

#endif /* !CLIENT_TOP_TAKE_H_ */
