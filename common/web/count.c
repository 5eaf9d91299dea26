#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/metrics.h"
#include "web/count.h"
#include "web/web.h"

/* Wait this long before opening the file is tried again. */
#define AGAIN_US 60000000

void
count_open(struct web *w)
{
	const bool was = log_quiet(true);

	/* A caller who is quiet stays so. */
	(void)log_quiet(was || w->once);
	(void)!metrics_open(w->cfg.state_shared, w->endpoint, !w->once,
	    &w->metrics);
	(void)log_quiet(was);
	w->metrics_tried_us = clock_run_us();
}

void
count_close(struct web *w)
{

	metrics_close(w->metrics);
	w->metrics = NULL;
}

void
count_alive(struct web *w, bool confined)
{

	metrics_alive(w->metrics, confined ? METRICS_SANDBOX_ON :
	    METRICS_SANDBOX_OFF);
}

static void
try_again(struct web *w)
{
	bool was;

	if (w->once || w->unstarted ||
	    clock_run_us() < w->metrics_tried_us + AGAIN_US)
		return;
	was = log_quiet(true);
	count_open(w);
	(void)log_quiet(was);
	if (w->metrics != NULL)
		LOG(LOG_WARN, "counts_again",
		    LOG_S("after", "shared_not_opened"));
}

static enum metrics_of_KIND
kind_of(const char *name)
{
	static const char *const kinds[METRICS_COUNT_KIND] = {
		[METRICS_KIND_POST_POLICY] = "post_policy",
		[METRICS_KIND_PUT] = "put", [METRICS_KIND_LIST] = "list",
		[METRICS_KIND_GET] = "get",
	};
	unsigned k;

	for (k = 0; k < METRICS_KIND_OTHER; k++) {
		if (strcmp(kinds[k], name) == 0)
			break;
	}
	return ((enum metrics_of_KIND)k);
}

void
count_request(struct web *w, enum err e)
{
	unsigned k;

	if (w->metrics == NULL)
		try_again(w);
	metrics_count(w->metrics, METRICS_COUNTED_REQUESTS, 0, (unsigned)e, 1);
	metrics_time(w->metrics, METRICS_TIMED_REQUEST, 0,
	    clock_run_us() - w->began_us);
	if (e != ERR_OK || w->granted.kind == NULL)
		return;
	k = kind_of(w->granted.kind);
	metrics_count(w->metrics, METRICS_COUNTED_GRANTS, 0, k, 1);
	if (w->granted.urls > 0)
		metrics_count(w->metrics, METRICS_COUNTED_URLS, k, 0,
		    (uint64_t)w->granted.urls);
}
