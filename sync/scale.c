#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "scale.h"

/* Numbers of the struct's fields. netuid always has a place, but a runtime
   that is not asked for it writes 0 there. */
enum {
	FIELD_NETUID = 0,
	FIELD_BLOCK = 7,
	FIELD_HOTKEYS = 52,
	FIELD_COLDKEYS = 53,
	FIELD_PERMITS = 57,
	FIELD_ALPHA = 67,
	FIELD_TOTAL = 69
};

/* The requested fields, ascending.  The last one is requested only if total
   stakes are. */
static const uint8_t wanted[] = { FIELD_NETUID, FIELD_BLOCK, FIELD_HOTKEYS,
    FIELD_COLDKEYS, FIELD_PERMITS, FIELD_ALPHA, FIELD_TOTAL };

/* The number of requested fields. */
static size_t
wanted_n(bool total)
{

	return (sizeof(wanted) - (total ? 0 : 1));
}

void
scale_argument(uint16_t netuid, bool total, char out[SCALE_ARGUMENT_MAX + 1])
{
	uint8_t raw[2 + 1 + 2 * sizeof(wanted)] = { 0 };
	const size_t n = wanted_n(total);
	size_t i;

	raw[0] = (uint8_t)netuid;
	raw[1] = (uint8_t)(netuid >> 8);
	raw[2] = (uint8_t)(n << 2);
	for (i = 0; i < n; i++)
		raw[3 + 2 * i] = wanted[i];
	out[0] = '0';
	out[1] = 'x';
	hex_encode(out + 2, raw, 3 + 2 * n);
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
	/* The least value of each of the four modes. */
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

/* The fields, found in one pass. */
struct found {
	uint64_t block, hotkeys_n, coldkeys_n, permits_n, alpha_n, total_n;
	const uint8_t *hotkeys, *coldkeys, *permits;
	struct scale alpha, total;	/* this many Compacts, checked */
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
	case FIELD_ALPHA:
		return (compacts(s, &f->alpha_n, &f->alpha));
	case FIELD_TOTAL:
		return (compacts(s, &f->total_n, &f->total));
	default:
		return (ERR_FORMAT);
	}
}

/*
 * Read one Option per field, up to the last one needed.  Only requested fields
 * may be present.  An answer that ends between two fields is complete, and
 * comes from a runtime whose struct ends there.
 */
static enum err
fields(struct scale *s, bool total, struct found *f, const char **reason)
{
	const uint8_t *tag;
	size_t next = 1;	/* netuid, the first one, has been read */
	int number;
	enum err e;

	for (number = 1; next < wanted_n(total); number++) {
		if ((tag = take(s, 1)) == NULL) {
			*reason = "older runtime: its metagraph lacks a field";
			return (ERR_FORMAT);
		}
		if (*tag != (number == wanted[next] ? 1 : 0))
			return (ERR_FORMAT);
		if (*tag == 0)
			continue;
		if ((e = field(s, number, f)) != ERR_OK)
			return (e);
		next++;
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
		if ((e = scale_compact(&f->alpha, &n->alpha_stake_rao)) !=
		    ERR_OK)
			return (e);
		if (f->total_n > 0 && (e = scale_compact(&f->total,
		    &n->total_stake_rao)) != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

enum err
scale_metagraph(const uint8_t *data, size_t len, uint16_t netuid, bool total,
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
	if (fields(&s, total, &f, reason) != ERR_OK)
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
	    f.alpha_n != f.hotkeys_n ||
	    (total && f.total_n != f.hotkeys_n)) {
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
