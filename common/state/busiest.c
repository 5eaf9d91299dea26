#include <string.h>

#include "crypto/siphash.h"
#include "state/busiest.h"

#define HOUR_S 3600

/* The end of a tag is its hour. */
#define HOUR_MASK UINT64_C(0xffff)

/* The places where an owner may be, from the one that its hash names. */
#define PROBES 8

#define BITS 64

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 &&
    sizeof(struct busiest_place) == 24, "as the file has it");
_Static_assert(BUSIEST_SALT_LEN == SIPHASH_KEY_LEN, "the salt is a key");

static uint64_t
hour_of(int64_t now_s)
{

	return ((uint64_t)(now_s / HOUR_S) & HOUR_MASK);
}

static uint64_t
tag_of(const uint8_t *salt, const void *bytes, size_t len, int64_t now_s)
{
	uint64_t tag;

	tag = siphash_24(salt, bytes, len) & ~HOUR_MASK;
	return ((tag != 0 ? tag : HOUR_MASK + 1) | hour_of(now_s));
}

/* Return the place of ${tag} among the ${n} at ${places}.  One of another hour
   may be taken over.  If all are in use, the first is shared. */
static struct busiest_place *
find(struct busiest_place *places, size_t n, uint64_t tag)
{
	const size_t first = (size_t)(tag >> 16);
	struct busiest_place *p, *unused = NULL;
	uint64_t seen = 0, was;
	size_t i;

	for (i = 0; i < PROBES; i++) {
		p = &places[(first + i) % n];
		if ((was = atomic_load(&p->tag)) == tag)
			return (p);
		if (unused == NULL &&
		    ((was ^ tag) & HOUR_MASK) != 0) {
			unused = p;
			seen = was;
		}
	}
	if (unused == NULL)
		return (&places[first % n]);
	if (atomic_compare_exchange_strong(&unused->tag, &seen, tag)) {
		atomic_store(&unused->refusals, 0);
		atomic_store(&unused->addresses, 0);
	}
	return (unused);
}

static struct busiest_place *
of_key(struct busiest *b, const uint8_t *salt, const uint8_t *key,
    int64_t now_s)
{

	return (find(b->hotkey, BUSIEST_HOTKEYS,
	    tag_of(salt, key, BUSIEST_KEY_LEN, now_s)));
}

/* One address, as limits count it. */
static uint64_t
tag_of_address(const uint8_t *salt, const struct address *a, int64_t now_s)
{
	const struct address p = address_prefix(a, a->is_v4 ? 32 : 64);

	return (tag_of(salt, p.byte, sizeof(p.byte), now_s));
}

void
busiest_refused(struct busiest *b, const uint8_t salt[BUSIEST_SALT_LEN],
    const uint8_t key[BUSIEST_KEY_LEN], const struct address *a,
    int64_t now_s)
{

	if (b == NULL)
		return;
	if (key != NULL)
		atomic_fetch_add(&of_key(b, salt, key, now_s)->refusals, 1);
	if (a != NULL)
		atomic_fetch_add(&find(b->address, BUSIEST_ADDRESSES,
		    tag_of_address(salt, a, now_s))->refusals, 1);
}

void
busiest_came(struct busiest *b, const uint8_t salt[BUSIEST_SALT_LEN],
    const uint8_t key[BUSIEST_KEY_LEN], const struct address *a,
    int64_t now_s)
{
	uint64_t bit;

	if (b == NULL || a == NULL)
		return;
	bit = UINT64_C(1) << (tag_of_address(salt, a, now_s) >> 16) % BITS;
	atomic_fetch_or(&of_key(b, salt, key, now_s)->addresses, bit);
}

/*
 * Several addresses may have one bit.
 *   Source  Whang, Vander-Zanden and Taylor, A linear-time probabilistic
 *	     counting algorithm (1990): n = -m ln(unset / m)
 */
static uint64_t
estimate(uint64_t bits)
{
	/* round(-64 ln(1 - i / 64)) */
	static const uint16_t of[BITS + 1] = {
		0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 18,
		20, 21, 23, 24, 25, 27, 28, 30, 32, 33, 35, 37, 39, 40, 42,
		44, 46, 48, 51, 53, 55, 58, 60, 63, 65, 68, 71, 74, 78, 81,
		85, 89, 93, 97, 102, 107, 113, 119, 126, 133, 142, 151, 163,
		177, 196, 222, 266, 300
	};

	return (of[__builtin_popcountll(bits)]);
}

struct busiest_most
busiest_most(const struct busiest *b, int64_t now_s)
{
	struct busiest_most most = { 0, 0, 0 };
	const uint64_t hour = hour_of(now_s);
	const struct busiest_place *p;
	uint64_t n;
	size_t i;

	for (i = 0; b != NULL && i < BUSIEST_HOTKEYS; i++) {
		p = &b->hotkey[i];
		if ((atomic_load(&p->tag) & HOUR_MASK) != hour ||
		    atomic_load(&p->tag) == 0)
			continue;
		if ((n = atomic_load(&p->refusals)) > most.hotkey_refusals)
			most.hotkey_refusals = n;
		if ((n = estimate(atomic_load(&p->addresses))) >
		    most.addresses)
			most.addresses = n;
	}
	for (i = 0; b != NULL && i < BUSIEST_ADDRESSES; i++) {
		p = &b->address[i];
		if ((atomic_load(&p->tag) & HOUR_MASK) == hour &&
		    (n = atomic_load(&p->refusals)) > most.address_refusals)
			most.address_refusals = n;
	}
	return (most);
}

struct busiest_most
busiest_of(const struct busiest *b, const uint8_t salt[BUSIEST_SALT_LEN],
    const uint8_t key[BUSIEST_KEY_LEN], int64_t now_s)
{
	struct busiest_most own = { 0, 0, 0 };
	const struct busiest_place *p;
	uint64_t tag;
	size_t i;

	if (b == NULL)
		return (own);
	tag = tag_of(salt, key, BUSIEST_KEY_LEN, now_s);
	for (i = 0; i < PROBES; i++) {
		p = &b->hotkey[((size_t)(tag >> 16) + i) % BUSIEST_HOTKEYS];
		if (atomic_load(&p->tag) != tag)
			continue;
		own.hotkey_refusals = atomic_load(&p->refusals);
		own.addresses = estimate(atomic_load(&p->addresses));
		break;
	}
	return (own);
}
