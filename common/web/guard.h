#ifndef WEB_GUARD_H_
#define WEB_GUARD_H_

#include "base/err.h"

struct auth_identity;
struct web;

/*
 * What stands around a request of somebody who must be known: who may come
 * near, before anything is parsed, and what is recorded, before the answer goes
 * out.  Opened by need_guard: deny list, ledger, audit log, throttle table.
 */

/**
 * guard_before(w, remote_addr, forwarded_for):
 * Find the client's address; is it denied, has it a token left?  If only its
 * network has none, a small body is read all the same: see guard_known().
 *   Errors  ERR_DENIED, ERR_ADDRESS_LIMIT; ERR_LEDGER; ERR_NO_ADDRESS the web
 *	     server did not pass the client's address
 */
CHECKED enum err guard_before(struct web *w, const char *remote_addr,
    const char *forwarded_for);

/**
 * guard_known(w, id):
 * The caller says to be ${id}, who is registered: before the signature is
 * verified.  From a network that has no token left, that hotkey's own bucket
 * pays for it.
 *   Errors  ERR_ADDRESS_LIMIT
 */
CHECKED enum err guard_known(struct web *w, const struct auth_identity *id);

/**
 * guard_proven(w, id):
 * The caller is ${id}: known to the audit log from here on.
 */
void guard_proven(struct web *w, const struct auth_identity *id);

/**
 * guard_ready(w):
 * Will the audit log take a line, if it must?
 *   Errors  ERR_AUDIT
 */
CHECKED enum err guard_ready(struct web *w);

/**
 * guard_holds(w):
 * Was the caller proven, the request counted, and what is handed out named for
 * the audit log?  The frame answers no grant for which that is not true.
 *   Errors  ERR_INTERNAL, logged: the program is wrong
 */
CHECKED enum err guard_holds(const struct web *w);

/**
 * guard_after(w, e):
 * Give back the address's token if the request proved who asks and is no
 * replay, or if the failure is ours; then also what was counted.  Record that
 * it ended with ${e}, and return how it ends then: with ERR_AUDIT if it was
 * granted, that could not be written, and must be.
 */
CHECKED enum err guard_after(struct web *w, enum err e);

#endif /* !WEB_GUARD_H_ */
