#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/admit.h"
#include "auth/auth.h"
#include "base/log.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "state/bucket_index.h"
#include "state/busiest.h"
#include "state/metagraph.h"
#include "state/metrics.h"
#include "top_facts.h"

#define DAY_S 86400

struct top_source {
	const struct config *cfg;
	struct hmac *hmac;
	struct metagraph *metagraph;
	struct bucket_index *index;
	struct ledger *ledger;		/* NULL: its settings are refused */
};

struct top_source *
top_source_new(const struct config *cfg)
{
	struct top_source *s;
	bool was;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_die("out_of_memory", "top");
	s->cfg = cfg;
	s->hmac = hmac_new();
	s->metagraph = auth_metagraph(cfg, s->hmac);
	s->index = bucket_index_new(cfg->state_directory, s->hmac);
	was = log_quiet(true);
	if (admit_open_ledger(cfg, &s->ledger) != ERR_OK)
		s->ledger = NULL;
	(void)log_replace();
	(void)log_quiet(was);
	return (s);
}

void
top_source_free(struct top_source *s)
{

	if (s == NULL)
		return;
	ledger_free(s->ledger);
	bucket_index_free(s->index);
	metagraph_free(s->metagraph);
	hmac_free(s->hmac);
	free(s);
}

/* --- the busiest keys ---------------------------------------------------- */

/* Negative: ${a} comes first. */
static int
order(const struct top_key *a, const struct top_key *b)
{
	const double share_a = a->limit > 0 ? (double)a->used /
	    (double)a->limit : 0;
	const double share_b = b->limit > 0 ? (double)b->used /
	    (double)b->limit : 0;

	if (share_a > share_b || share_a < share_b)
		return (share_a > share_b ? -1 : 1);
	if (a->used != b->used)
		return (a->used > b->used ? -1 : 1);
	return (strcmp(a->name, b->name));
}

void
top_facts_key(struct top_facts *f, const char *name, int64_t used,
    int64_t limit)
{
	struct top_key k = { .used = used, .limit = limit };
	size_t i;

	snprintf(k.name, sizeof(k.name), "%s", name);
	if (f->keys == TOP_KEYS_MAX && order(&k, &f->key[f->keys - 1]) >= 0)
		return;
	i = f->keys < TOP_KEYS_MAX ? f->keys++ : f->keys - 1;
	for (; i > 0 && order(&k, &f->key[i - 1]) < 0; i--)
		f->key[i] = f->key[i - 1];
	f->key[i] = k;
}

struct reading {
	struct top_facts *f;
	const struct config *cfg;
};

static void
each_counter(void *user, const char *name, int64_t used)
{
	struct reading *r = user;

	top_facts_key(r->f, name, used, admit_limit(r->cfg, name));
}

/* --- everything ---------------------------------------------------------- */

static void
read_snapshot(struct top_source *s, struct top_facts *f)
{
	const struct auth a = { .cfg = s->cfg, .metagraph = s->metagraph,
	    .now_s = f->now_s };
	const struct metagraph_info *info = NULL;

	if (metagraph_refresh(s->metagraph) == ERR_OK)
		info = metagraph_info(s->metagraph);
	if (info == NULL)
		return;
	f->has_snapshot = true;
	f->block = info->block;
	f->hotkeys = info->count;
	f->snapshot_age_s = f->now_s - info->advanced_at_s;
	f->snapshot_limit_s = auth_max_age_s(&a, info);
}

static void
read_index(struct top_source *s, struct top_facts *f)
{
	const struct bucket_index_info *info = NULL;

	if (bucket_index_refresh(s->index) == ERR_OK)
		info = bucket_index_info(s->index);
	if (info == NULL)
		return;
	f->has_index = true;
	f->index_age_s = f->now_s - bucket_index_as_of(info);
}

void
top_source_name(const struct top_source *s, struct metrics *m,
    struct top_facts *f)
{
	const struct metagraph_neuron *n = metagraph_neurons(s->metagraph);
	const uint8_t *salt = NULL;
	const struct busiest *b = metrics_busiest(m, &salt);
	const struct busiest_most most = busiest_most(b, f->now_s);
	struct busiest_most own;
	uint32_t i;

	for (i = 0; f->has_snapshot && n != NULL && i < f->hotkeys; i++) {
		own = busiest_of(b, salt, n[i].hotkey, f->now_s);
		if (own.hotkey_refusals > 0 &&
		    own.hotkey_refusals == most.hotkey_refusals)
			ss58_encode(n[i].hotkey, f->refused);
		if (own.addresses > 0 && own.addresses == most.addresses)
			ss58_encode(n[i].hotkey, f->spread);
	}
}

void
top_source_read(struct top_source *s, int64_t now_s, struct top_facts *f)
{
	const struct config *c = s->cfg;
	struct reading r = { f, c };
	bool was;

	memset(f, 0, sizeof(*f));
	f->now_s = now_s;
	f->ledger = c->state_redis_sentinels.n > 0 ?
	    "the Redis that the sentinels name" :
	    c->state_redis_url[0] != '\0' ? "Redis" : "state.shared";
	was = log_quiet(true);
	read_snapshot(s, f);
	read_index(s, f);
	f->ledger_up = s->ledger != NULL && ledger_usage(s->ledger,
	    now_s / DAY_S, "", each_counter, &r) == ERR_OK;
	(void)log_replace();
	(void)log_quiet(was);
	if (!f->ledger_up)
		f->keys = 0;
}
