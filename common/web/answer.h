#ifndef WEB_ANSWER_H_
#define WEB_ANSWER_H_

#include <stddef.h>

#include "base/err.h"

struct buf;
struct emit_field;
struct web;

/*
 * The answer to a request, as CGI headers and a body, in w->answer.  The body
 * is JSON, but for endpoints that write a text of their own.
 */

/**
 * answer_write(w, fields, out):
 * Write the body from the response struct at ${out}.
 *   Errors  ERR_RANGE the body is too long; or the first error of a row or
 *	     URL.  After an error the body must not be sent.
 */
CHECKED enum err answer_write(struct web *w, const struct emit_field *fields,
    const void *out);

/**
 * answer_text(w, media):
 * Start a body of the type ${media} that is not JSON, and return it, empty but
 * for the room before it.  The caller appends, and checks buf_end().
 */
struct buf *answer_text(struct web *w, const char *media);

/**
 * answer_refuse(w, e):
 * Write the body that reports ${e}.
 */
void answer_refuse(struct web *w, enum err e);

/**
 * answer_preflight(w):
 * Write the body for a browser that asked what it may send.
 */
void answer_preflight(struct web *w);

/**
 * answer_end(w, e, allow, len):
 * Put the headers before the body and return the start of the whole answer,
 * which has ${len} bytes.  ${allow} is the method that a 405 names.  An answer
 * to HEAD has the headers only, with the Content-Length that the body would
 * have.
 */
const char *answer_end(struct web *w, enum err e, const char *allow,
    size_t *len);

#endif /* !WEB_ANSWER_H_ */
