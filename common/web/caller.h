#ifndef WEB_CALLER_H_
#define WEB_CALLER_H_

#include <stdbool.h>

#include "base/err.h"

struct auth_caller;
struct endpoint;
struct endpoint_by;
struct web;

/*
 * Who says to be asking: the request's form and time, nothing proven.
 */

/**
 * caller_by_headers(w, ep):
 * Is the proof in X-Tao headers?  It is if any of them was sent, or if ${ep}
 * takes no other proof.
 */
bool caller_by_headers(const struct web *w, const struct endpoint *ep);

/**
 * caller_parse(w, ep, in):
 * Fill the request struct of ${ep} at ${in} from the JSON body.  If the proof
 * is in headers, all five must be there.
 *   Errors  ERR_SCHEMA; or the error that a field's bound names
 */
CHECKED enum err caller_parse(struct web *w, const struct endpoint *ep,
    void *in);

/**
 * caller_read(w, ep, by, caller):
 * Set ${caller} from the headers, else from the body's fields ${by}, and check
 * its time.  A hotkey named in the body beside headers must be theirs.
 *   Errors  ERR_TIMESTAMP; those of tao_read(); ERR_SIGNATURE another hotkey
 */
CHECKED enum err caller_read(struct web *w, const struct endpoint *ep,
    const struct endpoint_by *by, struct auth_caller *caller);

#endif /* !WEB_CALLER_H_ */
