#include "ledger/floor.h"
#include "ledger/ledger.h"

static bool
is_time(int64_t ms)
{

	return (ms >= -LEDGER_TIME_MAX_MS && ms <= LEDGER_TIME_MAX_MS);
}

static bool
is_empty(const struct ledger_floor *f)
{

	return (f->to_ms < f->from_ms);
}

bool
ledger_floor_ok(const struct ledger_floor *f)
{

	return (is_time(f->floor_ms) && is_time(f->from_ms) &&
	    is_time(f->to_ms));
}

bool
ledger_floor_refuses(const struct ledger_floor *f, int64_t signed_at_ms)
{

	return (signed_at_ms <= f->floor_ms ||
	    (signed_at_ms >= f->from_ms && signed_at_ms <= f->to_ms));
}

bool
ledger_floor_shuts(const struct ledger_floor *f, int64_t now_ms)
{

	return (f->floor_ms > now_ms + LEDGER_AHEAD_MS ||
	    (f->from_ms <= now_ms && f->to_ms > now_ms + LEDGER_AHEAD_MS));
}

void
ledger_floor_forget(struct ledger_floor *f, int64_t oldest_ms,
    int64_t youngest_ms)
{

	if (youngest_ms <= f->floor_ms)
		return;

	/* Below the interval, so the floor rises.  This is the usual case. */
	if (is_empty(f) ? oldest_ms - f->floor_ms <= LEDGER_FLOOR_GAP_MS :
	    youngest_ms < f->from_ms) {
		f->floor_ms = youngest_ms;
		return;
	}

	/* The interval grows.  Or a new interval begins, and the floor
	   replaces the old one. */
	if (!is_empty(f) && oldest_ms - f->to_ms <= LEDGER_FLOOR_GAP_MS) {
		if (oldest_ms < f->from_ms)
			f->from_ms = oldest_ms;
		if (youngest_ms > f->to_ms)
			f->to_ms = youngest_ms;
		return;
	}
	if (!is_empty(f))
		f->floor_ms = f->to_ms;
	f->from_ms = oldest_ms;
	f->to_ms = youngest_ms;
}
