#ifndef LEDGER_FLOOR_H_
#define LEDGER_FLOOR_H_

#include <stdbool.h>
#include <stdint.h>

/*
 * Which signatures the local ledger may have forgotten, by the time when they
 * were signed: all up to the floor, and those of one interval above it.  With a
 * floor alone, what was signed and forgotten while a clock was a day ahead
 * would refuse everybody for a day once that clock is right.
 */
struct ledger_floor {
	int64_t floor_ms;
	int64_t from_ms, to_ms;		/* empty: to_ms < from_ms */
};

/* Signatures that are forgotten together were signed within this time; a
   longer gap may be that of a clock that was set. */
#define LEDGER_FLOOR_GAP_MS 3600000

/**
 * ledger_floor_ok(f):
 * Are these times that a ledger has written?
 */
bool ledger_floor_ok(const struct ledger_floor *f);

/**
 * ledger_floor_refuses(f, signed_at_ms):
 * May what was signed then have been forgotten?
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
 * All signatures that were known from ${oldest_ms} to ${youngest_ms}, which are
 * no further apart than LEDGER_FLOOR_GAP_MS, are forgotten.
 */
void ledger_floor_forget(struct ledger_floor *f, int64_t oldest_ms,
    int64_t youngest_ms);

#endif /* !LEDGER_FLOOR_H_ */
