#ifndef WEB_CALLER_H_
#define WEB_CALLER_H_

#include "auth/auth.h"
#include "base/err.h"

struct endpoint;
struct endpoint_by;
struct web;

/*
 * The claimed caller: the form and the time of a request, before its signature
 * is verified.
 */

/**
 * caller_scheme(w, ep, scheme):
 * Find out how the proof travels: in headers if any was sent or if ${ep} takes
 * no signed text, otherwise in the body.
 *   Errors  ERR_TWO_PROOFS headers of both kinds; ERR_SCHEME_OFF auth.schemes
 *	     does not list the scheme, or auth.receiver is not set;
 *	     ERR_TAO_ELSEWHERE ${ep} takes no X-Tao headers; ERR_NO_TARGET
 */
CHECKED enum err caller_scheme(const struct web *w, const struct endpoint *ep,
    enum auth_scheme *scheme);

/**
 * caller_parse(w, ep, scheme, in):
 * Fill the request struct of ${ep} at ${in} from the JSON body.  X-Tao headers
 * must be complete.  They do not sign the route, so the body must set a field
 * that belongs to the route.
 *   Errors  ERR_SCHEMA; or the error that a field's bound names
 */
CHECKED enum err caller_parse(struct web *w, const struct endpoint *ep,
    enum auth_scheme scheme, void *in);

/**
 * caller_read(w, ep, by, caller):
 * Fill ${caller}, whose scheme is set, from the headers or from the body's
 * fields ${by}, and check its time.  If the proof is in headers and the body
 * names a hotkey, both must be the same.
 *   Errors  ERR_TIMESTAMP; those of tao_read() and btauth_read();
 *	     ERR_SIGNATURE the body names another hotkey
 */
CHECKED enum err caller_read(struct web *w, const struct endpoint *ep,
    const struct endpoint_by *by, struct auth_caller *caller);

#endif /* !WEB_CALLER_H_ */
