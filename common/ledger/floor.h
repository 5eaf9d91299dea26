#ifndef LEDGER_FLOOR_H_
#define LEDGER_FLOOR_H_

#include <stdbool.h>
#include <stdint.h>

/*
 * The signatures that the local ledger may have forgotten, by the time of
 * signing: all up to the floor, and those of one interval above it.  With a
 * floor alone, a signature that was made and forgotten while a clock was a day
 * ahead would refuse everybody for a day after that clock is corrected.
 */
struct ledger_floor {
	int64_t floor_ms;
	int64_t from_ms, to_ms;		/* empty: to_ms < from_ms */
};

/* Signatures that are forgotten together were made within this time.  A
   longer gap may come from a clock that was set. */
#define LEDGER_FLOOR_GAP_MS 3600000

/**
 * ledger_floor_ok(f):
 * Can a ledger have written these times?
 */
bool ledger_floor_ok(const struct ledger_floor *f);

/**
 * ledger_floor_refuses(f, signed_at_ms):
 * May a signature of that time have been forgotten?
 */
bool ledger_floor_refuses(const struct ledger_floor *f, int64_t signed_at_ms);

/**
 * ledger_floor_shuts(f, now_ms):
 * Is everything refused that a client may have signed at ${now_ms}, and for
 * longer than LEDGER_AHEAD_MS?
 */
bool ledger_floor_shuts(const struct ledger_floor *f, int64_t now_ms);

/**
 * ledger_floor_forget(f, oldest_ms, youngest_ms):
 * Record that all known signatures from ${oldest_ms} to ${youngest_ms} are
 * forgotten.  The two are at most LEDGER_FLOOR_GAP_MS apart.
 */
void ledger_floor_forget(struct ledger_floor *f, int64_t oldest_ms,
    int64_t youngest_ms);

#endif /* !LEDGER_FLOOR_H_ */
