#ifndef STATE_THROTTLE_H_
#define STATE_THROTTLE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"

/*
 * How many failed requests an address may send, over all processes, and counts
 * of refusals.  A request takes a token before it costs anything, and gives it
 * back once its signature is verified:
 *
 *	if ((e = throttle_take(t, &address, now_ms, &taken, &retry_ms)) !=
 *	    ERR_OK)
 *		return (e);
 *	...	the proof
 *	throttle_give_back(t, &taken);
 *
 * An IPv4 address takes from its own bucket and from that of its /24, an IPv6
 * address from that of its /64 and that of its /48.  If the wider one is
 * empty, the narrower one still pays: a client that names a registered hotkey
 * may then go on, once throttle_take_key() has a token for that key.
 *
 * All processes map one file and change it by atomic operations only, so that
 * a process may be killed anywhere.  The file may be deleted at any time.  For
 * processes started afterwards, all buckets are then full and all counts 0.
 * The others keep using the file that they have.
 *
 * The file, in the machine's byte order: a page with a header, counts and the
 * sample's bucket; THROTTLE_SLOTS pairs of tag and word; THROTTLE_OVERFLOW
 * words.  A word is a bucket: the time, in microseconds, when it is full
 * again.
 */
#define THROTTLE_FILE "throttle.table"
#define THROTTLE_PAGE 4096
#define THROTTLE_SLOTS 65536	/* a power of 2 */
#define THROTTLE_OVERFLOW 1024

/* The slots where a bucket may be, counted from the one that its hash
   names. */
#define THROTTLE_PROBES 8

/*
 * The factor for a bucket of a /24 or /48.  A few offices with neighbouring
 * addresses do not notice the limit, and 256 addresses or 65,536 networks of
 * one owner get only 16 shares.
 */
#define THROTTLE_COARSE 16

/* A key's bucket holds at most this many tokens, and one comes back a
   second. */
#define THROTTLE_KEY_BURST 5

/* The most lines of the sample of refusals in a second. */
#define THROTTLE_SAMPLES 10

/*
 * By how much more than its bucket's span a request's time may lag that of
 * others.  A word further ahead was written before the clock was set back, and
 * counts as a full bucket, so nobody is kept out for longer than that.
 */
#define THROTTLE_BEHIND_MS 1000

#define THROTTLE_MOST 60000	/* per_minute, burst */

struct throttle_options {
	const char *directory;	/* state.shared */
	int64_t per_minute;	/* tokens that come back in a minute, */
	int64_t burst;		/* and the most it holds; both from 1 */
};

/* The tokens that one request has taken. */
struct throttle_taken {
	struct throttle_token {
		uint64_t after_us;	/* the word then; 0: nothing taken */
		uint64_t tag;		/* owner of the slot; 0: overflow */
		uint32_t place;		/* of the slot, or the overflow word */
	} fine, coarse, key;
};

struct throttle;

/**
 * throttle_open(o, t), throttle_close(t):
 * Map the table.  A missing table is created, and one of another form or
 * length is replaced.  All of its space is allocated then, so that a full disk
 * is detected here and nowhere else.
 *   Errors  ERR_RANGE per_minute or burst; ERR_IO it cannot be made or read,
 *	     or is a link, not a regular file, another user's or open to
 *	     others; logged, t is then NULL
 */
CHECKED enum err throttle_open(const struct throttle_options *o,
    struct throttle **t);
void throttle_close(struct throttle *t);

/**
 * throttle_take(t, a, now_ms, taken, retry_ms):
 * Take a token from both buckets of ${a}, and record that in ${taken}.  If the
 * table has no place left, the finer bucket is left out, and the coarser one
 * is shared with other networks.
 *   Errors  ERR_ADDRESS_LIMIT there is none left, and none will come back
 *	     before ${retry_ms} > 0 have passed.  If taken->fine is then not
 *	     empty, only the wider network has none; otherwise nothing was
 *	     taken
 */
CHECKED enum err throttle_take(struct throttle *t, const struct address *a,
    int64_t now_ms, struct throttle_taken *taken, int64_t *retry_ms);

/**
 * throttle_take_key(t, key, now_ms, taken):
 * Take a token from the bucket of the ${key} of THROTTLE_KEY_LEN bytes, which
 * no address shares, and record that in ${taken}.
 *   Errors  ERR_ADDRESS_LIMIT there is none left, or no place in the table;
 *	     taken is then empty
 */
#define THROTTLE_KEY_LEN 32

CHECKED enum err throttle_take_key(struct throttle *t,
    const uint8_t key[THROTTLE_KEY_LEN], int64_t now_ms,
    struct throttle_taken *taken);

/**
 * throttle_give_back(t, taken):
 * Put back what was ${taken}, once.  Nothing is put back if the slot is
 * another bucket's now, or if the bucket has been full in between.  All zero
 * is accepted.
 */
void throttle_give_back(struct throttle *t, struct throttle_taken *taken);

/**
 * throttle_count(t, e), throttle_counts(t, out):
 * Count a request refused with ${e}.  Return the counts of each error since
 * the table was made.
 */
void throttle_count(struct throttle *t, enum err e);
void throttle_counts(const struct throttle *t, uint64_t out[ERR_COUNT]);

/**
 * throttle_told(o, out):
 * As throttle_counts(), of an existing table, which is only read: for programs
 * that may read it and serve no requests.
 *   Errors  ERR_IO there is no table of this user's, or none for these limits
 */
CHECKED enum err throttle_told(const struct throttle_options *o,
    uint64_t out[ERR_COUNT]);

/**
 * throttle_sample(t, now_ms):
 * May one more refusal be logged?  THROTTLE_SAMPLES in each second are
 * allowed, over all processes.
 */
bool throttle_sample(struct throttle *t, int64_t now_ms);

#endif /* !STATE_THROTTLE_H_ */
