#ifndef WEB_CALLER_H_
#define WEB_CALLER_H_

#include "auth/auth.h"
#include "base/err.h"

struct endpoint;
struct endpoint_by;
struct web;

/*
 * Who says to be asking: the request's form and time, nothing proven.
 */

/**
 * caller_scheme(w, ep, scheme):
 * How does the proof travel?  In headers if any was sent, or if ${ep} takes no
 * signed text; else in the body.
 *   Errors  ERR_TWO_PROOFS headers of both kinds; ERR_SCHEME_OFF auth.schemes
 *	     does not have it, or there is no auth.receiver; ERR_TAO_ELSEWHERE
 *	     ${ep} takes no X-Tao headers; ERR_NO_TARGET
 */
CHECKED enum err caller_scheme(const struct web *w, const struct endpoint *ep,
    enum auth_scheme *scheme);

/**
 * caller_parse(w, ep, scheme, in):
 * Fill the request struct of ${ep} at ${in} from the JSON body.  X-Tao headers
 * must be complete, and because they do not sign the route, the body must have
 * a field that belongs to it.
 *   Errors  ERR_SCHEMA; or the error that a field's bound names
 */
CHECKED enum err caller_parse(struct web *w, const struct endpoint *ep,
    enum auth_scheme scheme, void *in);

/**
 * caller_read(w, ep, by, caller):
 * Set ${caller}, whose scheme is set, from the headers or from the body's
 * fields ${by}, and check its time.  A hotkey named in the body beside headers
 * must be theirs.
 *   Errors  ERR_TIMESTAMP; those of tao_read() and btauth_read();
 *	     ERR_SIGNATURE another hotkey
 */
CHECKED enum err caller_read(struct web *w, const struct endpoint *ep,
    const struct endpoint_by *by, struct auth_caller *caller);

#endif /* !WEB_CALLER_H_ */
