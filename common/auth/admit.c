#include <stddef.h>
#include <string.h>

#include "auth/admit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "state/denylist.h"

#define DAY_S 86400

/* The hotkey's counter, its owner's, its role's. */
enum which { HOTKEY, COLDKEY, TOTAL };
#define COUNTERS ADMIT_COUNTERS

static const struct kind {
	const char *name;
	size_t limit;		/* offset in struct config */
} kinds[] = {
#define KIND(name) { #name, offsetof(struct config, limits_##name) }
	[ADMIT_FOLDER_GRANT] = KIND(folder_grants),
	[ADMIT_FILE_GRANT] = KIND(file_grants),
	[ADMIT_VALIDATOR_ANSWER] = KIND(validator_answers),
	[ADMIT_VALIDATOR_URL] = KIND(validator_urls),
};

static int64_t
own_limit(const struct config *c, const struct kind *k)
{

	return (*(const int64_t *)(const void *)((const char *)c + k->limit));
}

static int64_t
total_limit(const struct config *c, const char *role)
{

	return (strcmp(role, "miner") == 0 ? c->limits_miner_total :
	    c->limits_validator_total);
}

/* hotkey/5.../folder_grants, coldkey/5.../folder_grants, total/miner */
static void
name_counters(char names[COUNTERS][LEDGER_NAME_MAX + 1],
    const struct auth_identity *id, const struct kind *k)
{
	struct buf b;

	buf_init(&b, names[HOTKEY], LEDGER_NAME_MAX + 1);
	buf_fmt(&b, "hotkey/%s/%s", id->hotkey.text, k->name);
	buf_init(&b, names[COLDKEY], LEDGER_NAME_MAX + 1);
	buf_fmt(&b, "coldkey/%s/%s", id->coldkey.text, k->name);
	buf_init(&b, names[TOTAL], LEDGER_NAME_MAX + 1);
	buf_fmt(&b, "total/%s", id->role);
}

int64_t
admit_limit(const struct config *cfg, const char *name)
{
	const char *last = strrchr(name, '/');
	size_t i;

	if (last == NULL)
		return (-1);
	if (strncmp(name, "total/", 6) == 0)
		return (total_limit(cfg, last + 1));
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(last + 1, kinds[i].name) == 0)
			return (own_limit(cfg, &kinds[i]) *
			    (name[0] == 'c' ? cfg->limits_coldkey_times : 1));
	}
	return (-1);
}

static enum err
outcome(struct admit *a, const struct ledger_counter *c,
    const struct ledger_result *r, enum err e)
{
	static const enum err errs[COUNTERS] = {
		ERR_LIMIT, ERR_COLDKEY_LIMIT, ERR_TOTAL_LIMIT
	};

	a->granted = e == ERR_OK;
	a->counted = e == ERR_OK || e == ERR_LIMIT;
	if (e == ERR_OK) {
		a->limit = c[HOTKEY].limit;
		a->remaining = a->limit - r->used[HOTKEY];
	} else if (e == ERR_LIMIT) {
		a->limit = c[r->which].limit;
		a->remaining = 0;
		e = errs[r->which];
	}
	return (e);
}

enum err
admit(struct admit *a, const struct auth_identity *id,
    const struct auth_caller *who, enum admit_kind kind)
{
	const struct kind *k = &kinds[kind];
	const int64_t own = own_limit(a->cfg, k), now_s = a->now_ms / 1000;
	struct admit_entry *entry = &a->entry;
	enum err e;

	e = denylist_key(a->denylist, id->hotkey.key, id->coldkey.key, now_s);
	if (e != ERR_OK)
		return (e);
	name_counters(entry->name, id, k);
	entry->counter[HOTKEY] = (struct ledger_counter){
		entry->name[HOTKEY], own, false
	};
	entry->counter[COLDKEY] = (struct ledger_counter){
		entry->name[COLDKEY], own * a->cfg->limits_coldkey_times, false
	};
	entry->counter[TOTAL] = (struct ledger_counter){
		entry->name[TOTAL], total_limit(a->cfg, id->role), true
	};
	memcpy(entry->replay_key, who->sig, sizeof(entry->replay_key));
	entry->request = (struct ledger_request){
		.replay_key = a->cfg->limits_replay ==
		    CONFIG_LIMITS_REPLAY_ALLOW ? NULL : entry->replay_key,
		.signed_at_ms = who->signed_at_ms,
		.now_ms = a->now_ms, .boot_ms = a->boot_ms,
		.day = now_s / DAY_S,
		.counter = entry->counter, .counters = COUNTERS,
		.free = a->cfg->limits_free_requests,
	};
	a->reset_s = DAY_S - now_s % DAY_S;
	e = ledger_admit(a->ledger, &entry->request, &entry->result);
	return (outcome(a, entry->counter, &entry->result, e));
}

void
admit_undo(struct admit *a)
{

	if (!a->granted)
		return;
	a->granted = a->counted = false;
	(void)!ledger_undo(a->ledger, &a->entry.request, &a->entry.result);
}

void
admit_wake(struct admit *a)
{
	static const uint8_t nobody[LEDGER_KEY_LEN];
	const struct ledger_request r = {
		.replay_key = nobody, .now_ms = a->now_ms,
		.boot_ms = a->boot_ms, .day = a->now_ms / 1000 / DAY_S,
	};
	struct ledger_result result;

	/* The time is in 1970, so the request is refused and not counted. */
	(void)!ledger_admit(a->ledger, &r, &result);
}

enum err
admit_open_ledger(const struct config *cfg, struct ledger **s)
{
	struct ledger_options o = {
		.directory = cfg->state_shared,
		.redis_url = cfg->state_redis_url,
		.redis_password_file = cfg->state_redis_password_file,
		.redis_sentinels = cfg->state_redis_sentinels.n,
		.redis_master = cfg->state_redis_master,
		.redis_sentinel_password_file =
		    cfg->state_redis_sentinel_password_file,
		.full_sync = cfg->state_full_sync,
		.allow_network_fs = cfg->state_allow_network_fs,
		.wait_ms = cfg->state_wait_ms,
		.boot_id = clock_boot_id(),
	};

	size_t i;

	_Static_assert(CONFIG_ITEMS_MAX <= LEDGER_SENTINELS_MAX, "all fit");
	for (i = 0; i < o.redis_sentinels; i++)
		o.redis_sentinel[i] = cfg->state_redis_sentinels.item[i];
	return (ledger_open(&o, s));
}
