#ifndef CRYPTO_KECCAK_H_
#define CRYPTO_KECCAK_H_

#include <stdint.h>

/* The permutation under SHA-3, which libsodium does not offer. */
#define KECCAK_LANES 25

/**
 * keccak_f1600(state):
 * Apply keccak-f[1600] to ${state}.
 *   Shape   lane x + 5y of the specification is state[x + 5 * y]; byte i of the
 *	     state is bits 8 * (i % 8) and up of lane i / 8, on any machine
 *   Source  FIPS 202, section 3
 */
void keccak_f1600(uint64_t state[KECCAK_LANES]);

#endif /* !CRYPTO_KECCAK_H_ */
