#ifndef JSON_STRICT_H_
#define JSON_STRICT_H_

#include <stddef.h>

/*
 * A lexical pass over a request body.  json-c, even when told to be strict,
 * takes single quotes, raw control characters, NaN, comments and repeated keys,
 * saturates numbers and cuts keys at \u0000; this pass runs before it, and
 * lets through exactly RFC 8259 less what is named here.
 */
#define STRICT_DEPTH_MAX 16

/**
 * strict_check(s, len, most, members):
 * Return NULL iff the ${len} bytes at ${s} are one JSON value, made of ${most}
 * values at most (parsed, a value of three bytes takes 700), and set
 * ${members} to the number of name-value pairs in all its objects (a parser
 * that ends up with fewer has seen a name twice).  Otherwise return what is
 * wrong, a static string without anything from the input.
 *   Shape   UTF-8 without BOM; nesting up to STRICT_DEPTH_MAX; surrogates in
 *	     pairs only; no \u0000 anywhere, no control character in a name
 */
const char *strict_check(const char *s, size_t len, size_t most,
    size_t *members);

#endif /* !JSON_STRICT_H_ */
