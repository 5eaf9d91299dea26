#include <string.h>

#include "audit/audit.h"
#include "auth/admit.h"
#include "base/address.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "state/denylist.h"
#include "state/throttle.h"
#include "web/guard.h"
#include "web/journal.h"
#include "web/meter.h"
#include "web/need.h"
#include "web/peer.h"
#include "web/web.h"

static enum err
open_ledger(struct web *w)
{
	struct admit *a = &w->admit;
	enum err e;

	a->cfg = &w->cfg;
	a->now_ms = clock_now_ms();
	a->boot_ms = clock_boot_ms();
	a->denylist = denylist_new(w->cfg.state_directory);
	if ((e = admit_open_ledger(&w->cfg, &a->ledger)) != ERR_OK)
		return (e);

	/* A CGI program asks the ledger once, if it can. */
	if (!w->once || !ledger_is_born(a->ledger))
		admit_wake(a);
	return (ERR_OK);
}

static enum err
open_audit(struct web *w)
{
	const struct config *c = &w->cfg;
	const struct audit_options o = {
		.path = c->audit_key_file[0] != '\0' ? c->audit_file : "",
		.key_file = c->audit_key_file,
		.max_bytes = c->audit_max_bytes,
		.wait_ms = AUDIT_WAIT_MS,
	};

	return (audit_open(&o, need_hmac(w), &w->audit));
}

static enum err
open_guard(struct web *w)
{
	enum err e;

	peer_open(w);
	if ((e = open_ledger(w)) != ERR_OK)
		return (e);
	return (open_audit(w));
}

static void
close_guard(struct web *w)
{

	audit_close(w->audit);

	/* When a CGI program ends, the kernel closes the rest, as if it had
	   been killed.  But the passwords of Redis are wiped. */
	if (w->once && w->cfg.state_redis_url[0] == '\0')
		return;
	throttle_close(w->throttle);
	ledger_free(w->admit.ledger);
	denylist_free(w->admit.denylist);
}

/* The deny list is in state.directory. */
static void
ask_guard(const struct web *w, struct sandbox *s)
{

	need_ask_state(w, s);
	need_ask_shared(w, s);
}

const struct need need_guard = {
	"guard", false, 0, open_guard, close_guard, NULL, ask_guard
};

/* Wait this long before opening the table is tried again. */
#define AGAIN_MS 5000

/* The first request opens the table.  If that fails, later requests try again,
   so that a full disk does not require a restart. */
static enum err
open_throttle(struct web *w)
{
	const struct throttle_options o = {
		.directory = w->cfg.state_shared,
		.per_minute = w->cfg.limits_address_per_minute,
		.burst = w->cfg.limits_address_burst,
	};
	static int64_t failed_ms;	/* 0: it has not failed */

	if (w->throttle != NULL)
		return (ERR_OK);
	if (failed_ms != 0 && w->now_ms >= failed_ms &&
	    w->now_ms < failed_ms + AGAIN_MS)
		return (ERR_LEDGER);
	failed_ms = w->now_ms;
	return (throttle_open(&o, &w->throttle) == ERR_OK ? ERR_OK :
	    ERR_LEDGER);
}

/* Longest body from a network that has no token left.  It is longer than any
   miner's body, and the parser reads it in a few microseconds. */
#define SUFFERED_MAX 4096

/* If only the network has no token left, the caller's neighbours may have used
   them.  The caller may go on. */
static enum err
take_token(struct web *w)
{
	enum err e;

	e = throttle_take(w->throttle, &w->client, w->now_ms, &w->taken,
	    &w->retry_ms);
	w->suffered = e == ERR_ADDRESS_LIMIT && w->taken.fine.after_us != 0 &&
	    w->body_len <= SUFFERED_MAX;
	return (w->suffered ? ERR_OK : e);
}

enum err
guard_before(struct web *w, const char *remote_addr,
    const char *forwarded_for)
{
	struct denylist *d = w->admit.denylist;
	enum err e;

	w->admit.now_ms = w->now_ms;
	w->admit.boot_ms = w->boot_ms;

	/* This is first, because the table also counts refusals. */
	if ((e = open_throttle(w)) != ERR_OK)
		return (e);
	if ((e = peer_find(w, remote_addr, forwarded_for)) != ERR_OK ||
	    (e = denylist_refresh(d)) != ERR_OK ||
	    (e = denylist_address(d, &w->client, w->auth.now_s)) != ERR_OK)
		return (e);
	return (take_token(w));
}

enum err
guard_known(struct web *w, const struct auth_identity *id)
{

	if (!w->suffered)
		return (ERR_OK);
	w->vouched = throttle_take_key(w->throttle, id->hotkey.key, w->now_ms,
	    &w->by_key) == ERR_OK;
	return (w->vouched ? ERR_OK : ERR_ADDRESS_LIMIT);
}

void
guard_proven(struct web *w, const struct auth_identity *id)
{

	w->proven = *id;
	w->is_proven = true;
}

enum err
guard_holds(const struct web *w)
{
	const char *lacks = NULL;

	if (!w->is_proven)
		lacks = "a proof";
	else if (!w->admit.granted)
		lacks = "a count";
	else if (w->granted.kind == NULL)
		lacks = "a record";
	if (lacks == NULL)
		return (ERR_OK);
	LOG(LOG_ERROR, "grant_withheld", LOG_S("lacks", lacks));
	return (ERR_INTERNAL);
}

enum err
guard_ready(struct web *w)
{

	return (w->cfg.audit_required ? audit_ready(w->audit) : ERR_OK);
}

/* Each hotkey has a token bucket for refusals.  While it has tokens, a refusal
   is audited and the address gets its token back.  This limits the tries and
   the log lines of a hotkey, and those of anybody who replays its requests. */
static bool
within_reason(struct web *w)
{
	struct throttle_taken taken;
	struct address a = { .is_v4 = false };
	int64_t retry_ms;

	memcpy(a.byte, w->proven.hotkey.key, sizeof(a.byte));
	return (throttle_take(w->throttle, &a, w->now_ms, &taken, &retry_ms) ==
	    ERR_OK);
}

static void
fill(const struct web *w, enum err e, char client[ADDRESS_TEXT_MAX + 1],
    struct audit_entry *out)
{

	memset(out, 0, sizeof(*out));
	out->time_ms = w->now_ms;
	out->request_id = w->request_id;
	out->given_id = w->given_id;
	out->endpoint = w->endpoint;
	if (w->has_client) {
		address_text(&w->client, client);
		out->address = client;
	}
	if (w->is_proven) {
		out->role = w->proven.role;
		out->hotkey = w->proven.hotkey.text;
		out->coldkey = w->proven.coldkey.text;
	}
	out->outcome = e;
	out->scope = w->granted.scope;
	out->kind = w->granted.kind;
	out->urls = w->granted.urls;
	out->until_s = w->granted.until_s;
	out->duration_us = clock_run_us() - w->began_us;
}

/* A stranger can cause these errors with another caller's signature, or with a
   denied key. */
static bool
is_strangers(enum err e)
{

	return (e == ERR_REPLAY || e == ERR_SIGNED_EARLY || e == ERR_DENIED);
}

/* Sample a request whose caller was not proven. */
static void
sample(struct web *w, const struct audit_entry *entry)
{
	const bool audits = w->cfg.audit_key_file[0] != '\0';
	const bool logs = journal_wants(w, entry->outcome);

	if (w->throttle == NULL || (!audits && !logs) ||
	    !throttle_sample(w->throttle, w->now_ms))
		return;
	if (audits)
		audit_sample(w->cfg.audit_refusals_file,
		    w->cfg.audit_refusals_max_bytes, entry);
	if (logs)
		journal_request(entry);
}

static void
give_back(struct web *w)
{

	throttle_give_back(w->throttle, &w->taken);
	throttle_give_back(w->throttle, &w->by_key);
}

static enum err
log_entry(struct web *w, const struct audit_entry *entry)
{
	const int64_t began_us = meter_start();
	enum err e;

	e = audit_write(w->audit, entry);
	meter_audit(w, e, began_us);
	return (e);
}

/* A failure of the service costs the caller nothing.  The count, the signature
   and the address's token are given back.  Limits bound the number of counted
   requests, so each of them is recorded, whatever its result.  Other refusals
   are recorded within reason. */
static enum err
write_down(struct web *w, struct audit_entry *entry)
{
	const enum err e = entry->outcome;
	const bool ours = err_status(e) >= 500;
	bool calm;

	if (ours)
		admit_undo(&w->admit);
	calm = w->admit.granted || within_reason(w);
	if ((calm || ours) && !is_strangers(e))
		give_back(w);
	if (!calm)
		return (e);
	if (w->audit != NULL && log_entry(w, entry) != ERR_OK &&
	    e == ERR_OK && w->cfg.audit_required) {
		admit_undo(&w->admit);
		entry->outcome = ERR_AUDIT;
	}
	if (journal_wants(w, entry->outcome))
		journal_request(entry);
	return (entry->outcome);
}

enum err
guard_after(struct web *w, enum err e)
{
	char client[ADDRESS_TEXT_MAX + 1];
	struct audit_entry entry;

	/* The client is gone, so no answer is sent. */
	if (e == ERR_IO)
		return (e);

	/* A network without a token gets only this refusal. */
	if (w->suffered && !w->vouched && err_status(e) < 500)
		e = ERR_ADDRESS_LIMIT;
	fill(w, e, client, &entry);
	if (w->is_proven) {
		e = write_down(w, &entry);
	} else {
		/* A 503 is not the caller's fault. */
		if (err_status(e) == 503 && w->throttle != NULL)
			give_back(w);
		sample(w, &entry);
	}
	if (e != ERR_OK && w->throttle != NULL)
		throttle_count(w->throttle, e);
	meter_caller(w, e);
	return (e);
}
