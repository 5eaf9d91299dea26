#ifndef CRYPTO_MERLIN_H_
#define CRYPTO_MERLIN_H_

#include <stddef.h>
#include <stdint.h>

#include "crypto/keccak.h"

/*
 * Merlin transcripts over STROBE-128: the data that a signature commits to is
 * appended piece by piece, then challenges are drawn that depend on all of
 * it.  Source: merlin 3.0 transcript.rs and strobe.rs; the STROBE v1.0.2
 * specification, sections 6 and 7.  Labels are strings.
 *
 * A transcript lives on the caller's stack.  The caller must wipe a transcript
 * that has seen a secret.
 */
struct merlin {
	uint64_t state[KECCAK_LANES];
	uint8_t pos;		/* next byte of the state, below the rate 166 */
	uint8_t begin;		/* 1 + where this operation began, or 0 */
};

/**
 * merlin_substrate:
 * The transcript of every Substrate signature before the message:
 * merlin_init("SigningContext"), then merlin_append("", "substrate").  Kept as
 * a table because that saves a permutation for each verification; the unit test
 * computes it again.
 */
extern const struct merlin merlin_substrate;

/**
 * merlin_init(m, label):
 * Start the transcript ${m} of the protocol ${label}.
 */
void merlin_init(struct merlin *m, const char *label);

/**
 * merlin_append(m, label, data, len):
 * Append the ${len} <= UINT32_MAX bytes at ${data} under ${label}.
 */
void merlin_append(struct merlin *m, const char *label, const void *data,
    size_t len);

/**
 * merlin_challenge(m, label, out, len):
 * Draw ${len} <= UINT32_MAX bytes that depend on everything appended.  This
 * advances the transcript.
 */
void merlin_challenge(struct merlin *m, const char *label, uint8_t *out,
    size_t len);

/* Fresh randomness that merlin_witness() takes. */
#define MERLIN_RANDOM_LEN 32

/**
 * merlin_witness(m, label, seed, seed_len, random, out, len):
 * Draw ${len} <= UINT32_MAX secret bytes from the transcript, the secret
 * ${seed} and fresh ${random}.  They are unpredictable as long as seed or
 * random is, and different for every transcript even if random repeats.  ${m}
 * is not changed.
 *   Source  merlin's TranscriptRng with one rekey_with_witness_bytes()
 */
void merlin_witness(const struct merlin *m, const char *label,
    const uint8_t *seed, size_t seed_len,
    const uint8_t random[MERLIN_RANDOM_LEN], uint8_t *out, size_t len);

#endif /* !CRYPTO_MERLIN_H_ */
