#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "scale.h"

/* Numbers of the struct's fields.  netuid always has a place, but a runtime
   that is not asked for it writes 0 there. */
enum {
	FIELD_NETUID = 0,
	FIELD_BLOCK = 7,
	FIELD_HOTKEYS = 52,
	FIELD_COLDKEYS = 53,
	FIELD_PERMITS = 57,
	FIELD_STAKES = 67,
	FIELD_LAST = FIELD_STAKES	/* the last one that is needed */
};

void
scale_argument(uint16_t netuid, char out[SCALE_ARGUMENT_LEN + 1])
{
	const uint8_t raw[15] = {
		(uint8_t)netuid, (uint8_t)(netuid >> 8), 6 << 2,
		FIELD_NETUID, 0, FIELD_BLOCK, 0, FIELD_HOTKEYS, 0,
		FIELD_COLDKEYS, 0, FIELD_PERMITS, 0, FIELD_STAKES, 0
	};

	out[0] = '0';
	out[1] = 'x';
	hex_encode(out + 2, raw, sizeof(raw));
}

/* The next n bytes, or NULL. */
static const uint8_t *
take(struct scale *s, size_t n)
{
	const uint8_t *p = s->p;

	if (n > s->left)
		return (NULL);
	s->p += n;
	s->left -= n;
	return (p);
}

/* The n <= 8 bytes at p, little-endian. */
static uint64_t
little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n > 0)
		v = v << 8 | p[--n];
	return (v);
}

enum err
scale_compact(struct scale *s, uint64_t *out)
{
	/* The least that needs each of the four modes. */
	static const uint64_t least[4] = { 0, 1 << 6, 1 << 14, 1 << 30 };
	const uint8_t *p;
	size_t mode, n;

	if (s->left == 0)
		return (ERR_FORMAT);
	mode = s->p[0] & 3;
	if (mode < 3) {
		if ((p = take(s, (size_t)1 << mode)) == NULL)
			return (ERR_FORMAT);
		*out = little(p, (size_t)1 << mode) >> 2;
	} else {
		n = (size_t)(s->p[0] >> 2) + 4;
		if (n > 8 || (p = take(s, 1 + n)) == NULL)
			return (ERR_FORMAT);
		*out = little(p + 1, n);
		if (n > 4 && p[n] == 0)
			return (ERR_FORMAT);
	}
	return (*out < least[mode] ? ERR_FORMAT : ERR_OK);
}

/* What the fields say, found in one pass. */
struct found {
	uint64_t block, hotkeys_n, coldkeys_n, permits_n, stakes_n;
	const uint8_t *hotkeys, *coldkeys, *permits;
	struct scale stakes;	/* stakes_n Compacts, checked */
};

/* A Vec of items of ${size} bytes. */
static enum err
vector(struct scale *s, size_t size, uint64_t *n, const uint8_t **items)
{
	enum err e;

	if ((e = scale_compact(s, n)) != ERR_OK)
		return (e);
	if (*n > METAGRAPH_NEURONS_MAX)
		return (ERR_FORMAT);
	*items = take(s, (size_t)*n * size);
	return (*items == NULL ? ERR_FORMAT : ERR_OK);
}

static enum err
compacts(struct scale *s, uint64_t *n, struct scale *items)
{
	uint64_t i, ignored;
	enum err e;

	if ((e = scale_compact(s, n)) != ERR_OK)
		return (e);
	if (*n > METAGRAPH_NEURONS_MAX)
		return (ERR_FORMAT);
	*items = *s;
	for (i = 0; i < *n; i++) {
		if ((e = scale_compact(s, &ignored)) != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

static enum err
field(struct scale *s, int number, struct found *f)
{

	switch (number) {
	case FIELD_BLOCK:
		return (scale_compact(s, &f->block));
	case FIELD_HOTKEYS:
		return (vector(s, 32, &f->hotkeys_n, &f->hotkeys));
	case FIELD_COLDKEYS:
		return (vector(s, 32, &f->coldkeys_n, &f->coldkeys));
	case FIELD_PERMITS:
		return (vector(s, 1, &f->permits_n, &f->permits));
	case FIELD_STAKES:
		return (compacts(s, &f->stakes_n, &f->stakes));
	default:
		return (ERR_FORMAT);
	}
}

static bool
was_asked_for(int number)
{

	return (number == FIELD_BLOCK || number == FIELD_HOTKEYS ||
	    number == FIELD_COLDKEYS || number == FIELD_PERMITS ||
	    number == FIELD_STAKES);
}

/*
 * One Option a field, up to the last one needed: what was asked for is there,
 * all else is not.  An answer that ends between two fields is whole, and comes
 * from a runtime whose struct ends there.
 */
static enum err
fields(struct scale *s, struct found *f, const char **reason)
{
	const uint8_t *tag;
	int number;
	enum err e;

	for (number = 1; number <= FIELD_LAST; number++) {
		if ((tag = take(s, 1)) == NULL) {
			*reason = "older runtime: its metagraph lacks a field";
			return (ERR_FORMAT);
		}
		if (*tag != (was_asked_for(number) ? 1 : 0))
			return (ERR_FORMAT);
		if (*tag == 1 && (e = field(s, number, f)) != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

static enum err
assemble(struct found *f, struct metagraph_neuron *out)
{
	struct metagraph_neuron *n;
	uint64_t i;
	enum err e;

	for (i = 0; i < f->hotkeys_n; i++) {
		n = &out[i];
		if (f->permits[i] > 1)
			return (ERR_FORMAT);
		memcpy(n->hotkey, f->hotkeys + i * 32, 32);
		memcpy(n->coldkey, f->coldkeys + i * 32, 32);
		n->permit = f->permits[i];
		n->uid = (uint16_t)i;
		if ((e = scale_compact(&f->stakes, &n->alpha_stake_rao)) !=
		    ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

enum err
scale_metagraph(const uint8_t *data, size_t len, uint16_t netuid,
    uint64_t *block, struct metagraph_neuron **neurons, uint32_t *n,
    const char **reason)
{
	struct scale s = { data, len };
	struct found f = { 0 };
	const uint8_t *tag;
	uint64_t which;

	*reason = "malformed metagraph";
	if ((tag = take(&s, 1)) == NULL || *tag > 1)
		return (ERR_FORMAT);
	if (*tag == 0) {
		*reason = "no such subnet on this chain";
		return (ERR_RANGE);
	}
	if (scale_compact(&s, &which) != ERR_OK)
		return (ERR_FORMAT);
	if (which != netuid) {
		*reason = "metagraph of another netuid";
		return (ERR_RANGE);
	}
	if (fields(&s, &f, reason) != ERR_OK)
		return (ERR_FORMAT);
	if (f.block > INT64_MAX) {
		*reason = "block number out of range";
		return (ERR_FORMAT);
	}
	if (f.hotkeys_n == 0) {
		*reason = "metagraph without a neuron";
		return (ERR_FORMAT);
	}
	if (f.coldkeys_n != f.hotkeys_n || f.permits_n != f.hotkeys_n ||
	    f.stakes_n != f.hotkeys_n) {
		*reason = "metagraph with vectors of different length";
		return (ERR_FORMAT);
	}
	if ((*neurons = calloc((size_t)f.hotkeys_n, sizeof(**neurons))) == NULL)
		log_die("out_of_memory", "scale");
	if (assemble(&f, *neurons) != ERR_OK) {
		free(*neurons);
		*neurons = NULL;
		return (ERR_FORMAT);
	}
	*block = f.block;
	*n = (uint32_t)f.hotkeys_n;
	return (ERR_OK);
}
