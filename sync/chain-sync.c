/* chain-sync: learns from the chain who is registered, who owns whom and who
   validates, and keeps the identity snapshot that the endpoints look up. */

#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/timefmt.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "learn.h"
#include "net/http.h"
#include "state/metagraph.h"

#define LOCK_FILE "chain-sync.lock"
#define STATUS_FILE "chain-sync.status"

/* Wait after a first failure; doubled with each, up to sync_interval_s. */
#define BACKOFF_FIRST_S 5

/* A temporary file of this age belongs to a writer that was killed. */
#define LEFT_BEHIND_S 60

enum status {
	STATUS_OK = 0,		/* a snapshot was written */
	STATUS_FAILED = 1,	/* nothing learnt: the old snapshot stays */
	STATUS_USAGE = 2,	/* usage or configuration */
	STATUS_BUSY = 3,	/* another chain-sync runs on this directory */
	STATUS_WRITE = 4	/* learnt, but not written */
};

static const char usage_text[] =
"usage: chain-sync [--once]\n"
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
	unsigned failures;		/* in a row */
};

static volatile sig_atomic_t stop;

static void
on_stop(int sig)
{

	(void)sig;
	stop = 1;
}

/* One line of JSON about the last look, for people and monitors. */
static void
note(const struct sync *s, const char *reason, uint64_t block)
{
	char path[PATH_MAX], text[1024], when[TIMEFMT_ISO_MAX + 1];
	struct buf b;

	timefmt_iso(clock_now_ms() / 1000, when);
	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, "{\"at\":\"%s\",\"ok\":%s,\"block\":%" PRIu64
	    ",\"failures\":%u,\"reason\":", when,
	    reason == NULL ? "true" : "false", block, s->failures);
	if (reason == NULL)
		buf_str(&b, "null");
	else
		buf_json(&b, reason, strlen(reason));
	buf_str(&b, "}\n");
	if (buf_end(&b) == ERR_OK && snprintf(path, sizeof(path), "%s/"
	    STATUS_FILE, s->cfg.state_directory) < (int)sizeof(path) &&
	    file_replace(path, text, b.len, 0644) != ERR_OK) {
		/* Better none than one that says how things were before. */
		LOG(LOG_WARN, "status_not_written", LOG_S("path", path));
		unlink(path);
	}
}

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

static enum status
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
		return (STATUS_FAILED);
	}
	memcpy(info.block_hash, v->block_hash, sizeof(info.block_hash));
	advance(old, looked_at_s, &info);
	switch (metagraph_write(s->cfg.state_directory, &info, v->neurons,
	    s->hmac)) {
	case ERR_OK:
		return (STATUS_OK);
	case ERR_IO:
		*reason = "the snapshot cannot be written";
		return (STATUS_WRITE);
	default:
		*reason = "a hotkey is there twice, or a key is all zero";
		return (STATUS_FAILED);
	}
}

/* A file in the state directory; what does not fit cannot be opened. */
static void
path_of(const struct sync *s, const char *name, char path[PATH_MAX])
{

	if (snprintf(path, PATH_MAX, "%s/%s", s->cfg.state_directory, name) >=
	    PATH_MAX)
		path[0] = '\0';
}

/* Before a look: nobody but us, and people by hand, writes these files. */
static void
tidy(struct sync *s)
{
	static const char *const names[] = { METAGRAPH_FILE, STATUS_FILE };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(s, names[i], path);
		file_sweep(path, clock_now_ms() / 1000 - LEFT_BEHIND_S);
	}

	/* Whoever deleted the snapshot wants a new start. */
	path_of(s, METAGRAPH_FILE, path);
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		metagraph_free(s->present);
		s->present = metagraph_new(s->cfg.state_directory,
		    (uint32_t)s->cfg.chain_netuid, s->hmac);
	}
}

/* One look at the chain. */
static enum status
look(struct sync *s)
{
	struct learn l = { .cfg = &s->cfg, .http = s->http, .hmac = s->hmac };
	const struct metagraph_info *old;
	struct learn_view v;
	const char *reason;
	enum status status = STATUS_FAILED;
	const int64_t looked_at_s = clock_now_ms() / 1000;
	uint64_t block = 0;
	enum err e;

	tidy(s);
	if (metagraph_refresh(s->present) == ERR_OK &&
	    (old = metagraph_info(s->present)) != NULL)
		l.known_block = old->advanced_block;
	e = strcmp(s->cfg.chain_agree, "majority") == 0 ?
	    learn_majority(&l, &v) : learn_any(&l, &v);
	reason = l.reason;
	if (e == ERR_OK) {
		block = v.block;
		status = publish(s, &v, looked_at_s, &reason);
	}
	if (stop && status == STATUS_FAILED) {
		learn_free(&v);
		return (status);
	}
	if (status == STATUS_OK) {
		s->failures = 0;
		LOG(LOG_INFO, "snapshot_written", LOG_I("block", block),
		    LOG_I("neurons", v.n), LOG_I("spec", v.spec_version));
	} else {
		s->failures++;
		LOG(LOG_ERROR, "not_learnt", LOG_S("reason", reason),
		    LOG_I("failures", s->failures));
	}
	note(s, status == STATUS_OK ? NULL : reason, block);
	learn_free(&v);
	return (status);
}

/* Seconds until the next look: the interval, or after failures less, and not
   the same for everybody. */
static int64_t
pause_ms(const struct sync *s, enum status last)
{
	int64_t most = s->cfg.chain_sync_interval_s * 1000, wait = most;
	uint16_t r = 0;

	if (last != STATUS_OK && s->failures < 20) {
		wait = INT64_C(1000) * BACKOFF_FIRST_S << (s->failures - 1);
		wait = wait < most ? wait : most;
	}
	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = 0;

	/* The last quarter is chance. */
	return (wait - wait / 4 * r / UINT16_MAX);
}

static void
rest(int64_t ms)
{
	const struct timespec slice = { 0, 100000000 };

	for (; ms > 0 && !stop; ms -= 100)
		nanosleep(&slice, NULL);
}

/* At most one on a state directory; the lock goes with the process. */
static enum status
lock(const struct sync *s, int *fd)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/" LOCK_FILE,
	    s->cfg.state_directory) >= (int)sizeof(path))
		return (STATUS_USAGE);

	/* Who can open it can hold it: nobody but the directory's owner. */
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd == -1 || fchmod(*fd, 0600) != 0 || (geteuid() == 0 &&
	    stat(s->cfg.state_directory, &st) == 0 &&
	    fchown(*fd, st.st_uid, st.st_gid) != 0)) {
		LOG(LOG_ERROR, "not_locked", LOG_S("path", path),
		    LOG_S("reason", strerror(errno)));
		return (STATUS_WRITE);
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return (STATUS_OK);
	LOG(LOG_ERROR, "already_running", LOG_S("path", path));
	close(*fd);
	return (STATUS_BUSY);
}

static enum status
run(struct sync *s, bool once)
{
	enum status status;

	do {
		status = look(s);
		if (!once && !stop)
			rest(pause_ms(s, status));
	} while (!once && !stop);
	return (once ? status : STATUS_OK);
}

int
main(int argc, char **argv)
{
	static struct sync s;
	char message[CONFIG_MESSAGE_MAX + 1];
	struct sigaction sa;
	bool once = argc == 2 && strcmp(argv[1], "--once") == 0;
	enum status status;
	int fd;

	secret_process_init();
	log_open("chain-sync", clock_now_ms);
	if (argc != 1 && !once) {
		fputs(usage_text, stderr);
		return (STATUS_USAGE);
	}
	if (config_load(config_path(), &s.cfg, NULL, message) != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", message));
		return (STATUS_USAGE);
	}
	if (s.cfg.chain_endpoints.n == 0) {
		LOG(LOG_ERROR, "config_refused",
		    LOG_S("reason", "chain.endpoints is not set"));
		return (STATUS_USAGE);
	}
	if ((status = lock(&s, &fd)) != STATUS_OK)
		return ((int)status);

	/* No SA_RESTART: what waits is interrupted. */
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_stop;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);

	/* Nor does it end because nobody reads its log any more. */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	s.hmac = hmac_new();
	s.http = http_new(&stop);
	s.present = metagraph_new(s.cfg.state_directory,
	    (uint32_t)s.cfg.chain_netuid, s.hmac);
	status = run(&s, once);
	metagraph_free(s.present);
	http_free(s.http);
	hmac_free(s.hmac);
	close(fd);
	return ((int)status);
}
