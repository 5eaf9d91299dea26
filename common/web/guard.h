#ifndef WEB_GUARD_H_
#define WEB_GUARD_H_

#include "base/err.h"

struct auth_identity;
struct web;

/*
 * The guard of endpoints whose caller must be known.  It decides who may come
 * in before anything is parsed, and records the result before the answer is
 * sent.  need_guard opens its deny list, ledger, audit log and throttle table.
 */

/**
 * guard_before(w, remote_addr, forwarded_for):
 * Find the client's address, check the deny list and take a token.  If only
 * its network has no token left, a small body is still read.  See
 * guard_known().
 *   Errors  ERR_DENIED, ERR_ADDRESS_LIMIT; ERR_LEDGER; ERR_NO_ADDRESS the web
 *	     server did not pass the client's address
 */
CHECKED enum err guard_before(struct web *w, const char *remote_addr,
    const char *forwarded_for);

/**
 * guard_known(w, id):
 * The caller claims to be ${id}, which is registered.  The signature is not
 * verified yet.  If the network has no token left, this hotkey's own bucket
 * pays.
 *   Errors  ERR_ADDRESS_LIMIT
 */
CHECKED enum err guard_known(struct web *w, const struct auth_identity *id);

/**
 * guard_proven(w, id):
 * The caller is ${id}.  The audit log names it from here on.
 */
void guard_proven(struct web *w, const struct auth_identity *id);

/**
 * guard_ready(w):
 * Check that the audit log can take a line, if audit.required is set.
 *   Errors  ERR_AUDIT
 */
CHECKED enum err guard_ready(struct web *w);

/**
 * guard_holds(w):
 * Check that the caller was proven, the request was counted, and the grant was
 * named for the audit log.  The frame sends no grant without that.
 *   Errors  ERR_INTERNAL, logged: a fault of the program
 */
CHECKED enum err guard_holds(const struct web *w);

/**
 * guard_after(w, e):
 * Give the address its token back if the request proved its caller and is no
 * replay, or if the failure is the service's.  In the second case, give back
 * what was counted as well.  Record that the request ended with ${e}.  Return
 * the final result: ERR_AUDIT if a grant could not be recorded and
 * audit.required is set, otherwise ${e}.
 */
CHECKED enum err guard_after(struct web *w, enum err e);

#endif /* !WEB_GUARD_H_ */
