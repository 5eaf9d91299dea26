#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/timefmt.h"
#include "config/network.h"
#include "look.h"

/* How far a block may be ahead of our clock. */
#define FUTURE_MS 60000

/* No chain has made more than four blocks a second since 1970, nor more since a
   known block, but for some that were on their way. */
#define BLOCK_MS 250
#define AHEAD_BLOCKS 1000

/* All answers but the metagraph are short. */
#define SHORT_MAX 262144

/* Waits that a node asks for are heeded, within reason. */
#define AGAIN_DEFAULT_S 30
#define AGAIN_MAX_S 3600

#define DAY_MS (INT64_C(86400) * 1000)

static void say(struct look *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
say(struct look *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->reason, sizeof(l->reason), fmt, ap);
	va_end(ap);
}

void
look_out(struct look *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->reason, sizeof(l->reason), fmt, ap);
	va_end(ap);
	l->state = LOOK_OUT;
}

/* --- the steps of the dialog ---------------------------------------------- */

static void
no_params(const struct look *l, struct buf *b)
{

	(void)l;
	(void)b;
}

static void
first_block(const struct look *l, struct buf *b)
{

	(void)l;
	buf_str(b, "0");
}

static void
target_block(const struct look *l, struct buf *b)
{

	buf_fmt(b, "%" PRIu64, l->target);
}

static void
quoted(const uint8_t hash[RPC_HASH_LEN], struct buf *b)
{
	char text[RPC_HASH_TEXT_LEN + 1];

	rpc_quote(hash, text);
	buf_str(b, text);
}

static void
head(const struct look *l, struct buf *b)
{

	quoted(l->head, b);
}

static void
hash(const struct look *l, struct buf *b)
{

	quoted(l->view.hash, b);
}

static void
head_time(const struct look *l, struct buf *b)
{

	buf_str(b, "\"" RPC_TIMESTAMP_NOW "\",");
	quoted(l->head, b);
}

static void
hash_time(const struct look *l, struct buf *b)
{

	buf_str(b, "\"" RPC_TIMESTAMP_NOW "\",");
	quoted(l->view.hash, b);
}

static void
metagraph(const struct look *l, struct buf *b)
{
	char at[RPC_HASH_TEXT_LEN + 1];

	rpc_quote(l->view.hash, at);
	rpc_call_params((uint16_t)l->rules->cfg->chain_netuid,
	    l->rules->cfg->chain_validator_stake ==
	    CONFIG_CHAIN_VALIDATOR_STAKE_TOTAL, at, b);
}

static enum err
take_head(struct look *l, const struct rpc_answer *a, struct rpc_fault *f)
{

	return (rpc_hash(a, l->head, f));
}

/* A node of another chain is never believed. */
static enum err
take_genesis(struct look *l, const struct rpc_answer *a, struct rpc_fault *f)
{
	char is[2 * RPC_HASH_LEN + 1], want[2 * RPC_HASH_LEN + 1];
	enum err e;

	if ((e = rpc_hash(a, l->genesis, f)) != ERR_OK)
		return (e);
	if (!l->rules->one_network || memcmp(l->genesis, l->rules->genesis,
	    RPC_HASH_LEN) == 0)
		return (ERR_OK);
	hex_encode(is, l->genesis, RPC_HASH_LEN);
	hex_encode(want, l->rules->genesis, RPC_HASH_LEN);
	look_out(l, "the node is of another network: its genesis is 0x%s, not "
	    "0x%s (%s)", is, want, network_name(l->rules->cfg));
	return (ERR_OK);
}

static enum err
take_height(struct look *l, const struct rpc_answer *a, struct rpc_fault *f)
{
	enum err e;

	if ((e = rpc_height(a, &l->height, f)) == ERR_OK &&
	    l->height > (uint64_t)l->rules->now_ms / BLOCK_MS)
		look_out(l, "the node says that it is at block %" PRIu64
		    ", which no chain can have reached", l->height);
	return (e);
}

void
look_age_reason(int64_t now_ms, int64_t time_ms, char *out, size_t size)
{
	const int64_t age_ms = now_ms - time_ms;
	char when[TIMEFMT_ISO_MAX + 1];

	timefmt_iso(time_ms / 1000, when);
	if (age_ms < 0)
		snprintf(out, size, "the node is at a block of %s, in the "
		    "future: is its clock wrong, or ours?", when);
	else if (age_ms >= DAY_MS)
		snprintf(out, size, "the node is at a block of %.10s, %" PRId64
		    " days old: still syncing?", when, age_ms / DAY_MS);
	else
		snprintf(out, size, "the node is at a block of %s, %" PRId64
		    " s old: does it stand still, or the chain?", when,
		    age_ms / 1000);
}

/* Compared with what is known, if that is of the same chain. */
static void
compare(struct look *l)
{
	const struct look_known *k = &l->rules->known;
	uint64_t most;

	if (!k->there || memcmp(k->genesis, l->genesis, RPC_HASH_LEN) != 0)
		return;
	most = k->block + AHEAD_BLOCKS + (l->head_ms > k->time_ms ?
	    (uint64_t)(l->head_ms - k->time_ms) / BLOCK_MS : 0);
	if (l->height + (uint64_t)l->rules->cfg->chain_max_rewind_blocks <
	    k->block) {
		l->doubt = LOOK_BEHIND;
		say(l, "block %" PRIu64 " is more than chain.max_rewind_blocks "
		    "behind the snapshot's %" PRIu64, l->height, k->block);
	} else if (l->height > most) {
		l->doubt = LOOK_AHEAD;
		say(l, "block %" PRIu64 " is further ahead of the snapshot's %"
		    PRIu64 " than a chain can get in that time", l->height,
		    k->block);
	}
}

static enum err
take_head_time(struct look *l, const struct rpc_answer *a,
    struct rpc_fault *f)
{
	const struct look_rules *r = l->rules;
	enum err e;

	if ((e = rpc_time(a, &l->head_ms, f)) != ERR_OK)
		return (e);
	if (l->head_ms < 0) {
		look_out(l, l->height == 0 ? "the node is at its first block: "
		    "still syncing?" : "no time of a block");
		return (ERR_OK);
	}
	look_age_reason(r->now_ms, l->head_ms, l->reason, sizeof(l->reason));
	if (l->head_ms > r->now_ms + FUTURE_MS) {
		l->state = LOOK_OUT;
		return (ERR_OK);
	}
	l->told = true;
	l->state = LOOK_TOLD;
	l->doubt = LOOK_STALE;
	if (r->now_ms - l->head_ms > r->cfg->chain_max_age_s * 1000)
		return (ERR_OK);
	l->reason[0] = '\0';
	l->doubt = LOOK_SOUND;
	compare(l);
	return (ERR_OK);
}

static enum err
take_hash(struct look *l, const struct rpc_answer *a, struct rpc_fault *f)
{

	return (rpc_hash(a, l->view.hash, f));
}

static enum err
take_hash_time(struct look *l, const struct rpc_answer *a,
    struct rpc_fault *f)
{

	return (rpc_time(a, &l->view.time_ms, f));
}

static enum err
take_spec(struct look *l, const struct rpc_answer *a, struct rpc_fault *f)
{

	return (rpc_spec_version(a, &l->view.spec_version, f));
}

static enum err
take_metagraph(struct look *l, const struct rpc_answer *a,
    struct rpc_fault *f)
{
	struct look_view *v = &l->view;
	const struct config *cfg = l->rules->cfg;
	uint32_t all;
	enum err e;

	e = rpc_metagraph(a, (uint16_t)cfg->chain_netuid,
	    cfg->chain_validator_stake == CONFIG_CHAIN_VALIDATOR_STAKE_TOTAL,
	    &v->block, &v->neurons, &all, f);
	if (e != ERR_OK)
		return (e);
	l->state = LOOK_SILENT;
	v->n = metagraph_sift(v->neurons, all);
	v->left_out = all - v->n;
	if (v->block != l->target) {
		say(l, "the metagraph is of block %" PRIu64 ", the header of %"
		    PRIu64, v->block, l->target);
	} else if (v->n == 0) {
		say(l, "each row has a key of all zeros, or a hotkey that is "
		    "there twice");
	} else {
		l->reason[0] = '\0';
		l->state = LOOK_DONE;
	}
	return (ERR_OK);
}

enum {
	STEP_HEAD, STEP_GENESIS, STEP_HEADER, STEP_HEAD_TIME,
	STEP_HASH, STEP_HASH_TIME,	/* if another block is asked for */
	STEP_SPEC, STEP_METAGRAPH
};

static const struct step {
	const char *method;
	void (*params)(const struct look *l, struct buf *b);
	enum err (*take)(struct look *l, const struct rpc_answer *a,
	    struct rpc_fault *f);
} steps[] = {
	[STEP_HEAD] = { "chain_getFinalizedHead", no_params, take_head },
	[STEP_GENESIS] = { "chain_getBlockHash", first_block, take_genesis },
	[STEP_HEADER] = { "chain_getHeader", head, take_height },
	[STEP_HEAD_TIME] = { "state_getStorage", head_time, take_head_time },
	[STEP_HASH] = { "chain_getBlockHash", target_block, take_hash },
	[STEP_HASH_TIME] = { "state_getStorage", hash_time, take_hash_time },
	[STEP_SPEC] = { "state_getRuntimeVersion", hash, take_spec },
	[STEP_METAGRAPH] = { "state_call", metagraph, take_metagraph }
};

/* --- asking, and what comes of it - */

/* Ask what the step asks. */
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
	    "\"params\":[", steps[step].method);
	steps[step].params(l, &b);
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
	many_start(r->many, j);
}

/* What a status other than 200 means, and what to do. */
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

/* The node asked us to come back in ${wait_s}; 0: it did not say when. */
static void
limited(struct look *l, long wait_s)
{
	const size_t n = strlen(l->reason);

	l->again_s = wait_s < 1 ? AGAIN_DEFAULT_S : wait_s > AGAIN_MAX_S ?
	    AGAIN_MAX_S : wait_s;
	snprintf(l->reason + n, sizeof(l->reason) - n, ", asked again in %ld s",
	    l->again_s);
}

/* A failure before the head is told is the end; after it, of that block. */
static void
fail(struct look *l, const char *reason, bool is_limited, long wait_s)
{

	/* Only told to people: a node that does not say may still be right. */
	if (l->step == STEP_SPEC && !is_limited)
		return;
	say(l, "%s", reason);
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

	l->state = LOOK_BUSY;
	if (j->failed != NULL) {
		fail(l, j->failed, false, 0);
	} else if (j->status != 200) {
		snprintf(status, sizeof(status), "HTTP %d%s", j->status,
		    meaning(j->status));
		fail(l, status, j->status == 429 || (j->status == 503 &&
		    j->retry_after_s > 0), j->retry_after_s);
	} else if (steps[l->step].take(l, &a, &f) != ERR_OK) {
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
