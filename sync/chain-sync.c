/* chain-sync: learns from the chain who is registered, who owns whom and who
   validates, and keeps the identity snapshot that the endpoints look up. */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "daemon.h"
#include "learn.h"
#include "net/http.h"
#include "state/metagraph.h"
#include "state/snapshot.h"

static const char usage_text[] =
"usage: chain-sync [--once | --help | --version]\n"
"\n"
"Keeps the identity snapshot in state.directory: reads chain.endpoints every\n"
"chain.sync_interval_s seconds until it is told to stop (SIGTERM, SIGINT).\n"
"\n"
"  --once   look once and exit: 0 written, 1 nothing learnt and the old\n"
"           snapshot stays, 2 usage or configuration, 3 another chain-sync is\n"
"           running, 4 the snapshot cannot be written\n";

struct sync {
	struct config cfg;
	struct hmac *hmac;
	struct http *http;
	struct metagraph *present;
	struct daemon daemon;
};

/*
 * Staleness counts from when the finalized block last advanced: a node that
 * stands still, or two that take turns, make identity old although files are
 * new.
 */
static void
advance(const struct metagraph_info *old, int64_t looked_at_s,
    struct metagraph_info *info)
{

	if (old == NULL || info->block > old->advanced_block) {
		info->advanced_block = info->block;
		info->advanced_at_s = looked_at_s;
	} else {
		info->advanced_block = old->advanced_block;
		info->advanced_at_s = old->advanced_at_s;
	}
}

static enum daemon_status
publish(struct sync *s, const struct learn_view *v, int64_t looked_at_s,
    const char **reason)
{
	const struct metagraph_info *old = NULL;
	struct metagraph_info info = {
		.netuid = (uint32_t)s->cfg.chain_netuid,
		.count = v->n,
		.spec_version = v->spec_version,
		.block = v->block,
		.written_at_s = clock_now_ms() / 1000,
	};

	/* Somebody may have imported a newer one while we looked. */
	if (metagraph_refresh(s->present) == ERR_OK)
		old = metagraph_info(s->present);
	if (old != NULL && v->block < old->advanced_block &&
	    old->advanced_block - v->block >
	    (uint64_t)s->cfg.chain_max_rewind_blocks) {
		*reason = "block goes backwards further than "
		    "chain.max_rewind_blocks; to start anew, delete the "
		    "snapshot";
		return (DAEMON_FAILED);
	}
	memcpy(info.block_hash, v->block_hash, sizeof(info.block_hash));
	advance(old, looked_at_s, &info);
	switch (metagraph_write(s->cfg.state_directory, &info, v->neurons,
	    s->hmac)) {
	case ERR_OK:
		return (DAEMON_OK);
	case ERR_IO:
		*reason = "the snapshot cannot be written";
		return (DAEMON_WRITE);
	default:
		*reason = "a hotkey is there twice, or a key is all zero";
		return (DAEMON_FAILED);
	}
}

/* Whoever deleted the snapshot wants a new start. */
static void
forget(struct sync *s)
{
	char path[PATH_MAX];

	snapshot_path(s->cfg.state_directory, METAGRAPH_FILE, path);
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		metagraph_free(s->present);
		s->present = metagraph_new(s->cfg.state_directory,
		    (uint32_t)s->cfg.chain_netuid, s->hmac);
	}
}

/* One look at the chain. */
static enum daemon_status
look(void *user)
{
	struct sync *s = user;
	struct learn l = { .cfg = &s->cfg, .http = s->http, .hmac = s->hmac };
	const struct metagraph_info *old;
	struct learn_view v;
	const char *reason;
	enum daemon_status status = DAEMON_FAILED;
	const int64_t looked_at_s = clock_now_ms() / 1000;
	uint64_t block = 0;
	char members[64];
	struct buf b;
	enum err e;

	forget(s);
	if (metagraph_refresh(s->present) == ERR_OK &&
	    (old = metagraph_info(s->present)) != NULL)
		l.known_block = old->advanced_block;
	e = s->cfg.chain_agree == CONFIG_CHAIN_AGREE_MAJORITY ?
	    learn_majority(&l, &v) : learn_any(&l, &v);
	reason = l.reason;
	if (e == ERR_OK) {
		block = v.block;
		status = publish(s, &v, looked_at_s, &reason);
	}
	if (daemon_stop && status == DAEMON_FAILED) {
		learn_free(&v);
		return (status);
	}
	buf_init(&b, members, sizeof(members));
	buf_fmt(&b, "\"block\":%" PRIu64, block);
	daemon_note(&s->daemon, status, b.data, reason);
	if (status == DAEMON_OK)
		LOG(LOG_INFO, "snapshot_written", LOG_I("block", block),
		    LOG_I("neurons", v.n), LOG_I("spec", v.spec_version));
	else
		LOG(LOG_ERROR, "not_learnt", LOG_S("reason", reason),
		    LOG_I("failures", s->daemon.failures));
	learn_free(&v);
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
	s.http = http_new(&daemon_stop);
	s.present = metagraph_new(s.cfg.state_directory,
	    (uint32_t)s.cfg.chain_netuid, s.hmac);
	status = daemon_run(&s.daemon, once, look, &s);
	metagraph_free(s.present);
	http_free(s.http);
	hmac_free(s.hmac);
	return ((int)status);
}
