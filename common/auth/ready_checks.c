#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "auth/admit.h"
#include "auth/ready_checks.h"
#include "auth/ready_log.h"
#include "auth/ready_mend.h"
#include "auth/ready_metrics.h"
#include "auth/ready_secrets.h"
#include "auth/ready_settings.h"
#include "auth/ready_outside.h"
#include "base/secret.h"
#include "ledger/ledger.h"
#include "s3/bucket.h"
#include "state/denylist.h"
#include "state/metagraph.h"
#include "state/throttle.h"

/* Commands in the form of ready_mend(). */
#define MEND_KEY "head -c 32 /dev/urandom | base64 | " READY_SECRETS_MEND
#define MEND_STATE "install -d -o %U -g %G -m 0755 %P"
#define MEND_DIRECTORY "install -d -o %U -g %G -m 0750 %P"
#define MEND_OWN "chown %U:%G %P && chmod 0600 %P"
#define MEND_ASIDE "mv %P %P.damaged"
#define MEND_LEDGER MEND_ASIDE " && rm -f %P-wal %P-shm"
#define MEND_REMOVE "rm -r %P"
#define MEND_ROOM "df -h %D"
#define MEND_CHAIN "sudo -u %S %Cchain-sync --once"

static void
set_path(struct ready_found *f, const char *directory, const char *name)
{

	snprintf(f->path, sizeof(f->path), "%s%s%s", directory,
	    name[0] != '\0' ? "/" : "", name);
}

static void
set_reason(struct ready_found *f, const char *reason)
{

	snprintf(f->reason, sizeof(f->reason), "%s", reason);
}

static void
mend(const struct ready_checks *c, struct ready_found *f, const char *form)
{

	ready_mend(f, &c->uses.as, form);
}

static bool
is_there(const char *path)
{
	struct stat st;

	return (lstat(path, &st) == 0);
}

/* --- faults that stay until somebody mends them -------------------------- */

static bool
good_bucket(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;
	struct s3_bucket b;

	if (s3_bucket_configure(&b, cfg, cfg->s3_endpoint) == ERR_OK &&
	    s3_bucket_configure(&b, cfg, cfg->s3_public_endpoint) == ERR_OK)
		return (true);
	return (ready_settings_blame(c, f));
}

/* Check the key of the audit log, even if audit.required is not set. */
static bool
good_audit_key(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;
	const struct audit_options o = {
		.path = cfg->audit_key_file[0] != '\0' ? cfg->audit_file : "",
		.key_file = cfg->audit_key_file,
		.max_bytes = cfg->audit_max_bytes,
		.wait_ms = AUDIT_WAIT_MS,
	};

	if (audit_open(&o, c->uses.hmac, &c->audit) == ERR_OK)
		return (true);
	return (ready_secrets_blame(c, f, cfg->audit_key_file, MEND_KEY));
}

static bool
good_ledger_options(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;
	const char *file = cfg->state_redis_password_file;

	if (c->ledger != NULL ||
	    admit_open_ledger(cfg, &c->ledger) == ERR_OK)
		return (true);
	if (file[0] == '\0' || secret_check(file) == ERR_OK)
		file = cfg->state_redis_sentinel_password_file;
	if (cfg->state_redis_url[0] == '\0' || (file[0] != '\0' &&
	    secret_check(file) == ERR_OK))
		file = "";
	return (ready_secrets_blame(c, f, file, READY_SECRETS_MEND));
}

/* --- faults that may pass by themselves ---------------------------------- */

/* Check that f->path is a directory that allows us ${access}. */
static bool
good_directory(const struct ready_checks *c, struct ready_found *f, int access)
{
	struct stat st;

	if (stat(f->path, &st) != 0) {
		set_reason(f, strerror(errno));
		ready_mend_file(f, &c->uses.as, false, MEND_STATE, MEND_STATE);
		return (false);
	}
	if (!S_ISDIR(st.st_mode)) {
		set_reason(f, "is no directory");
		mend(c, f, MEND_ASIDE " && " MEND_STATE);
		return (false);
	}
	if (faccessat(AT_FDCWD, f->path, access, AT_EACCESS) == 0)
		return (true);
	set_reason(f, errno == EROFS ? "is on a read-only file system" :
	    (access & W_OK) != 0 ? "may not be written by the programs" :
	    "may not be read by the programs");
	mend(c, f, (access & W_OK) != 0 ? MEND_STATE : "chmod 0755 %P");
	return (false);
}

/* If both are one directory, good_shared() checks it. */
static bool
is_one(const struct config *cfg)
{

	return (strcmp(cfg->state_directory, cfg->state_shared) == 0);
}

/* While this fails, no other file in that directory is checked. */
static bool
good_state(struct ready_checks *c, struct ready_found *f)
{

	set_path(f, c->uses.cfg->state_directory, "");
	c->can_read = is_one(c->uses.cfg) ||
	    good_directory(c, f, R_OK | X_OK);
	return (c->can_read);
}

static bool
good_shared(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;

	set_path(f, cfg->state_shared, "");
	c->can_write = good_directory(c, f, R_OK | W_OK | X_OK);
	if (is_one(cfg))
		c->can_read = c->can_write || faccessat(AT_FDCWD,
		    cfg->state_directory, X_OK, AT_EACCESS) == 0;
	return (c->can_write);
}

static bool
good_identity(struct ready_checks *c, struct ready_found *f)
{
	enum err e;

	if (!c->can_read || (e = auth_fresh(&c->auth)) == ERR_OK)
		return (true);
	f->code = err_code(e);
	set_path(f, c->uses.cfg->state_directory, METAGRAPH_FILE);
	if (e == ERR_STALE)
		set_reason(f, metagraph_info(c->auth.metagraph)->advanced_at_s >
		    c->auth.now_s ? "is from the future: is the clock wrong?" :
		    "is older than chain.max_age_s");
	else if (!is_there(f->path))
		set_reason(f, "there is none: chain-sync has written none yet");
	ready_mend_file(f, &c->uses.as, false, MEND_CHAIN, READY_MEND_READ);
	return (false);
}

static bool
good_denylist(struct ready_checks *c, struct ready_found *f)
{

	if (!c->can_read)
		return (true);
	if (c->denylist == NULL)
		c->denylist = denylist_new(c->uses.cfg->state_directory);
	if (denylist_refresh(c->denylist) == ERR_OK)
		return (true);
	set_path(f, c->uses.cfg->state_directory, DENYLIST_FILE);
	ready_mend_file(f, &c->uses.as, false, MEND_ASIDE,
	    "chown --reference=%D %P && chgrp %G %P && "
	    "chmod 0640 %P");
	return (false);
}

static bool
is_full(const char *reason)
{

	return (strstr(reason, "o room") != NULL ||
	    strcmp(reason, strerror(ENOSPC)) == 0 ||
	    strcmp(reason, strerror(EDQUOT)) == 0);
}

/* Copy the reason that was logged last.  It can be read only once. */
static void
take_reason(struct ready_found *f)
{
	const char *reason = log_replace();

	if (reason != NULL)
		set_reason(f, reason);
}

static bool
good_throttle(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;
	const struct throttle_options o = {
		.directory = cfg->state_shared,
		.per_minute = cfg->limits_address_per_minute,
		.burst = cfg->limits_address_burst,
	};

	if (!c->can_write || c->throttle != NULL ||
	    throttle_open(&o, &c->throttle) == ERR_OK)
		return (true);
	take_reason(f);
	set_path(f, cfg->state_shared, THROTTLE_FILE);
	mend(c, f, is_full(f->reason) ? MEND_ROOM : MEND_REMOVE);
	return (false);
}

/* Make one decision and undo it, so that it is not counted. */
static enum err
decide(struct ready_checks *c, int64_t signed_at_ms)
{
	static const struct ledger_counter counter = { "ready", INT64_MAX,
	    false };
	uint8_t key[LEDGER_KEY_LEN];
	const struct ledger_request r = {
		.replay_key = c->uses.cfg->limits_replay ==
		    CONFIG_LIMITS_REPLAY_ALLOW ? NULL : key,
		.signed_at_ms = signed_at_ms,
		.now_ms = c->now_ms, .boot_ms = c->boot_ms,
		.day = c->now_ms / 1000 / 86400,
		.counter = &counter, .counters = 1,
	};
	struct ledger_result was;
	enum err e;

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		log_die("no_randomness", "getrandom");
	if ((e = ledger_admit(c->ledger, &r, &was)) != ERR_OK)
		return (e);
	return (ledger_undo(c->ledger, &r, &was));
}

/* Commands that mend, by the reason that the ledger logs. */
static const struct {
	const char *reason, *mend;
} ledger_mends[] = {
	{ "clock", "timedatectl" },
	{ "evict", "redis-cli config set maxmemory-policy noeviction" },
	{ "no memory left", "redis-cli config set maxmemory 0" },
	{ "write to its disk", "redis-cli info persistence" },
	{ "too little", "redis-cli acl getuser NAME" },
	{ "refuses user", "redis-cli acl list" },
	{ "entinel", "redis-cli -p 26379 sentinel masters" },
	{ "is a replica", "redis-cli info replication" },
	{ "not ours", "redis-cli --scan --pattern 'foldergate*'" },
	{ "Redis", "redis-cli ping" },
	{ "o room", MEND_ROOM },
	{ "damaged", MEND_LEDGER },
	{ "not a ledger", MEND_LEDGER },
	{ "not a file", MEND_ASIDE },
	{ "busy", "fuser -v %P" },
	{ "", "chown %U:%G %P* && chmod 0600 %P*" },
};

static void
blame_ledger(const struct ready_checks *c, struct ready_found *f)
{
	struct stat st;
	size_t i = 0;

	take_reason(f);
	while (strstr(f->reason, ledger_mends[i].reason) == NULL)
		i++;
	if (c->uses.cfg->state_redis_url[0] == '\0')
		set_path(f, c->uses.cfg->state_shared, "store.sqlite");

	/* Another owner or mode makes no file of a directory. */
	mend(c, f, f->path[0] != '\0' && lstat(f->path, &st) == 0 &&
	    !S_ISREG(st.st_mode) ? MEND_ASIDE : ledger_mends[i].mend);
}

static bool
good_ledger(struct ready_checks *c, struct ready_found *f)
{
	enum err e;

	if (c->ledger == NULL || (!c->can_write &&
	    c->uses.cfg->state_redis_url[0] == '\0'))
		return (true);
	e = decide(c, c->now_ms);

	/* A ledger that begins now refuses signatures made until now. */
	if (e == ERR_SIGNED_EARLY)
		e = decide(c, c->now_ms + 1000);
	if (e == ERR_OK)
		return (true);
	blame_ledger(c, f);
	if (strstr(f->reason, ledger_floor_ahead) != NULL)
		f->code = "ledger_ahead";

	/* This lasts less than a minute.  A client's clock may be that far
	   ahead. */
	if (e == ERR_SIGNED_EARLY) {
		f->code = "ledger_ahead";
		set_reason(f, ledger_floor_ahead);
	}
	return (false);
}

/* Return true unless ${path} is absent or a regular file that only we may
   write. */
static bool
is_odd(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return (errno != ENOENT);
	return (!S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 || st.st_nlink > 1 ||
	    faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0);
}

/* Report the log, one of the files beside it, or their directory. */
static void
blame_audit(const struct ready_checks *c, struct ready_found *f)
{
	static const char *const suffixes[] = { "", AUDIT_LOCK, AUDIT_HEAD };
	const char *file = c->uses.cfg->audit_file;
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(f->path, sizeof(f->path), "%s%s", file, suffixes[i]);
		if (ready_mend_way(f, &c->uses.as))
			return;
		if (is_odd(f->path)) {
			mend(c, f, lstat(f->path, &st) == 0 &&
			    S_ISREG(st.st_mode) ? MEND_OWN : MEND_ASIDE);
			return;
		}
	}
	set_path(f, file, "");
	if (is_full(f->reason)) {
		mend(c, f, MEND_ROOM);
		return;
	}
	*strrchr(f->path, '/') = '\0';
	mend(c, f, MEND_DIRECTORY);
}

static bool
good_audit(struct ready_checks *c, struct ready_found *f)
{

	if (c->audit == NULL || audit_ready(c->audit) == ERR_OK)
		return (true);
	take_reason(f);
	f->warns = !c->uses.cfg->audit_required;
	blame_audit(c, f);
	return (false);
}

static const struct ready_check table[] = {
	{ "config_refused", "the store's address", READY_SETTINGS,
	    good_bucket },
	{ "proofs_refused", "how requests are proven", READY_SETTINGS,
	    ready_settings_proofs },
	{ "state_unreadable", "the state directory", READY_NOW, good_state },
	{ "state_unwritable", "the directory of the ledger", READY_NOW,
	    good_shared },
	{ "secret_unreadable", "the secret that signs uploads", READY_UPLOAD,
	    ready_secrets_upload },
	{ "secret_unreadable", "the secret that signs listings and downloads",
	    READY_READ, ready_secrets_read },
	{ "audit_key_unreadable", "the key of the audit log", READY_SETTINGS,
	    good_audit_key },
	{ "ledger_refused", "where the ledger is", READY_SETTINGS,
	    good_ledger_options },
	{ "no_identity", "the snapshot of the chain", READY_NOW,
	    good_identity },
	{ "denylist_unusable", "the deny list", READY_NOW, good_denylist },
	{ "addresses_unusable", "the table of addresses", READY_NOW,
	    good_throttle },
	{ "ledger_unavailable", "the ledger", READY_NOW, good_ledger },
	{ "audit_unwritable", "the audit log", READY_NOW, good_audit },
	{ "log_unwritable", "where the log goes", READY_NOW, ready_log_to },
	{ "counts_unusable", "the counts for /metrics", READY_NOW,
	    ready_metrics_file },
	{ "token_unreadable", "the token for /metrics", READY_NOW,
	    ready_metrics_token },
	{ "no_index", "the index of the bucket", READY_NOW,
	    ready_outside_index },
	{ "proxy_untrusted", "the proxy in front", READY_NOW,
	    ready_outside_proxy },
	{ "clock_off", "the clock", READY_NOW, ready_outside_clock },
	{ "store_refuses", "the store", READY_NOW, ready_outside_store },
	{ "not_encrypted", "an address without TLS", READY_NOW,
	    ready_settings_tls },
};

_Static_assert(sizeof(table) / sizeof(table[0]) == READY_CHECKS,
    "READY_CHECKS counts the rows");
const struct ready_check *const ready_checks_table = table;

void
ready_checks_free(struct ready_checks *c)
{

	denylist_free(c->denylist);
	throttle_close(c->throttle);
	ledger_free(c->ledger);
	audit_close(c->audit);
}
