#ifndef BASE_SKEW_H_
#define BASE_SKEW_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How far the clock of a peer is from ours, in milliseconds: positive if the
 * peer's is ahead.
 */
#define SKEW_UNKNOWN INT64_MIN

/* A skew from here on is reported.  A peer sends whole seconds, cut off, so 30
   s between its header and our clock can be 29.001 s. */
#define SKEW_OFF_MS 29001

/**
 * skew_of(sent_ms, received_ms, date_s):
 * Return the least skew of a peer that answered with the time ${date_s}, Unix
 * seconds cut off, at some moment between ${sent_ms} and ${received_ms} of our
 * clock.  Return SKEW_UNKNOWN if ${date_s} is negative, or if our clock was set
 * back meanwhile.
 */
int64_t skew_of(int64_t sent_ms, int64_t received_ms, int64_t date_s);

/**
 * skew_median(skew, n, known):
 * Sort the ${n} values at ${skew}, and return the median of those that are
 * known.  Of two in the middle it is the one nearer to zero.  It is
 * SKEW_UNKNOWN unless more than half of the ${n} are known, so that one of
 * three peers alone decides nothing.  Set ${known} to their number.
 */
int64_t skew_median(int64_t *skew, size_t n, size_t *known);

/**
 * skew_is_off(skew):
 * Is this skew known, and to be reported?
 */
bool skew_is_off(int64_t skew);

/**
 * skew_seconds(skew):
 * Return the seconds of a known skew, without its sign, for people.
 */
int64_t skew_seconds(int64_t skew);

#endif /* !BASE_SKEW_H_ */
