/* bucket-sync: lists the folders in the bucket, and keeps the index that
   the endpoints read. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/skew.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "ask.h"
#include "daemon.h"
#include "net/http.h"
#include "s3/keyring.h"
#include "s3/bucket.h"
#include "state/bucket_draft.h"
#include "state/bucket_index.h"
#include "state/seen.h"
#include "walk.h"

static const char usage_text[] =
"usage: bucket-sync [--once | --help | --version]\n"
"\n"
"Keeps the bucket index in state.directory. Lists the folders of the bucket\n"
"every bucket.sync_interval_s seconds, until SIGTERM or SIGINT.\n"
"\n"
"  --once   list once and exit\n"
"\n"
"Exit statuses of --once:\n"
"  0  the index was written\n"
"  1  nothing was learnt; the old index stays\n"
"  2  wrong usage or configuration\n"
"  3  another bucket-sync is running\n"
"  4  the index cannot be written\n"
"  5  the index was written, but part of the bucket could not be listed; what\n"
"     the old index had there was kept\n";

struct sync {
	struct config cfg;
	struct hmac *hmac;
	struct http *http;
	struct s3_bucket bucket;	/* as bucket-sync reaches it */
	struct keyring keyring;
	struct keyring_role read;
	struct bucket_index *present;
	struct daemon daemon;
};

static enum daemon_status
publish(struct sync *s, struct walk *w, struct bucket_index_info *info)
{
	const struct bucket_index_info *old = bucket_index_info(s->present);

	info->written_at_s = clock_now_ms() / 1000;
	info->complete = w->reason == NULL;
	info->complete_at_s = info->complete ? info->written_at_s :
	    old != NULL ? old->complete_at_s : 0;
	info->ignored = w->ignored;
	if (bucket_draft_write(s->cfg.state_directory, info, w->draft,
	    s->hmac) != ERR_OK) {
		w->reason = "the index cannot be written";
		return (DAEMON_WRITE);
	}
	return (w->reason == NULL ? DAEMON_OK : DAEMON_PARTLY);
}

static void
report(struct sync *s, const struct walk *w,
    const struct bucket_index_info *info, enum daemon_status status)
{
	struct seen seen = { .skew_ms = w->skew_ms, .peers = 1 };
	char members[512];
	struct buf b;

	buf_init(&b, members, sizeof(members));
	buf_fmt(&b, "\"complete\":%s,\"folders\":%u,\"miners\":%u,"
	    "\"jobs\":%llu,\"damaged\":%u,\"ignored\":%u,\"walk_ms\":%lld",
	    info->complete ? "true" : "false", info->folders, info->miners,
	    (unsigned long long)info->jobs, w->damaged, w->ignored,
	    (long long)info->walk_ms);
	if (w->skew_ms == SKEW_UNKNOWN)
		buf_str(&b, ",\"skew_ms\":null");
	else
		buf_fmt(&b, ",\"skew_ms\":%lld", (long long)w->skew_ms);
	if (ask_fault(w) != NULL)
		snprintf(seen.fault, sizeof(seen.fault), "%s",
		    ask_fault(w)->code);
	daemon_note(&s->daemon, status, b.data, w->reason);
	daemon_seen(&s->daemon, &seen);
	if (status == DAEMON_OK || status == DAEMON_PARTLY)
		LOG(LOG_INFO, "index_written", LOG_I("folders", info->folders),
		    LOG_I("miners", info->miners), LOG_I("jobs", info->jobs),
		    LOG_I("damaged", w->damaged), LOG_I("ignored", w->ignored),
		    LOG_I("walk_ms", info->walk_ms));
	if (status != DAEMON_OK)
		LOG(LOG_ERROR, status == DAEMON_PARTLY ? "not_all_learnt" :
		    "not_learnt", LOG_S("reason", w->reason),
		    LOG_I("failures", s->daemon.failures));
}

/* One look at the bucket. */
static enum daemon_status
look(void *user)
{
	struct sync *s = user;
	struct walk w = { .cfg = &s->cfg, .http = s->http,
	    .signer = &s->read.signer, .now_ms = clock_now_ms,
	    .skew_ms = SKEW_UNKNOWN };
	struct keyring_role *const role[KEYRING_ROLES] = {
		[KEYRING_READ] = &s->read };
	struct bucket_index_info info;
	enum daemon_status status = DAEMON_FAILED;
	int64_t start = clock_now_ms();

	memset(&info, 0, sizeof(info));
	if (bucket_index_refresh(s->present) == ERR_OK)
		w.former = s->present;
	w.draft = bucket_draft_new();
	if (keyring_follow(&s->keyring, &s->cfg, start, role) != ERR_OK) {
		w.reason = "the read key was revoked, and no other is here yet";
	} else if (walk_bucket(&w) == ERR_OK) {
		info.walk_ms = clock_now_ms() - start;
		status = publish(s, &w, &info);
	}
	if (!daemon_stop || status != DAEMON_FAILED)
		report(s, &w, &info, status);
	bucket_draft_free(w.draft);
	return (status);
}

/* Set up the bucket, and only the key that may list it. */
static enum err
prepare(struct sync *s)
{
	const struct config *c = &s->cfg;
	enum err e;

	if ((e = s3_bucket_configure(&s->bucket, c, c->s3_endpoint)) != ERR_OK)
		return (e);
	if ((e = keyring_init(&s->keyring)) != ERR_OK)
		return (e);
	return (keyring_load(&s->keyring, c, KEYRING_READ, s->hmac, &s->bucket,
	    &s->read));
}

int
main(int argc, char **argv)
{
	static struct sync s;
	char message[CONFIG_MESSAGE_MAX + 1];
	bool once = argc == 2 && strcmp(argv[1], "--once") == 0;
	enum daemon_status status = DAEMON_USAGE;

	process_harden();
	log_open("bucket-sync", clock_now_ms);
	if (daemon_asked(argc, argv, "bucket-sync", usage_text, &status))
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
	s.daemon = (struct daemon){ .name = "bucket-sync",
	    .keeps = BUCKET_INDEX_FILE, .directory = s.cfg.state_directory,
	    .interval_s = s.cfg.bucket_sync_interval_s };
	s.hmac = hmac_new();
	if (prepare(&s) != ERR_OK ||
	    (status = daemon_lock(&s.daemon)) != DAEMON_OK)
		goto out;
	daemon_signals();
	s.http = http_new(&daemon_stop);
	s.present = bucket_index_new(s.cfg.state_directory, s.hmac);
	status = daemon_run(&s.daemon, once, look, &s);
	bucket_index_free(s.present);
	http_free(s.http);
out:
	sigv4_key_wipe(&s.read.key);
	keyring_free(&s.keyring);
	hmac_free(s.hmac);
	return ((int)status);
}
