#ifndef CLIENT_STORE_ADVICE_H_
#define CLIENT_STORE_ADVICE_H_

#include <stdbool.h>
#include <stddef.h>

#include "store_trial.h"

/*
 * The conclusion from the rows of foldergate check-store: whether the
 * configured grants are safe on this store, and which settings are safe.
 */

/* A row and its result. */
struct store_advice_row {
	const struct store_trial *trial;
	enum store_trial_result result;
	char note[STORE_TRIAL_NOTE_MAX + 1];
};

/**
 * store_advice_uses(s):
 * Return the kinds of grants that the configuration vends, or-ed.
 */
unsigned store_advice_uses(const struct store *s);

/**
 * store_advice_verdict(s, rows, n):
 * Print the rows that the configured grants rely on and that have failed, the
 * harm of each, and what to set.  Return whether all of them are good.
 */
bool store_advice_verdict(const struct store *s,
    const struct store_advice_row *rows, size_t n);

#endif /* !CLIENT_STORE_ADVICE_H_ */
