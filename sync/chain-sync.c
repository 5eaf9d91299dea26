/* chain-sync: reads hotkeys, their owners and validators from the chain,
   and keeps the identity snapshot that the endpoints use. */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/process.h"
#include "base/skew.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "daemon.h"
#include "learn.h"
#include "net/many.h"
#include "state/metagraph.h"
#include "state/seen.h"
#include "state/snapshot.h"

static const char usage_text[] =
"usage: chain-sync [--once | --help | --version]\n"
"\n"
"Keeps the identity snapshot in state.directory. Asks chain.endpoints every\n"
"chain.sync_interval_s seconds, until SIGTERM or SIGINT.\n"
"\n"
"  --once   ask once and exit\n"
"\n"
"Exit statuses of --once:\n"
"  0  the snapshot was written\n"
"  1  nothing was learnt; the old snapshot stays\n"
"  2  wrong usage or configuration\n"
"  3  another chain-sync is running\n"
"  4  the snapshot cannot be written\n";

/* The most left-out rows that are named in the log and the status. */
#define LEFT_OUT_NAMED 32

/* The status file's members about these rows and about each endpoint. */
#define MEMBERS_MAX (512 + LEFT_OUT_NAMED * 6 +				\
    CONFIG_ITEMS_MAX * (LOOK_REASON_MAX + 128))

struct sync {
	struct config cfg;
	struct hmac *hmac;
	struct learn learn;
	struct metagraph *present;
	struct daemon daemon;
};

/* Name unusable rows by uid, at most the first LEFT_OUT_NAMED. */
static void
list_left_out(const struct metagraph_neuron *rows, uint32_t n, struct buf *b)
{
	uint32_t i;

	for (i = 0; i < n && i < LEFT_OUT_NAMED; i++)
		buf_fmt(b, "%s%u", i > 0 ? "," : "", rows[i].uid);
}

static void
log_left_out(const struct metagraph_neuron *rows, uint32_t n)
{
	char text[LEFT_OUT_NAMED * 6 + 1];
	struct buf b;

	if (n == 0)
		return;
	buf_init(&b, text, sizeof(text));
	list_left_out(rows, n, &b);
	LOG(LOG_WARN, "rows_left_out", LOG_I("rows", n),
	    LOG_S("uids", b.data), LOG_S("reason", "a key of all zeros, or a "
	    "hotkey that occurs more than once"));
}

/* A single node must not contradict the snapshot, if that is trusted. */
static void
known(struct sync *s, int64_t now_ms, struct look_known *k)
{
	static const uint8_t zero[RPC_HASH_LEN];
	struct auth a = { .cfg = &s->cfg, .metagraph = s->present,
	    .now_s = now_ms / 1000 };
	const struct metagraph_info *info;

	memset(k, 0, sizeof(*k));
	if (auth_fresh(&a) != ERR_OK)
		return;
	info = metagraph_info(s->present);
	if (memcmp(info->genesis, zero, sizeof(zero)) == 0)
		return;
	k->there = true;
	memcpy(k->genesis, info->genesis, sizeof(k->genesis));
	k->block = info->advanced_block;
	k->time_ms = info->advanced_at_s * 1000;
}

/* Why the present snapshot is not used any more, or NULL if it is. */
static const char *
overruled(const struct metagraph_info *old, const struct look_known *k,
    const struct look_view *v, const struct config *cfg)
{

	if (old == NULL)
		return (NULL);
	if (memcmp(old->genesis, v->genesis, sizeof(v->genesis)) != 0)
		return ("it is of another network, or of one that is not "
		    "known");
	if (!k->there)
		return (v->block < old->advanced_block ?
		    "it is too old, or from the future" : NULL);
	if (v->block + (uint64_t)cfg->chain_max_rewind_blocks <
	    old->advanced_block)
		return ("a majority of the endpoints tells a lower block");
	return (NULL);
}

static void
log_overruled(const struct metagraph_info *old, const struct look_view *v,
    const char *why)
{

	LOG(LOG_WARN, "snapshot_overruled", LOG_I("block", old->advanced_block),
	    LOG_I("by", v->block), LOG_S("reason", why));
}

static enum daemon_status
publish(struct sync *s, struct look_view *v, const char **reason)
{
	const struct metagraph_info *old = NULL;
	struct metagraph_info info = {
		.netuid = (uint32_t)s->cfg.chain_netuid,
		.count = v->n + v->left_out,
		.spec_version = v->spec_version,
		.block = v->block,
		.written_at_s = clock_now_ms() / 1000,
		.advanced_block = v->block,
		.advanced_at_s = v->time_ms / 1000,
	};
	const char *why;

	if (s->cfg.chain_validator_stake == CONFIG_CHAIN_VALIDATOR_STAKE_TOTAL)
		info.flags |= METAGRAPH_TOTAL_KNOWN;
	if (s->learn.confirmed)
		info.flags |= METAGRAPH_CONFIRMED;
	memcpy(info.block_hash, v->hash, sizeof(info.block_hash));
	memcpy(info.genesis, v->genesis, sizeof(info.genesis));
	if (metagraph_refresh(s->present) == ERR_OK)
		old = metagraph_info(s->present);
	why = overruled(old, &s->learn.known, v, &s->cfg);
	if (why != NULL)
		log_overruled(old, v, why);
	else if (old != NULL && old->advanced_block > v->block)
		info.advanced_block = old->advanced_block;
	switch (metagraph_write(s->cfg.state_directory, &info, v->neurons,
	    s->hmac)) {
	case ERR_OK:
		log_left_out(v->neurons + v->n, v->left_out);
		return (DAEMON_OK);
	case ERR_IO:
		*reason = "the snapshot cannot be written";
		return (DAEMON_WRITE);
	default:
		*reason = "no row is left that can be used";
		return (DAEMON_FAILED);
	}
}

/* An operator who deleted the snapshot wants a new start. */
static void
forget(struct sync *s)
{
	char path[PATH_MAX];

	snapshot_path(s->cfg.state_directory, METAGRAPH_FILE, path);
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		metagraph_free(s->present);
		s->present = auth_metagraph(&s->cfg, s->hmac);
	}
}

/* Append how far an endpoint's clock is from ours, if that is far. */
static void
add_skew(const struct learn_endpoint *e, char *text, size_t size)
{
	const size_t n = strlen(text);

	if (skew_is_off(e->skew_ms))
		snprintf(text + n, size - n, ", its clock is %" PRId64
		    " s %s this machine's", skew_seconds(e->skew_ms),
		    e->skew_ms > 0 ? "ahead of" : "behind");
}

/* One sentence for each endpoint. */
static void
list_endpoints(const struct learn *l, struct buf *b)
{
	const size_t n = l->cfg->chain_endpoints.n;
	char text[LOOK_REASON_MAX + 128];
	const struct learn_endpoint *e;
	size_t i;

	for (i = 0; i < n; i++) {
		e = &l->endpoint[i];
		if (e->reason[0] != '\0')
			snprintf(text, sizeof(text), "endpoint %zu of %zu: %s",
			    i + 1, n, e->reason);
		else
			snprintf(text, sizeof(text), "endpoint %zu of %zu: "
			    "block %" PRIu64, i + 1, n, e->block);
		add_skew(e, text, sizeof(text));
		buf_str(b, i > 0 ? "," : "");
		buf_json(b, text, strlen(text));
	}
}

/* Compare our clock with those of the endpoints. */
static void
compare_clocks(struct sync *s)
{
	int64_t skew_ms[CONFIG_ITEMS_MAX];
	struct seen seen = { .peers = 0 };
	size_t i, n = s->cfg.chain_endpoints.n, known;

	for (i = 0; i < n; i++)
		skew_ms[i] = s->learn.endpoint[i].skew_ms;
	seen.skew_ms = skew_median(skew_ms, n, &known);
	seen.peers = (int64_t)known;
	daemon_seen(&s->daemon, &seen);
}

/* Write the status file, for people and monitors. */
static void
note(struct sync *s, enum daemon_status status, const struct look_view *v,
    const char *reason)
{
	char members[MEMBERS_MAX + 1], genesis[2 * RPC_HASH_LEN + 1];
	struct buf b;

	buf_init(&b, members, sizeof(members));
	buf_fmt(&b, "\"block\":%" PRIu64, v->block);
	if (status == DAEMON_OK) {
		hex_encode(genesis, v->genesis, sizeof(v->genesis));
		buf_fmt(&b, ",\"genesis\":\"0x%s\",\"block_time\":%" PRId64
		    ",\"confirmed\":%s", genesis, v->time_ms / 1000,
		    s->learn.confirmed ? "true" : "false");
	}
	buf_fmt(&b, ",\"left_out_rows\":%" PRIu32 ",\"left_out\":[",
	    v->left_out);
	list_left_out(v->neurons + v->n, v->left_out, &b);
	buf_str(&b, "],\"endpoints\":[");
	list_endpoints(&s->learn, &b);
	buf_str(&b, "]");
	daemon_note(&s->daemon, status, b.data, reason);
}

/* One look at the chain. */
static enum daemon_status
look(void *user)
{
	struct sync *s = user;
	struct learn *l = &s->learn;
	enum daemon_status status = DAEMON_FAILED;
	const char *reason = l->reason;
	struct look_view v;

	forget(s);
	l->now_ms = clock_now_ms();
	known(s, l->now_ms, &l->known);
	if (learn(l, &v) == ERR_OK)
		status = publish(s, &v, &reason);
	if (daemon_stop && status == DAEMON_FAILED) {
		look_view_free(&v);
		return (status);
	}
	note(s, status, &v, reason);
	compare_clocks(s);
	if (status == DAEMON_OK)
		LOG(LOG_INFO, "snapshot_written", LOG_I("block", v.block),
		    LOG_I("neurons", v.n), LOG_I("spec", v.spec_version));
	else
		LOG(LOG_ERROR, "not_learnt", LOG_S("reason", reason),
		    LOG_I("failures", s->daemon.failures));
	look_view_free(&v);
	return (status);
}

int
main(int argc, char **argv)
{
	static struct sync s;
	char message[CONFIG_MESSAGE_MAX + 1];
	bool once = argc == 2 && strcmp(argv[1], "--once") == 0;
	enum daemon_status status;

	process_harden();
	log_open("chain-sync", clock_now_ms);
	if (daemon_asked(argc, argv, "chain-sync", usage_text, &status))
		return ((int)status);
	if (argc != 1 && !once) {
		fputs(usage_text, stderr);
		return (DAEMON_USAGE);
	}
	process_alone();
	if (!once)
		process_warn_root();
	if (config_load(config_path(), &s.cfg, NULL, message) != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", message));
		return (DAEMON_USAGE);
	}
	if (s.cfg.chain_endpoints.n == 0) {
		LOG(LOG_ERROR, "config_refused",
		    LOG_S("reason", "chain.endpoints is not set"));
		return (DAEMON_USAGE);
	}
	s.daemon = (struct daemon){ .name = "chain-sync",
	    .keeps = METAGRAPH_FILE, .directory = s.cfg.state_directory,
	    .interval_s = s.cfg.chain_sync_interval_s };
	if ((status = daemon_lock(&s.daemon)) != DAEMON_OK)
		return ((int)status);
	daemon_signals();
	s.hmac = hmac_new();
	s.learn.cfg = &s.cfg;
	s.learn.clock_ms = clock_now_ms;
	s.learn.many = many_new(&daemon_stop, s.cfg.chain_ca_file);
	s.present = auth_metagraph(&s.cfg, s.hmac);
	status = daemon_run(&s.daemon, once, look, &s);
	metagraph_free(s.present);
	many_free(s.learn.many);
	hmac_free(s.hmac);
	return ((int)status);
}
