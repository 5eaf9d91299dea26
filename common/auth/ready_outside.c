#include <sys/stat.h>

#include <stdio.h>
#include <string.h>

#include "auth/ready_checks.h"
#include "auth/ready_mend.h"
#include "auth/ready_outside.h"
#include "base/skew.h"
#include "s3/bucket.h"
#include "s3/fault.h"
#include "state/bucket_index.h"
#include "state/proxy.h"
#include "state/seen.h"

/* Commands in the form of ready_mend(). */
#define MEND_BUCKET "sudo -u %S %Cbucket-sync --once"
#define MEND_PROXY "sudoedit %F && rm %P"
#define MEND_CLOCK "timedatectl set-ntp true || chronyc makestep"
#define MEND_LOOK "timedatectl timesync-status || chronyc tracking"

bool
ready_outside_index(struct ready_checks *c, struct ready_found *f)
{
	struct stat st;

	if (!c->can_read || bucket_index_refresh(c->uses.index) == ERR_OK)
		return (true);
	f->warns = true;
	snprintf(f->path, sizeof(f->path), "%s/%s",
	    c->uses.cfg->state_directory, BUCKET_INDEX_FILE);
	if (lstat(f->path, &st) != 0)
		snprintf(f->reason, sizeof(f->reason),
		    "there is none: bucket-sync has written none yet");
	ready_mend_file(f, &c->uses.as, false, MEND_BUCKET, READY_MEND_READ);
	return (false);
}

bool
ready_outside_proxy(struct ready_checks *c, struct ready_found *f)
{
	const struct config_list *l = &c->uses.cfg->web_trusted_proxies;
	struct address_range trusted[CONFIG_ITEMS_MAX];
	char text[ADDRESS_TEXT_MAX + 1];
	struct address a;
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (address_range_parse(l->item[i], strlen(l->item[i]),
		    &trusted[n]) == ERR_OK)
			n++;
	}
	if (!c->can_write || !proxy_noted(c->uses.cfg->state_shared, trusted,
	    n, &a))
		return (true);
	address_text(&a, text);
	f->warns = true;
	snprintf(f->reason, sizeof(f->reason), "%s sends X-Forwarded-For and "
	    "is not in web.trusted_proxies: all its clients count as one "
	    "address", text);
	snprintf(f->path, sizeof(f->path), "%s/%s", c->uses.cfg->state_shared,
	    PROXY_FILE);
	ready_mend(f, &c->uses.as, MEND_PROXY);
	return (false);
}

static bool
seen_lately(const struct ready_checks *c, const char *name, int64_t interval_s,
    struct seen *s)
{

	return (c->can_read && seen_read(c->uses.cfg->state_directory, name,
	    c->auth.now_s, SEEN_LATELY_S(interval_s), s));
}

/* The skew that a sync program saw, and its peers. */
static int64_t
skew_lately(const struct ready_checks *c, const char *name, int64_t interval_s,
    int64_t *peers)
{
	struct seen s;

	*peers = 0;
	if (!seen_lately(c, name, interval_s, &s))
		return (SKEW_UNKNOWN);
	*peers = s.peers;
	return (s.skew_ms);
}

/* Append how our clock is to ${whose}. */
static void
compare(struct ready_found *f, const char *before, int64_t skew_ms,
    const char *whose)
{
	const size_t n = strlen(f->reason);
	char *end = f->reason + n;

	if (skew_is_off(skew_ms))
		snprintf(end, sizeof(f->reason) - n, "%s %lld s %s %s", before,
		    (long long)skew_seconds(skew_ms), skew_ms > 0 ? "behind" :
		    "ahead of", whose);
	else if (skew_ms != SKEW_UNKNOWN)
		snprintf(end, sizeof(f->reason) - n, ", but agrees with %s",
		    whose);
}

bool
ready_outside_clock(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;
	int64_t store_ms, chain_ms, peers;
	bool by_store, agrees;
	char nodes[64];

	store_ms = skew_lately(c, SEEN_STORE, cfg->bucket_sync_interval_s,
	    &peers);
	chain_ms = skew_lately(c, SEEN_CHAIN, cfg->chain_sync_interval_s,
	    &peers);
	by_store = skew_is_off(store_ms);
	if (!by_store && !skew_is_off(chain_ms))
		return (true);
	f->warns = true;
	snprintf(nodes, sizeof(nodes), "%lld chain node%s",
	    (long long)peers, peers == 1 ? "" : "s");
	compare(f, "this machine's clock is", by_store ? store_ms : chain_ms,
	    by_store ? "the store's" : nodes);
	compare(f, ", and", by_store ? chain_ms : store_ms,
	    by_store ? nodes : "the store's");

	/* If one of them agrees with us, the other one may be wrong. */
	agrees = !skew_is_off(by_store ? chain_ms : store_ms) &&
	    (by_store ? chain_ms : store_ms) != SKEW_UNKNOWN;
	ready_mend(f, &c->uses.as, agrees ? MEND_LOOK : MEND_CLOCK);
	return (false);
}

bool
ready_outside_store(struct ready_checks *c, struct ready_found *f)
{
	static const char *const mends[] = {
		[S3_FAULT_SETTING] = "sudoedit %F",
		[S3_FAULT_CLOCK] = MEND_CLOCK,
		[S3_FAULT_CA] = "update-ca-certificates",
		[S3_FAULT_AGAIN] = MEND_BUCKET
	};
	const struct config *cfg = c->uses.cfg;
	const struct s3_fault *fault;
	struct s3_bucket b;
	struct seen s;

	if (!seen_lately(c, SEEN_STORE, cfg->bucket_sync_interval_s, &s) ||
	    (fault = s3_fault_named(s.fault, strlen(s.fault))) == NULL ||
	    s3_bucket_configure(&b, cfg, cfg->s3_endpoint) != ERR_OK)
		return (true);
	f->warns = true;
	s3_fault_text(fault, &b, NULL, f->reason, sizeof(f->reason));
	snprintf(f->path, sizeof(f->path), "%s/%s", cfg->state_directory,
	    SEEN_STORE);
	ready_mend(f, &c->uses.as, mends[fault->mend]);
	return (false);
}
