#ifndef MNEMONIC_H_
#define MNEMONIC_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * BIP-39 phrases in English, and the key that Substrate derives from one.
 * Sources: BIP-39; for mnemonic_mini() the crate substrate-bip39, which
 * stretches the entropy where BIP-39 itself stretches the phrase.
 */
#define MNEMONIC_WORDS 2048
#define MNEMONIC_ENTROPY_MIN 16		/* 12 words */
#define MNEMONIC_ENTROPY_MAX 32		/* 24 words */
#define MNEMONIC_MAX (24 * 8 + 23)	/* words of 8 letters, blanks between */
#define MNEMONIC_MINI_LEN 32

/* The word list in rising order; scripts/wordlist.sh writes it. */
extern const char *const mnemonic_words[MNEMONIC_WORDS];

/**
 * mnemonic_encode(entropy, len, out):
 * Write the phrase of the ${len} bytes at ${entropy}, checksum included, with
 * one blank between words and a NUL after it.
 *   Shape   len: 16, 20, 24, 28 or 32
 *   Errors  ERR_RANGE another len; out is then untouched
 */
CHECKED enum err mnemonic_encode(const uint8_t *entropy, size_t len,
    char out[MNEMONIC_MAX + 1]);

/**
 * mnemonic_decode(s, s_len, entropy, len):
 * Set ${entropy} and ${len} to the entropy of the phrase of ${s_len} bytes at
 * ${s}.
 *   Shape   words in lower case; any white space between and around them
 *   Errors  ERR_RANGE not 12, 15, 18, 21 or 24 words; ERR_FORMAT a word that
 *	     is not in the list, or a wrong checksum; entropy is then wiped
 */
CHECKED enum err mnemonic_decode(const char *s, size_t s_len,
    uint8_t entropy[MNEMONIC_ENTROPY_MAX], size_t *len);

/**
 * mnemonic_mini(entropy, len, mini):
 * Set ${mini} to the mini secret that Substrate derives from the ${len} bytes
 * at ${entropy} without a password.
 */
void mnemonic_mini(const uint8_t *entropy, size_t len,
    uint8_t mini[MNEMONIC_MINI_LEN]);

#endif /* !MNEMONIC_H_ */
