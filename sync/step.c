#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/timefmt.h"
#include "config/network.h"
#include "step.h"

/* How far a block may be ahead of our clock. */
#define FUTURE_MS 60000

/* No chain makes more than four blocks a second, counted since 1970 or since a
   known block.  In the second case, AHEAD_BLOCKS may have been on their way. */
#define BLOCK_MS 250
#define AHEAD_BLOCKS 1000

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

/* Compare the head with the known snapshot, if it is of the same chain. */
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

const struct step look_steps[] = {
	[STEP_HEAD] = { "chain_getFinalizedHead", no_params, take_head },
	[STEP_GENESIS] = { "chain_getBlockHash", first_block, take_genesis },
	[STEP_HEADER] = { "chain_getHeader", head, take_height },
	[STEP_HEAD_TIME] = { "state_getStorage", head_time, take_head_time },
	[STEP_HASH] = { "chain_getBlockHash", target_block, take_hash },
	[STEP_HASH_TIME] = { "state_getStorage", hash_time, take_hash_time },
	[STEP_SPEC] = { "state_getRuntimeVersion", hash, take_spec },
	[STEP_METAGRAPH] = { "state_call", metagraph, take_metagraph }
};
