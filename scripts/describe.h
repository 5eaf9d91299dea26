/* The programs that describe an endpoint, at build time. */
#ifndef SCRIPTS_DESCRIBE_H_
#define SCRIPTS_DESCRIBE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct endpoint;

/* An endpoint's largest body, in bytes. */
int64_t describe_body_max(const struct endpoint *ep);

/* End the program with the reason why an endpoint cannot be described. */
void describe_die(const struct endpoint *ep, const char *what,
    const char *name) __attribute__((noreturn));

/**
 * path_item(ep):
 * Print ${ep} as a path item of OpenAPI 3.1.
 */
void path_item(const struct endpoint *ep);

/**
 * request_schema(ep), answer_schema(ep):
 * Write the schema of a request or of an answer 200, as a member "schema".
 */
void request_schema(const struct endpoint *ep);
void answer_schema(const struct endpoint *ep);

/**
 * request_example(ep, is_signed, b), answer_example(ep, b):
 * Append the example of a request, whose proof is in the body or not, or of an
 * answer 200.
 */
void request_example(const struct endpoint *ep, bool is_signed,
    struct buf *b);
void answer_example(const struct endpoint *ep, struct buf *b);

#endif /* !SCRIPTS_DESCRIBE_H_ */
