#ifndef STATE_BUSIEST_H_
#define STATE_BUSIEST_H_

#include <stdatomic.h>
#include <stdint.h>

#include "base/address.h"

/*
 * Who is refused most often, and which hotkey comes from most addresses, within
 * a clock hour.  A table that processes share has a place for each hotkey and
 * each address (IPv6: /64), by a salted hash.  So it holds no key and no
 * address.  Where it is full, several share a place, and a number is too high.
 *
 * A place changes hands without a lock.  While it does, a few counts may be
 * lost or kept from the last hour.
 */
#define BUSIEST_HOTKEYS 2048	/* powers of 2 */
#define BUSIEST_ADDRESSES 4096
#define BUSIEST_KEY_LEN 32
#define BUSIEST_SALT_LEN 16

struct busiest_place {
	_Atomic uint64_t tag;		/* hash of its owner, then the hour */
	_Atomic uint64_t refusals;
	_Atomic uint64_t addresses;	/* bits, by hash: hotkeys only */
};

/* All zero: empty. */
struct busiest {
	struct busiest_place hotkey[BUSIEST_HOTKEYS];
	struct busiest_place address[BUSIEST_ADDRESSES];
};

struct busiest_most {
	uint64_t hotkey_refusals, address_refusals;
	uint64_t addresses;		/* of one hotkey, estimated */
};

/* The estimate where it can no longer be told. */
#define BUSIEST_ADDRESSES_MAX 300

/**
 * busiest_refused(b, salt, key, a, now_s), busiest_came(b, salt, key, a,
 * now_s):
 * A request from the address ${a} was refused, with a valid proof of the
 * hotkey ${key} or (NULL) without one.  A valid proof of ${key} came from
 * ${a}.  ${a} may be NULL, and ${b}, too: then nothing is done.
 */
void busiest_refused(struct busiest *b, const uint8_t salt[BUSIEST_SALT_LEN],
    const uint8_t key[BUSIEST_KEY_LEN], const struct address *a,
    int64_t now_s);
void busiest_came(struct busiest *b, const uint8_t salt[BUSIEST_SALT_LEN],
    const uint8_t key[BUSIEST_KEY_LEN], const struct address *a,
    int64_t now_s);

/**
 * busiest_most(b, now_s):
 * Return the highest of these numbers in the hour of ${now_s}.
 */
struct busiest_most busiest_most(const struct busiest *b, int64_t now_s);

/**
 * busiest_of(b, salt, key, now_s):
 * Return the refusals and the addresses of the hotkey ${key} in the hour of
 * ${now_s}, as far as it has a place of its own.  ${b} is not changed.
 */
struct busiest_most busiest_of(const struct busiest *b,
    const uint8_t salt[BUSIEST_SALT_LEN], const uint8_t key[BUSIEST_KEY_LEN],
    int64_t now_s);

#endif /* !STATE_BUSIEST_H_ */
