#ifndef WEB_GUARD_H_
#define WEB_GUARD_H_

#include "base/err.h"

struct auth_identity;
struct request;
struct web;

/*
 * What stands around a handler that vends: who may come near, before anything
 * is parsed, and what is written down, before the answer goes out.
 */

/**
 * guard_open(w), guard_close(w):
 * Open the ledger and the audit log, as the configuration says.
 *   Errors  the program must not start; logged
 */
CHECKED enum err guard_open(struct web *w);
void guard_close(struct web *w);

/**
 * guard_begin(w):
 * Forget the request before this one; the first of all.
 */
void guard_begin(struct web *w);

/**
 * guard_before(w, r):
 * Find the client's address; is it denied, has it a request left?
 *   Errors  ERR_DENIED, ERR_ADDRESS_LIMIT; ERR_LEDGER; ERR_NO_ADDRESS the
 *	     web server does not say who the client is
 */
CHECKED enum err guard_before(struct web *w, const struct request *r);

/**
 * guard_proven(w, id):
 * The caller is ${id}: known to the audit log from here on.
 */
void guard_proven(struct web *w, const struct auth_identity *id);

/**
 * guard_holds(w):
 * Was the caller proven, the request counted, and what is handed out named for
 * the audit log?  The frame answers no grant of which that is not true.
 *   Errors  ERR_INTERNAL, logged: the endpoint is wrong
 */
CHECKED enum err guard_holds(const struct web *w);

/**
 * guard_after(w, e):
 * Give back the token if the request proved who asks and is no replay; write
 * down that it ended with ${e}, and return how it ends then:
 * with ERR_AUDIT if it was granted, that could not be written, and must be.
 */
CHECKED enum err guard_after(struct web *w, enum err e);

#endif /* !WEB_GUARD_H_ */
