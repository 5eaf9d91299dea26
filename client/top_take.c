#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/metrics.h"
#include "top_take.h"

struct top_take *
top_take_new(const struct config *cfg)
{
	struct top_take *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		log_die("out_of_memory", "top");
	t->cfg = cfg;
	t->source = top_source_new(cfg);
	return (t);
}

void
top_take_free(struct top_take *t)
{

	top_source_free(t->source);
	free(t);
}

/* The table is opened each time, so that one in its place is found. */
void
top_take_look(struct top_take *t)
{
	const int64_t now_s = clock_now_ms() / 1000;
	const char *why = NULL;
	struct metrics *m;

	t->before = t->now;
	top_source_read(t->source, now_s, &t->facts);
	if (metrics_copy(t->cfg->state_shared, &m, &why) == ERR_OK) {
		top_sample_take(&t->now, m, clock_tick_ms(), now_s);
		top_source_name(t->source, m, &t->facts);
		metrics_close(m);
	} else {
		top_sample_none(&t->now, why, clock_tick_ms());
	}
	t->looks++;
}

const struct top_sample *
top_take_before(const struct top_take *t)
{

	return (t->looks > 1 ? &t->before : NULL);
}
