#ifndef WEB_METER_H_
#define WEB_METER_H_

#include <stdint.h>

#include "auth/auth.h"
#include "base/err.h"

struct web;

/*
 * Counts the steps of a request whose caller must be known.  See count.h.
 *
 *	const int64_t began_us = meter_start();
 *	e = ...
 *	meter_ledger(w, e, began_us);
 */

/**
 * meter_start():
 * Return the time at which a step begins.
 */
int64_t meter_start(void);

/**
 * meter_proof(w, scheme, e, began_us), meter_ledger(w, e, began_us),
 * meter_audit(w, e, began_us), meter_store(w, e, began_us):
 * The step that began at ${began_us} ended with ${e}: the verification of a
 * proof by ${scheme}, the decision of the ledger, a line of the audit log, a
 * question to the store.
 */
void meter_proof(struct web *w, enum auth_scheme scheme, enum err e,
    int64_t began_us);
void meter_ledger(struct web *w, enum err e, int64_t began_us);
void meter_audit(struct web *w, enum err e, int64_t began_us);
void meter_store(struct web *w, enum err e, int64_t began_us);

/**
 * meter_caller(w, e):
 * The request ends with ${e}.  Count who sent it.
 */
void meter_caller(struct web *w, enum err e);

#endif /* !WEB_METER_H_ */
