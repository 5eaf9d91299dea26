#ifndef WEB_CORS_H_
#define WEB_CORS_H_

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct config;
struct request;
struct web;

/*
 * What a page in a browser may read here (CORS; source: fetch.spec.whatwg.org).
 * cors.origins lists the origins whose pages may read answers.  This protects
 * no grant, because only browsers obey it: a signature does.  Nothing here
 * uses a cookie, so credentials are never allowed.
 */

/* How long, in seconds, a browser may rely on the answer to a preflight. */
#define CORS_MAX_AGE_S 600

/**
 * cors_allowed(cfg, origin):
 * Return the value of Access-Control-Allow-Origin for the header Origin
 * ${origin} (NULL: none): an item of cors.origins, or NULL if there is none
 * for it.  Never any part of the request.
 */
const char *cors_allowed(const struct config *cfg, const char *origin);

/**
 * cors_is_preflight(cfg, r):
 * Does a browser ask what a page may send?  Without cors.origins this is never
 * true, and the method OPTIONS is as wrong as any other.
 */
bool cors_is_preflight(const struct config *cfg, const struct request *r);

/**
 * cors_headers(w, e, method, b):
 * Append the headers of CORS for the answer ${e} of an endpoint that answers
 * ${method}.
 */
void cors_headers(const struct web *w, enum err e, const char *method,
    struct buf *b);

#endif /* !WEB_CORS_H_ */
