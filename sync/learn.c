#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/skew.h"
#include "config/network.h"
#include "learn.h"
#include "party.h"
#include "vote.h"

/* How far a block may be ahead of the local clock. */
#define FUTURE_MS 60000

/* Copy scheme and host only, since a path or query may hold a token. */
static void
name_of(const char *url, char out[CONFIG_TEXT_MAX + 1])
{
	const char *host = strstr(url, "://");
	size_t n;

	n = host == NULL ? 0 : (size_t)(host - url) + 3;
	n += strcspn(url + n, "/?#");
	snprintf(out, CONFIG_TEXT_MAX + 1, "%.*s", (int)n, url);
}

/* --- chain.agree = any - */

/* Is ${l} better than ${best}, which is before it in the list?  The best
   one has no doubt and is ahead of the known block; if none is, the highest
   one. */
static bool
better(const struct look *l, const struct look *best)
{

	if ((l->doubt == LOOK_SOUND) != (best->doubt == LOOK_SOUND))
		return (l->doubt == LOOK_SOUND);
	return (best->height <= l->rules->known.block &&
	    l->height > best->height);
}

static void
any(struct party *p)
{
	struct look *l;
	size_t i, best = p->n;

	for (i = 0; i < p->n; i++) {
		l = &p->look[i];
		if (l->state == LOOK_TOLD && party_believes(p, l))
			look_go(l, l->height);
		if (l->state == LOOK_DONE && (best == p->n ||
		    better(l, &p->look[best])))
			best = i;
	}
	if (best < p->n && p->winner == p->n)
		p->wake_ms = party_patience(p);
	p->winner = best;
}

/* --- one look - */

/* Skip an endpoint that asked for a later retry until then. */
static bool
resting(const struct learn_endpoint *e, struct look *l)
{
	static const char tail[] = ", asked again in ";
	const int64_t left_ms = e->again_ms - clock_tick_ms();
	const char *at = strstr(e->reason, tail);
	const int n = at == NULL ? 0 : (int)(at - e->reason);

	if (left_ms <= 0)
		return (false);
	look_out(l, "%.*s%s%lld s", n, e->reason, tail,
	    (long long)(left_ms + 999) / 1000);
	return (true);
}

static void
start(struct learn *l, struct party *p)
{
	const struct config *cfg = l->cfg;
	size_t i;

	p->rules.cfg = cfg;
	p->rules.many = l->many;
	p->rules.now_ms = l->now_ms;
	p->rules.clock_ms = l->clock_ms;
	p->rules.known = l->known;
	p->rules.one_network = network_genesis(cfg, p->rules.genesis);
	p->started_ms = clock_tick_ms();
	p->rules.deadline_ms = p->started_ms + cfg->chain_timeout_s * 1000;
	p->n = p->winner = cfg->chain_endpoints.n;
	for (i = 0; i < p->n; i++) {
		p->look[i].rules = &p->rules;
		p->look[i].skew_ms = SKEW_UNKNOWN;
		if (!resting(&l->endpoint[i], &p->look[i]))
			look_start(&p->look[i], &p->rules,
			    cfg->chain_endpoints.item[i]);
	}
}

static bool
busy(const struct party *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (p->look[i].state == LOOK_BUSY)
			return (true);
	}
	return (false);
}

/* Return the look that owns the job. */
static struct look *
look_of(struct party *p, const struct many_job *job)
{
	size_t i;

	for (i = 0; &p->look[i].job != job; i++)
		;
	return (&p->look[i]);
}

/* Take answers until the result is decided, or cannot be reached any more. */
static void
hear(struct learn *l, struct party *p, void (*decide)(struct party *))
{
	struct many_job *job;
	int64_t now_ms, until_ms;

	for (;;) {
		decide(p);
		now_ms = clock_tick_ms();
		if (!busy(p) || many_stopped(l->many) ||
		    now_ms >= p->rules.deadline_ms ||
		    (p->winner < p->n && now_ms >= p->wake_ms))
			return;
		until_ms = p->wake_ms > now_ms &&
		    p->wake_ms < p->rules.deadline_ms ? p->wake_ms :
		    p->rules.deadline_ms;
		job = many_next(l->many, (long)(until_ms - now_ms));
		if (job != NULL)
			look_answered(look_of(p, job));
	}
}

/* Describe the i-th endpoint's result at the end. */
static void
judge(struct party *p, size_t i, bool by_vote)
{
	struct look *l = &p->look[i];

	if (l->state == LOOK_BUSY)
		look_out(l, p->winner == p->n ? "timed out" :
		    "slower than the others, and not waited for");
	else if (by_vote && l->state == LOOK_DONE && p->winner < p->n &&
	    !vote_agrees(p, i))
		snprintf(l->reason, sizeof(l->reason),
		    "disagrees with the majority");
	else if (l->state == LOOK_TOLD && party_believes(p, l))
		l->reason[0] = '\0';
}

/* Log the endpoints that failed, and keep their results for the next look. */
static void
note(struct learn *l, struct party *p, bool by_vote)
{
	char name[CONFIG_TEXT_MAX + 1];
	struct learn_endpoint *e;
	struct look *k;
	size_t i;

	for (i = 0; i < p->n; i++) {
		k = &p->look[i];
		e = &l->endpoint[i];
		judge(p, i, by_vote);
		memcpy(e->reason, k->reason, sizeof(e->reason));
		e->block = k->height;
		e->skew_ms = k->skew_ms;
		if (k->again_s > 0)
			e->again_ms = clock_tick_ms() + k->again_s * 1000;
		if (k->reason[0] == '\0')
			continue;
		name_of(l->cfg->chain_endpoints.item[i], name);
		LOG(LOG_WARN, "endpoint_failed", LOG_S("endpoint", name),
		    LOG_S("reason", k->reason));
	}
}

/* Why nothing was learned: several endpoints disagreed, or the last
   endpoint's reason. */
static void
explain(struct learn *l, const struct party *p, bool by_vote)
{
	bool told = false;
	size_t i, last = p->n;

	for (i = 0; i < p->n; i++) {
		told |= p->look[i].told && p->look[i].state != LOOK_OUT;
		if (p->look[i].reason[0] != '\0')
			last = i;
	}
	if (p->n == 0)
		snprintf(l->reason, sizeof(l->reason),
		    "no endpoint is configured");
	else if (p->n > 1 && by_vote && told)
		snprintf(l->reason, sizeof(l->reason),
		    "no majority of the endpoints agrees");
	else if (last == p->n)
		snprintf(l->reason, sizeof(l->reason), "no answer");
	else if (p->n == 1)
		memcpy(l->reason, p->look[0].reason, sizeof(l->reason));
	else
		snprintf(l->reason, sizeof(l->reason),
		    "endpoint %zu of %zu: %.200s", last + 1, p->n,
		    p->look[last].reason);
}

/* Return the winner's view, if its block is recent enough. */
static enum err
take(struct learn *l, struct party *p, int64_t time_ms, struct look_view *v)
{
	struct look_view *won = &p->look[p->winner].view;
	size_t i, shared = party_shared_head(p);

	l->confirmed = shared < p->n && memcmp(p->look[shared].head,
	    won->hash, sizeof(won->hash)) == 0;
	won->time_ms = time_ms;
	if (won->time_ms > l->now_ms + FUTURE_MS || l->now_ms - won->time_ms >
	    party_limit_ms(p, won->hash)) {
		look_age_reason(l->now_ms, won->time_ms < 0 ? 0 :
		    won->time_ms, l->reason, sizeof(l->reason));
		return (ERR_FORMAT);
	}

	/* This is not part of the vote.  It is reported only if all agree. */
	for (i = 0; i < p->n; i++) {
		if (vote_agrees(p, i) &&
		    p->look[i].view.spec_version != won->spec_version)
			won->spec_version = 0;
	}
	*v = *won;
	memset(won, 0, sizeof(*won));
	return (ERR_OK);
}

enum err
learn(struct learn *l, struct look_view *v)
{
	const bool by_vote = l->cfg->chain_agree == CONFIG_CHAIN_AGREE_MAJORITY;
	struct party *p;
	bool failed;
	enum err e;
	size_t i;

	memset(v, 0, sizeof(*v));
	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_die("out_of_memory", "learn");
	start(l, p);
	hear(l, p, by_vote ? vote : any);
	if (many_stopped(l->many)) {
		snprintf(l->reason, sizeof(l->reason), "told to stop");
		e = ERR_IO;
	} else {
		note(l, p, by_vote);
		explain(l, p, by_vote);
		e = p->winner == p->n ? ERR_IO : take(l, p, by_vote ?
		    vote_time_ms(p) : p->look[p->winner].view.time_ms, v);
	}
	failed = e != ERR_OK;
	for (i = 0; i < p->n; i++) {
		failed |= p->look[i].reason[0] != '\0';
		look_end(&p->look[i]);
	}

	/* A balancer may have chosen a node that lags, or that only disagrees.
	   The next connection may lead to another one. */
	if (failed)
		many_renew(l->many);
	free(p);
	return (e);
}
