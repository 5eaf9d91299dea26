/* GET /metrics: what was counted and measured, for Prometheus. */

#include <string.h>

#include "auth/admit.h"
#include "base/buf.h"
#include "base/build.h"
#include "base/log.h"
#include "base/skew.h"
#include "state/bucket_index.h"
#include "state/busiest.h"
#include "state/exposition.h"
#include "state/metagraph.h"
#include "state/seen.h"
#include "web/answer.h"
#include "web/confine.h"
#include "web/endpoint.h"
#include "web/program.h"

#define DAY_S 86400

/* A gauge without labels. */
static void
gauge(const struct exposition *x, enum metrics_id id, int64_t value)
{

	exposition_head(x, id);
	exposition_gauge(x, id, NULL, NULL, 1000 * value);
}

/* --- this installation --------------------------------------------------- */

static void
write_processes(const struct exposition *x, const struct metrics *m)
{
	const char *name;
	size_t i;
	int how;

	exposition_head(x, METRICS_GAUGE_PROCESSES);
	for (i = 0; i < METRICS_ENDPOINTS; i++) {
		if ((name = metrics_endpoint(m, i)) == NULL)
			continue;
		for (how = 0; how < METRICS_COUNT_SANDBOX; how++)
			exposition_gauge(x, METRICS_GAUGE_PROCESSES, name,
			    exposition_value(METRICS_LABEL_SANDBOX,
			    (unsigned)how), 1000 * (int64_t)metrics_processes(
			    m, i, (enum metrics_of_SANDBOX)how));
	}
}

static void
write_program(const struct exposition *x, const struct metrics *m)
{

	exposition_head(x, METRICS_GAUGE_BUILD);
	exposition_gauge(x, METRICS_GAUGE_BUILD, build_version, NULL, 1000);
	gauge(x, METRICS_GAUGE_COUNTING, m != NULL);
	write_processes(x, m);
	gauge(x, METRICS_GAUGE_SANDBOX, confine_holds());
}

/* --- what the sync programs learn ---------------------------------------- */

static void
write_snapshot(const struct exposition *x, struct web *w)
{
	const struct metagraph_info *info = NULL;

	if (metagraph_refresh(w->auth.metagraph) == ERR_OK)
		info = metagraph_info(w->auth.metagraph);
	if (info == NULL)
		return;
	gauge(x, METRICS_GAUGE_SNAPSHOT_AGE,
	    w->auth.now_s - info->advanced_at_s);
	gauge(x, METRICS_GAUGE_SNAPSHOT_LIMIT, auth_max_age_s(&w->auth, info));
	gauge(x, METRICS_GAUGE_SNAPSHOT_BLOCK, (int64_t)info->block);
	gauge(x, METRICS_GAUGE_SNAPSHOT_HOTKEYS, info->count);
}

static void
write_index(const struct exposition *x, struct web *w)
{
	const struct bucket_index_info *info = NULL;

	if (bucket_index_refresh(w->index) == ERR_OK)
		info = bucket_index_info(w->index);
	if (info != NULL)
		gauge(x, METRICS_GAUGE_INDEX_AGE,
		    w->auth.now_s - bucket_index_as_of(info));
}

static void
write_skew(const struct exposition *x, const struct web *w)
{
	const struct config *c = &w->cfg;
	const struct {
		const char *file;
		int64_t interval_s;
	} peers[METRICS_COUNT_PEER] = {
		[METRICS_PEER_STORE] = {
		    SEEN_STORE, c->bucket_sync_interval_s },
		[METRICS_PEER_CHAIN] = {
		    SEEN_CHAIN, c->chain_sync_interval_s },
	};
	struct seen s;
	unsigned i;

	exposition_head(x, METRICS_GAUGE_SKEW);
	for (i = 0; i < METRICS_COUNT_PEER; i++) {
		if (seen_read(c->state_directory, peers[i].file, w->auth.now_s,
		    SEEN_LATELY_S(peers[i].interval_s), &s) &&
		    s.skew_ms != SKEW_UNKNOWN)
			exposition_gauge(x, METRICS_GAUGE_SKEW,
			    exposition_value(METRICS_LABEL_PEER, i), NULL,
			    s.skew_ms);
	}
}

/* --- what the ledger counts ---------------------------------------------- */

/* The highest count of each kind; -1: nothing was counted. */
struct quotas {
	const struct config *cfg;
	int64_t used[METRICS_COUNT_LEVEL][METRICS_COUNT_LIMIT];
	int64_t limit[METRICS_COUNT_LEVEL][METRICS_COUNT_LIMIT];
};

/* Return which value of ${label} the ${len} bytes at ${text} are, or -1. */
static int
which(enum metrics_label label, const char *text, size_t len)
{
	const char *value;
	unsigned i;

	for (i = 0; (value = exposition_value(label, i)) != NULL; i++) {
		if (strlen(value) == len && memcmp(value, text, len) == 0)
			return ((int)i);
	}
	return (-1);
}

/* LEVEL/KEY/LIMIT, or total/ROLE. */
static void
note(void *user, const char *name, int64_t used)
{
	const char *last = strrchr(name, '/');
	struct quotas *q = user;
	int level, limit;

	if (last == NULL)
		return;
	level = which(METRICS_LABEL_LEVEL, name, strcspn(name, "/"));
	limit = which(METRICS_LABEL_LIMIT, last + 1, strlen(last + 1));
	if (level == -1 || limit == -1 || used <= q->used[level][limit])
		return;
	q->used[level][limit] = used;
	q->limit[level][limit] = admit_limit(q->cfg, name);
}

static void
write_quota(const struct exposition *x, enum metrics_id id,
    const int64_t values[METRICS_COUNT_LEVEL][METRICS_COUNT_LIMIT])
{
	unsigned level, limit;

	exposition_head(x, id);
	for (level = 0; level < METRICS_COUNT_LEVEL; level++) {
		for (limit = 0; limit < METRICS_COUNT_LIMIT; limit++) {
			if (values[level][limit] < 0)
				continue;
			exposition_gauge(x, id,
			    exposition_value(METRICS_LABEL_LEVEL, level),
			    exposition_value(METRICS_LABEL_LIMIT, limit),
			    1000 * values[level][limit]);
		}
	}
}

static void
write_ledger(const struct exposition *x, struct web *w)
{
	struct quotas q;
	enum err e;

	memset(&q, 0xff, sizeof(q));
	q.cfg = &w->cfg;
	e = ledger_usage(w->admit.ledger, w->auth.now_s / DAY_S, "", note, &q);
	gauge(x, METRICS_GAUGE_LEDGER_UP, e == ERR_OK);
	if (e != ERR_OK)
		return;
	write_quota(x, METRICS_GAUGE_QUOTA_USED, q.used);
	write_quota(x, METRICS_GAUGE_QUOTA_LIMIT, q.limit);
}

/* --- what all programs count --------------------------------------------- */

static void
write_busiest(const struct exposition *x, struct metrics *m, int64_t now_s)
{
	const uint8_t *salt = NULL;
	const struct busiest_most most = busiest_most(
	    metrics_busiest(m, &salt), now_s);
	const enum metrics_id id = METRICS_GAUGE_REFUSALS_MOST;

	exposition_head(x, id);
	exposition_gauge(x, id, exposition_value(METRICS_LABEL_ONE,
	    METRICS_ONE_HOTKEY), NULL, 1000 * (int64_t)most.hotkey_refusals);
	exposition_gauge(x, id, exposition_value(METRICS_LABEL_ONE,
	    METRICS_ONE_ADDRESS), NULL, 1000 * (int64_t)most.address_refusals);
	gauge(x, METRICS_GAUGE_ADDRESSES_MOST, (int64_t)most.addresses);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct exposition x;
	struct metrics *m;
	bool was;
	int id;

	(void)in;
	(void)p;
	(void)out;
	x.open = w->accept != NULL &&
	    strcasestr(w->accept, "application/openmetrics-text") != NULL;
	x.b = answer_text(w, x.open ? EXPOSITION_OPEN : EXPOSITION_TEXT);

	/* Not the file that this process counts in: that may be an old one. */
	was = log_quiet(true);
	(void)!metrics_open(w->cfg.state_shared, NULL, true, &m);
	(void)log_quiet(was);
	for (id = 0; id < METRICS_FAMILIES; id++) {
		if (metrics_families[id].type != METRICS_GAUGE)
			exposition_counted(&x, m, (enum metrics_id)id);
	}
	write_program(&x, m);
	write_snapshot(&x, w);
	write_index(&x, w);
	write_skew(&x, w);
	write_ledger(&x, w);
	write_busiest(&x, m, w->auth.now_s);
	exposition_end(&x);
	metrics_close(m);
	return (buf_end(x.b));
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_identity, &need_index, &need_ledger, NULL
	};
	static const char *const media[] = {
		EXPOSITION_TEXT, EXPOSITION_OPEN, NULL
	};
	static const struct endpoint ep = {
		.path = "/metrics", .method = "GET",
		.summary = "Counts and measurements, for Prometheus",
		.who = &endpoint_operator, .needs = needs,
		.media = media, .vend = vend,
	};

	return (program_main(&ep));
}
