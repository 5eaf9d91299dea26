#include <string.h>

#include "base/clock.h"
#include "party.h"

/* Bounds of the wait for slower endpoints. */
#define PATIENCE_LEAST_MS 250
#define PATIENCE_MOST_MS 2000

static bool
same_hash(const uint8_t a[RPC_HASH_LEN], const uint8_t b[RPC_HASH_LEN])
{

	return (memcmp(a, b, RPC_HASH_LEN) == 0);
}

size_t
party_shared_head(const struct party *p)
{
	size_t i, j, with;

	for (i = 0; i < p->n; i++) {
		if (!p->look[i].told)
			continue;
		for (with = j = 0; j < p->n; j++)
			with += p->look[j].told &&
			    same_hash(p->look[i].head, p->look[j].head) &&
			    same_hash(p->look[i].genesis, p->look[j].genesis);
		if (with >= 2 && 2 * with > p->n)
			return (i);
	}
	return (p->n);
}

int64_t
party_limit_ms(const struct party *p, const uint8_t hash[RPC_HASH_LEN])
{
	const struct config *cfg = p->rules.cfg;
	const size_t shared = party_shared_head(p);

	if (shared == p->n || !same_hash(p->look[shared].head, hash) ||
	    cfg->chain_halt_max_age_s < cfg->chain_max_age_s)
		return (cfg->chain_max_age_s * 1000);
	return (cfg->chain_halt_max_age_s * 1000);
}

bool
party_believes(const struct party *p, const struct look *look)
{
	size_t shared;

	switch (look->doubt) {
	case LOOK_SOUND:
		return (true);
	case LOOK_STALE:
		return (p->rules.now_ms - look->head_ms <=
		    party_limit_ms(p, look->head));
	case LOOK_AHEAD:
		/* A local chain may have been restarted. */
		if (!p->rules.one_network)
			return (true);
		/* FALLTHROUGH */
	default:
		shared = party_shared_head(p);
		return (shared < p->n &&
		    same_hash(p->look[shared].head, look->head));
	}
}

int64_t
party_patience(const struct party *p)
{
	const int64_t now_ms = clock_tick_ms();
	int64_t wait_ms = now_ms - p->started_ms;

	if (wait_ms < PATIENCE_LEAST_MS)
		wait_ms = PATIENCE_LEAST_MS;
	if (wait_ms > PATIENCE_MOST_MS)
		wait_ms = PATIENCE_MOST_MS;
	return (now_ms + wait_ms);
}
