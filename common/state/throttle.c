#include <limits.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/siphash.h"
#include "state/shared.h"
#include "state/snapshot.h"
#include "state/throttle.h"

#define MINUTE_US 60000000
#define COUNTS 256
#define NOW_MS_MAX (INT64_C(1) << 52)	/* so that no sum below overflows */

/* A compare-and-swap fails if another one succeeded.  After so many
   failures in a row everybody is emptying the bucket, and the caller does
   not wait for it. */
#define SWAPS_MAX 1000

/* How many slots a request may lose to others before it goes without. */
#define SLOTS_MAX 4

/* In the sample's word: the bits that count the lines of a second. */
#define SAMPLE_BITS 8
#define SAMPLE_MASK UINT64_C(0xff)

struct head {
	char magic[8];
	uint32_t version, byte_order;
	uint32_t slots, overflow, counts, size;
	uint64_t errors;	/* hash of their names, the counts' meaning */
};

struct slot {
	_Atomic uint64_t tag;	/* hash of its owner; 0: unused */
	_Atomic uint64_t word;
};

struct table {
	struct head head;
	uint8_t salt[SHARED_SALT_LEN];
	_Atomic uint64_t counts[COUNTS];
	_Atomic uint64_t sample;
	alignas(THROTTLE_PAGE) struct slot slots[THROTTLE_SLOTS];
	_Atomic uint64_t overflow[THROTTLE_OVERFLOW];
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && sizeof(struct slot) == 16,
    "a lock would stay with who is killed");
_Static_assert(ERR_COUNT <= COUNTS, "a count for each error");
_Static_assert(offsetof(struct table, slots) == THROTTLE_PAGE, "as promised");
_Static_assert(offsetof(struct table, salt) == sizeof(struct head),
    "as state/shared.h has it");
_Static_assert(SHARED_SALT_LEN == SIPHASH_KEY_LEN &&
    sizeof(struct head) <= SHARED_HEAD_MAX, "likewise");

struct limit {
	uint64_t interval_us;	/* time for one token to come back */
	uint64_t span_us;	/* time for an empty bucket to fill */
};

struct throttle {
	struct table *table;
	struct limit fine, coarse, key;
};

/* --- the table ----------------------------------------------------------- */

/* The counts of another build are of other errors, and other limits make
   other buckets: raised limits must help those who are waiting. */
static struct head
our_head(const struct throttle_options *o)
{
	struct head h = { "fgthrot", 1, 0x01020304, THROTTLE_SLOTS,
	    THROTTLE_OVERFLOW, COUNTS, sizeof(struct table), 0 };
	uint8_t key[SIPHASH_KEY_LEN] = { 0 };
	const int64_t limits[] = { o->per_minute, o->burst };
	const char *name;
	int e;

	h.errors = siphash_24(key, limits, sizeof(limits));
	for (e = 0; e < ERR_COUNT; e++) {
		memcpy(key, &h.errors, sizeof(h.errors));
		name = err_name((enum err)e);
		h.errors = siphash_24(key, name, strlen(name));
	}
	return (h);
}

static struct limit
limit_of(int64_t per_minute, int64_t burst)
{
	struct limit l;

	l.interval_us = MINUTE_US / (uint64_t)per_minute;
	l.span_us = l.interval_us * (uint64_t)burst;
	return (l);
}

enum err
throttle_open(const struct throttle_options *o, struct throttle **t)
{
	const struct head head = our_head(o);
	const struct shared_form form = { &head, sizeof(head),
	    sizeof(struct table), false };
	char path[PATH_MAX];
	void *table;
	enum err e;

	*t = NULL;
	if (o->per_minute < 1 || o->per_minute > THROTTLE_MOST ||
	    o->burst < 1 || o->burst > THROTTLE_MOST) {
		LOG(LOG_ERROR, "throttle_out_of_range",
		    LOG_I("per_minute", o->per_minute),
		    LOG_I("burst", o->burst));
		return (ERR_RANGE);
	}
	snapshot_path(o->directory, THROTTLE_FILE, path);
	if ((e = shared_open(path, &form, &table)) != ERR_OK)
		return (e);
	if ((*t = malloc(sizeof(**t))) == NULL)
		log_die("out_of_memory", "throttle");
	(*t)->table = table;
	(*t)->fine = limit_of(o->per_minute, o->burst);
	(*t)->coarse = limit_of(o->per_minute * THROTTLE_COARSE,
	    o->burst * THROTTLE_COARSE);
	(*t)->key = limit_of(60, THROTTLE_KEY_BURST);
	return (ERR_OK);
}

void
throttle_close(struct throttle *t)
{

	if (t == NULL)
		return;
	shared_close(t->table, sizeof(*t->table));
	free(t);
}

/* --- a bucket: the generic cell rate algorithm --------------------------- */

static uint64_t
to_us(int64_t now_ms)
{

	if (now_ms < 0)
		return (0);
	return (1000 * (uint64_t)(now_ms < NOW_MS_MAX ? now_ms : NOW_MS_MAX));
}

/* Does the bucket lack a token?  It does not if its time is past, or if the
   wait would be longer than THROTTLE_BEHIND_MS allows. */
static bool
is_used(uint64_t word, const struct limit *l, uint64_t now_us)
{

	return (word > now_us && word - now_us <= 2 * l->span_us -
	    l->interval_us + 1000 * THROTTLE_BEHIND_MS);
}

/* Set ${after_us} to the word after taking the token, or ${wait_us} to the
   wait for one. */
static enum err
bucket_take(_Atomic uint64_t *word, const struct limit *l, uint64_t now_us,
    uint64_t *after_us, uint64_t *wait_us)
{
	uint64_t was = atomic_load(word), full;
	int swaps;

	for (swaps = 0; swaps < SWAPS_MAX; swaps++) {
		full = (is_used(was, l, now_us) ? was : now_us) +
		    l->interval_us;
		if (full - now_us > l->span_us) {
			*wait_us = full - now_us - l->span_us;
			return (ERR_ADDRESS_LIMIT);
		}
		if (atomic_compare_exchange_strong(word, &was, full)) {
			*after_us = full;
			return (ERR_OK);
		}
	}
	*wait_us = l->interval_us;
	return (ERR_ADDRESS_LIMIT);
}

/* --- finding it ---------------------------------------------------------- */

/* ${kind}: bits of an address, or KEY. */
#define KEY 255

static uint64_t
tag_of_bytes(const struct throttle *t, int kind, const uint8_t *bytes,
    size_t len)
{
	uint8_t text[1 + THROTTLE_KEY_LEN];
	uint64_t tag;

	text[0] = (uint8_t)kind;
	memcpy(text + 1, bytes, len);
	tag = siphash_24(t->table->salt, text, 1 + len);
	return (tag != 0 ? tag : 1);
}

static uint64_t
tag_of(const struct throttle *t, const struct address *a, int bits)
{
	const struct address p = address_prefix(a, bits);

	return (tag_of_bytes(t, bits, p.byte, sizeof(p.byte)));
}

/* The limits differ by kind.  Return the one that keeps a slot longest. */
static const struct limit *
longest(const struct throttle *t)
{

	return (t->fine.span_us >= t->key.span_us ? &t->fine : &t->key);
}

/* Return the slot of ${tag}, or one that it may take over, or NULL.
   ${seen} is the slot's present tag. */
static struct slot *
find(const struct throttle *t, uint64_t tag, uint64_t now_us, uint64_t *seen)
{
	struct slot *s, *found = NULL;
	uint64_t other, word;
	size_t i;

	for (i = 0; i < THROTTLE_PROBES; i++) {
		s = &t->table->slots[(tag + i) % THROTTLE_SLOTS];

		/* The tag last: if another request of the same owner uses the
		   slot by now, it has written its tag first. */
		word = atomic_load(&s->word);
		other = atomic_load(&s->tag);
		if (other == tag || (found == NULL &&
		    !is_used(word, longest(t), now_us))) {
			found = s;
			*seen = other;
		}
		if (other == tag)
			break;
	}
	return (found);
}

/*
 * Errors  ERR_ADDRESS_LIMIT; ERR_RANGE no slot
 *
 * A slot changes hands by its tag alone, and its word is then that of a full
 * bucket.  Until the token is taken the slot looks unused, and may change
 * hands again.  Then the token is another owner's, and is put back.
 */
static enum err
slot_take(const struct throttle *t, const struct limit *l, uint64_t tag,
    uint64_t now_us, struct throttle_token *token, uint64_t *wait_us)
{
	uint64_t after, seen;
	struct slot *s;
	enum err e;
	int tries;

	for (tries = 0; tries < SLOTS_MAX; tries++) {
		if ((s = find(t, tag, now_us, &seen)) == NULL)
			break;
		if (seen != tag && !atomic_compare_exchange_strong(&s->tag,
		    &seen, tag) && seen != tag)
			continue;
		e = bucket_take(&s->word, l, now_us, &after, wait_us);
		if (atomic_load(&s->tag) == tag) {
			token->after_us = e == ERR_OK ? after : 0;
			token->tag = tag;
			token->place = (uint32_t)(s - t->table->slots);
			return (e);
		}
		if (e == ERR_OK)
			atomic_compare_exchange_strong(&s->word, &after,
			    after - l->interval_us);
	}
	return (ERR_RANGE);
}

static enum err
overflow_take(const struct throttle *t, uint64_t tag, uint64_t now_us,
    struct throttle_token *token, uint64_t *wait_us)
{

	token->tag = 0;
	token->place = (uint32_t)(tag % THROTTLE_OVERFLOW);
	return (bucket_take(&t->table->overflow[token->place], &t->coarse,
	    now_us, &token->after_us, wait_us));
}

/*
 * Time gives tokens back, too.  If the bucket was full since, the token is
 * back already.  The word then started again from the clock, and differs from
 * the old one by a fraction of an interval.
 */
static void
token_give_back(const struct throttle *t, const struct limit *l,
    const struct throttle_token *token)
{
	struct slot *s = &t->table->slots[token->place % THROTTLE_SLOTS];
	_Atomic uint64_t *word = token->tag != 0 ? &s->word :
	    &t->table->overflow[token->place % THROTTLE_OVERFLOW];
	uint64_t was = atomic_load(word);
	int swaps;

	if (token->after_us == 0)
		return;
	for (swaps = 0; swaps < SWAPS_MAX; swaps++) {
		if ((token->tag != 0 && atomic_load(&s->tag) != token->tag) ||
		    (int64_t)(was - token->after_us) %
		    (int64_t)l->interval_us != 0 || was < l->interval_us)
			return;
		if (atomic_compare_exchange_strong(word, &was,
		    was - l->interval_us))
			return;
	}
}

/* --- the interface ------------------------------------------------------- */

enum err
throttle_take(struct throttle *t, const struct address *a, int64_t now_ms,
    struct throttle_taken *taken, int64_t *retry_ms)
{
	const uint64_t fine = tag_of(t, a, a->is_v4 ? 32 : 64);
	const uint64_t coarse = tag_of(t, a, a->is_v4 ? 24 : 48);
	const uint64_t now_us = to_us(now_ms);
	uint64_t wait_us = 0;
	enum err e;

	memset(taken, 0, sizeof(*taken));
	*retry_ms = 0;
	e = slot_take(t, &t->fine, fine, now_us, &taken->fine, &wait_us);
	if (e != ERR_ADDRESS_LIMIT) {
		e = slot_take(t, &t->coarse, coarse, now_us, &taken->coarse,
		    &wait_us);
		if (e == ERR_RANGE)
			e = overflow_take(t, coarse, now_us, &taken->coarse,
			    &wait_us);
	}
	if (e != ERR_OK)
		*retry_ms = (int64_t)((wait_us + 999) / 1000);
	return (e);
}

enum err
throttle_take_key(struct throttle *t, const uint8_t key[THROTTLE_KEY_LEN],
    int64_t now_ms, struct throttle_taken *taken)
{
	uint64_t wait_us;

	memset(taken, 0, sizeof(*taken));
	return (slot_take(t, &t->key, tag_of_bytes(t, KEY, key,
	    THROTTLE_KEY_LEN), to_us(now_ms), &taken->key, &wait_us) ==
	    ERR_OK ? ERR_OK : ERR_ADDRESS_LIMIT);
}

void
throttle_give_back(struct throttle *t, struct throttle_taken *taken)
{

	token_give_back(t, &t->fine, &taken->fine);
	token_give_back(t, &t->coarse, &taken->coarse);
	token_give_back(t, &t->key, &taken->key);
	memset(taken, 0, sizeof(*taken));
}

void
throttle_count(struct throttle *t, enum err e)
{

	if ((unsigned)e < ERR_COUNT)
		atomic_fetch_add(&t->table->counts[e], 1);
}

void
throttle_counts(const struct throttle *t, uint64_t out[ERR_COUNT])
{
	size_t i;

	for (i = 0; i < ERR_COUNT; i++)
		out[i] = atomic_load(&t->table->counts[i]);
}

enum err
throttle_told(const struct throttle_options *o, uint64_t out[ERR_COUNT])
{
	const struct head head = our_head(o);
	struct file_map map = { 0 };
	const struct table *table;
	char path[PATH_MAX];
	const char *why;
	enum err e;
	size_t i;

	snapshot_path(o->directory, THROTTLE_FILE, path);
	if ((e = file_map_open(path, sizeof(*table), &map, &why)) != ERR_OK)
		return (e);
	table = map.data;
	if (map.len != sizeof(*table) ||
	    memcmp(&table->head, &head, sizeof(head)) != 0) {
		e = ERR_IO;
	} else {
		for (i = 0; i < ERR_COUNT; i++)
			out[i] = atomic_load_explicit(&table->counts[i],
			    memory_order_relaxed);
	}
	file_map_close(&map);
	return (e);
}

bool
throttle_sample(struct throttle *t, int64_t now_ms)
{
	const uint64_t second = to_us(now_ms) / 1000000 << SAMPLE_BITS;
	uint64_t was = atomic_load(&t->table->sample), is;

	/* The second, and its number of lines. */
	do {
		is = (was & ~SAMPLE_MASK) == second ? was + 1 : second + 1;
		if ((is & SAMPLE_MASK) > THROTTLE_SAMPLES)
			return (false);
	} while (!atomic_compare_exchange_weak(&t->table->sample, &was, is));
	return (true);
}
