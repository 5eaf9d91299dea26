#include <string.h>

#include "crypto/keccak.h"

#define ROUNDS 24

/* Iota: FIPS 202, section 3.2.5. */
static const uint64_t round_constants[ROUNDS] = {
	UINT64_C(0x0000000000000001), UINT64_C(0x0000000000008082),
	UINT64_C(0x800000000000808a), UINT64_C(0x8000000080008000),
	UINT64_C(0x000000000000808b), UINT64_C(0x0000000080000001),
	UINT64_C(0x8000000080008081), UINT64_C(0x8000000000008009),
	UINT64_C(0x000000000000008a), UINT64_C(0x0000000000000088),
	UINT64_C(0x0000000080008009), UINT64_C(0x000000008000000a),
	UINT64_C(0x000000008000808b), UINT64_C(0x800000000000008b),
	UINT64_C(0x8000000000008089), UINT64_C(0x8000000000008003),
	UINT64_C(0x8000000000008002), UINT64_C(0x8000000000000080),
	UINT64_C(0x000000000000800a), UINT64_C(0x800000008000000a),
	UINT64_C(0x8000000080008081), UINT64_C(0x8000000000008080),
	UINT64_C(0x0000000080000001), UINT64_C(0x8000000080008008)
};

/* Some rotations are by 0.  The mask keeps those defined. */
#define ROTL(x, n) ((x) << (n) | (x) >> ((64 - (n)) & 63))

/* Parity of column x. */
#define COLUMN(a, x) \
	((a)[x] ^ (a)[(x) + 5] ^ (a)[(x) + 10] ^ (a)[(x) + 15] ^ (a)[(x) + 20])

/* Lane l after theta, turned by r bits. */
#define LANE(l, r) ROTL(in[l] ^ d[(l) % 5], r)

/* Row y of the next state: rho and pi choose five lanes, chi mixes them. */
#define ROW(y, l0, r0, l1, r1, l2, r2, l3, r3, l4, r4) do {	\
	b0 = LANE(l0, r0);					\
	b1 = LANE(l1, r1);					\
	b2 = LANE(l2, r2);					\
	b3 = LANE(l3, r3);					\
	b4 = LANE(l4, r4);					\
	out[5 * (y)] = b0 ^ (~b1 & b2);				\
	out[5 * (y) + 1] = b1 ^ (~b2 & b3);			\
	out[5 * (y) + 2] = b2 ^ (~b3 & b4);			\
	out[5 * (y) + 3] = b3 ^ (~b4 & b0);			\
	out[5 * (y) + 4] = b4 ^ (~b0 & b1);			\
} while (0)

static inline void
one_round(uint64_t out[KECCAK_LANES], const uint64_t in[KECCAK_LANES],
    uint64_t constant)
{
	const uint64_t c0 = COLUMN(in, 0), c1 = COLUMN(in, 1);
	const uint64_t c2 = COLUMN(in, 2), c3 = COLUMN(in, 3);
	const uint64_t c4 = COLUMN(in, 4);
	const uint64_t d[5] = { c4 ^ ROTL(c1, 1), c0 ^ ROTL(c2, 1),
	    c1 ^ ROTL(c3, 1), c2 ^ ROTL(c4, 1), c3 ^ ROTL(c0, 1) };
	uint64_t b0, b1, b2, b3, b4;

	ROW(0, 0, 0, 6, 44, 12, 43, 18, 21, 24, 14);
	ROW(1, 3, 28, 9, 20, 10, 3, 16, 45, 22, 61);
	ROW(2, 1, 1, 7, 6, 13, 25, 19, 8, 20, 18);
	ROW(3, 4, 27, 5, 36, 11, 10, 17, 15, 23, 56);
	ROW(4, 2, 62, 8, 55, 14, 39, 15, 41, 21, 2);
	out[0] ^= constant;
}

void
keccak_f1600(uint64_t state[KECCAK_LANES])
{
	uint64_t other[KECCAK_LANES];
	int i;

	/* Two rounds a step, there and back, avoid a copy. */
	for (i = 0; i < ROUNDS; i += 2) {
		one_round(other, state, round_constants[i]);
		one_round(state, other, round_constants[i + 1]);
	}

	/* A signer's state holds secrets. */
	explicit_bzero(other, sizeof(other));
}
