#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/skew.h"
#include "look.h"
#include "step.h"

/* All answers except the metagraph are short. */
#define SHORT_MAX 262144

/* We wait as long as a node asks for, up to a maximum. */
#define AGAIN_DEFAULT_S 30
#define AGAIN_MAX_S 3600

void
look_out(struct look *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->reason, sizeof(l->reason), fmt, ap);
	va_end(ap);
	l->state = LOOK_OUT;
}

/* --- requests and their results - */

/* Send the request of ${step}. */
static void
ask(struct look *l, size_t step)
{
	const struct look_rules *r = l->rules;
	const int64_t left_ms = r->deadline_ms - clock_tick_ms();
	struct many_job *j = &l->job;
	struct buf b;

	l->step = step;
	l->state = LOOK_BUSY;
	buf_init(&b, l->request, sizeof(l->request));
	buf_fmt(&b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\","
	    "\"params\":[", look_steps[step].method);
	look_steps[step].params(l, &b);
	buf_str(&b, "]}");
	if (buf_end(&b) != ERR_OK || left_ms <= 0) {
		look_out(l, "timed out");
		return;
	}
	j->url = l->url;
	j->body = b.data;
	j->body_len = b.len;
	j->max_bytes = (size_t)r->cfg->chain_max_answer_bytes;
	if (step != STEP_METAGRAPH && j->max_bytes > SHORT_MAX)
		j->max_bytes = SHORT_MAX;
	j->total_ms = (long)left_ms;
	l->sent_ms = r->clock_ms();
	many_start(r->many, j);
}

/* Compare the clocks. */
static void
note_skew(struct look *l)
{
	const int64_t skew_ms = skew_of(l->sent_ms, l->rules->clock_ms(),
	    l->job.date_s);

	if (skew_ms != SKEW_UNKNOWN)
		l->skew_ms = skew_ms;
}

/* Describe a status other than 200, and what to do about it. */
static const char *
meaning(int status)
{

	if (status == 429)
		return (", rate limited");
	if (status >= 300 && status < 400)
		return (", a redirect, which is not followed");
	if (status == 401 || status == 403)
		return (", access denied: is the URL's key right?");
	if (status == 404)
		return (", not there: is the URL right?");
	if (status == 405 || status == 415)
		return (", no JSON-RPC over POST: is this a node?");
	if (status == 413)
		return (", request too large for the node");
	return (status >= 500 ? ", the server has a problem" : "");
}

/* The node asked us to wait for ${wait_s}.  With 0 it gave no time. */
static void
limited(struct look *l, long wait_s)
{
	const size_t n = strlen(l->reason);

	l->again_s = wait_s < 1 ? AGAIN_DEFAULT_S : wait_s > AGAIN_MAX_S ?
	    AGAIN_MAX_S : wait_s;
	snprintf(l->reason + n, sizeof(l->reason) - n, ", asked again in %ld s",
	    l->again_s);
}

/* A failure before the node reported its head ends the look.  A later failure
   ends only the request for that block, unless it is a rate limit. */
static void
fail(struct look *l, const char *reason, bool is_limited, long wait_s)
{

	/* The version is only information for people.  A node that does not
	   report it may still be right. */
	if (l->step == STEP_SPEC && !is_limited)
		return;
	snprintf(l->reason, sizeof(l->reason), "%s", reason);
	l->state = l->step < STEP_HASH || is_limited ? LOOK_OUT : LOOK_SILENT;
	if (is_limited)
		limited(l, wait_s);
}

void
look_answered(struct look *l)
{
	const struct many_job *j = &l->job;
	const struct rpc_answer a = { j->answer, j->answer_len };
	struct rpc_fault f = { .limited = false };
	char status[64];

	note_skew(l);
	l->state = LOOK_BUSY;
	if (j->failed != NULL) {
		fail(l, j->failed, false, 0);
	} else if (j->status != 200) {
		snprintf(status, sizeof(status), "HTTP %d%s", j->status,
		    meaning(j->status));
		fail(l, status, j->status == 429 || (j->status == 503 &&
		    j->retry_after_s > 0), j->retry_after_s);
	} else if (look_steps[l->step].take(l, &a, &f) != ERR_OK) {
		fail(l, f.reason, f.limited, j->retry_after_s);
	}
	if (l->state == LOOK_BUSY)
		ask(l, l->step + 1);
	else if (l->state == LOOK_SILENT || l->state == LOOK_OUT)
		look_view_free(&l->view);
}

void
look_start(struct look *l, const struct look_rules *rules, const char *url)
{

	/* A node's WebSocket port speaks HTTP too. */
	memset(l, 0, sizeof(*l));
	l->rules = rules;
	l->skew_ms = SKEW_UNKNOWN;
	if (strncmp(url, "ws", 2) == 0)
		snprintf(l->url, sizeof(l->url), "http%s", url + 2);
	else
		snprintf(l->url, sizeof(l->url), "%s", url);
	ask(l, STEP_HEAD);
}

void
look_go(struct look *l, uint64_t height)
{

	many_drop(l->rules->many, &l->job);
	look_view_free(&l->view);
	memcpy(l->view.genesis, l->genesis, sizeof(l->genesis));
	l->target = height;
	if (height != l->height) {
		ask(l, STEP_HASH);
		return;
	}
	memcpy(l->view.hash, l->head, sizeof(l->view.hash));
	l->view.time_ms = l->head_ms;
	ask(l, STEP_SPEC);
}

void
look_end(struct look *l)
{

	many_drop(l->rules->many, &l->job);
	look_view_free(&l->view);
}

void
look_view_free(struct look_view *v)
{

	free(v->neurons);
	memset(v, 0, sizeof(*v));
}
