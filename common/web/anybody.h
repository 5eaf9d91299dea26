#ifndef WEB_ANYBODY_H_
#define WEB_ANYBODY_H_

#include "base/err.h"

struct endpoint;
struct web;

/**
 * anybody_serve(w, ep):
 * Answer a request of ${ep} that nobody has to prove.  It reads no request and
 * makes no grant.
 *   Errors  those of vend() and answer_write()
 */
CHECKED enum err anybody_serve(struct web *w, const struct endpoint *ep);

#endif /* !WEB_ANYBODY_H_ */
