#include <string.h>

#include "crypto/merlin.h"

/* Bytes of the state that data touches: 200 - 2 * 128 / 8 - 2. */
#define RATE 166

/* STROBE's flags of an operation. */
#define FLAG_I 1
#define FLAG_A 2
#define FLAG_C 4
#define FLAG_M 16

/* The operations that Merlin uses. */
#define OP_AD FLAG_A
#define OP_META_AD (FLAG_M | FLAG_A)
#define OP_PRF (FLAG_I | FLAG_A | FLAG_C)
#define OP_KEY (FLAG_A | FLAG_C)

/* Bytes are accessed through their lane, so the code works in any byte
   order. */
static inline uint8_t
get_byte(const struct merlin *m, unsigned i)
{

	return ((uint8_t)(m->state[i / 8] >> (8 * (i % 8))));
}

static inline void
xor_byte(struct merlin *m, unsigned i, uint8_t b)
{

	m->state[i / 8] ^= (uint64_t)b << (8 * (i % 8));
}

static void
run_f(struct merlin *m)
{

	xor_byte(m, m->pos, m->begin);
	xor_byte(m, m->pos + 1U, 0x04);
	xor_byte(m, RATE + 1, 0x80);
	keccak_f1600(m->state);
	m->pos = 0;
	m->begin = 0;
}

static inline void
advance(struct merlin *m)
{

	if (++m->pos == RATE)
		run_f(m);
}

static void
absorb(struct merlin *m, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++) {
		xor_byte(m, m->pos, p[i]);
		advance(m);
	}
}

static void
overwrite(struct merlin *m, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		xor_byte(m, m->pos, get_byte(m, m->pos) ^ data[i]);
		advance(m);
	}
}

static void
squeeze(struct merlin *m, uint8_t *out, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		out[i] = get_byte(m, m->pos);
		xor_byte(m, m->pos, out[i]);
		advance(m);
	}
}

static void
begin_op(struct merlin *m, uint8_t flags)
{
	const uint8_t head[2] = { m->begin, flags };

	m->begin = (uint8_t)(m->pos + 1);
	absorb(m, head, sizeof(head));
	if ((flags & FLAG_C) != 0 && m->pos != 0)
		run_f(m);
}

static void
absorb_len(struct merlin *m, size_t len)
{
	const uint8_t le[4] = { (uint8_t)len, (uint8_t)(len >> 8),
	    (uint8_t)(len >> 16), (uint8_t)(len >> 24) };

	absorb(m, le, sizeof(le));
}

/* Each piece begins with its label and its length. */
static void
announce(struct merlin *m, const char *label, size_t len)
{

	begin_op(m, OP_META_AD);
	absorb(m, label, strlen(label));
	absorb_len(m, len);
}

void
merlin_init(struct merlin *m, const char *label)
{
	static const uint8_t start[6] = { 1, RATE + 2, 1, 0, 1, 96 };
	static const char strobe[] = "STROBEv1.0.2";
	static const char protocol[] = "Merlin v1.0";

	memset(m, 0, sizeof(*m));
	absorb(m, start, sizeof(start));
	absorb(m, strobe, sizeof(strobe) - 1);
	keccak_f1600(m->state);
	m->pos = 0;
	begin_op(m, OP_META_AD);
	absorb(m, protocol, sizeof(protocol) - 1);
	merlin_append(m, "dom-sep", label, strlen(label));
}

void
merlin_append(struct merlin *m, const char *label, const void *data, size_t len)
{

	announce(m, label, len);
	begin_op(m, OP_AD);
	absorb(m, data, len);
}

void
merlin_challenge(struct merlin *m, const char *label, uint8_t *out, size_t len)
{

	announce(m, label, len);
	begin_op(m, OP_PRF);
	squeeze(m, out, len);
}

void
merlin_witness(const struct merlin *m, const char *label, const uint8_t *seed,
    size_t seed_len, const uint8_t random[MERLIN_RANDOM_LEN], uint8_t *out,
    size_t len)
{
	struct merlin rng = *m;

	announce(&rng, label, seed_len);
	begin_op(&rng, OP_KEY);
	overwrite(&rng, seed, seed_len);

	begin_op(&rng, OP_META_AD);
	absorb(&rng, "rng", 3);
	begin_op(&rng, OP_KEY);
	overwrite(&rng, random, MERLIN_RANDOM_LEN);

	begin_op(&rng, OP_META_AD);
	absorb_len(&rng, len);
	begin_op(&rng, OP_PRF);
	squeeze(&rng, out, len);
	explicit_bzero(&rng, sizeof(rng));
}

const struct merlin merlin_substrate = {
	.state = {
		UINT64_C(0xb43c918aea5b7f9c), UINT64_C(0x072764650d0dd10a),
		UINT64_C(0xf62865302f6a61b3), UINT64_C(0x12d205a220e43b73),
		UINT64_C(0x779d60096d0f71ba), UINT64_C(0x9413ee08306c3efa),
		UINT64_C(0x60475ed489396d09), UINT64_C(0xf6ac24a6e8f7b8f2),
		UINT64_C(0xfbbb22e39500b6e1), UINT64_C(0x7dfe9569b2e545c8),
		UINT64_C(0x9858ffd17413847c), UINT64_C(0x7372066b63e02ec9),
		UINT64_C(0x53030739602ac921), UINT64_C(0x05b0b7921bbbcc49),
		UINT64_C(0x887ebcce7fa88f7e), UINT64_C(0x34bc04ae45cb6f65),
		UINT64_C(0x5017d979beaebeca), UINT64_C(0x4d5066b913bfe8c0),
		UINT64_C(0x6588dd6572594313), UINT64_C(0xd5209bcc0914f9ad),
		UINT64_C(0x99b6971f044474f4), UINT64_C(0xd07ba81ee9defbdd),
		UINT64_C(0xe9965aa72db0f89b), UINT64_C(0x6e4ebb655b7ff047),
		UINT64_C(0xf6fbd9bf6aa1fafe)
	},
	.pos = 59,
	.begin = 49
};
