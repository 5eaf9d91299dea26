#ifndef JSON_STRICT_H_
#define JSON_STRICT_H_

#include <stddef.h>

/*
 * A lexical pass over a request body.  Even in strict mode, json-c accepts
 * single quotes, raw control characters, NaN, comments and repeated keys,
 * saturates numbers and cuts keys at \u0000.  This pass runs before it, and
 * accepts exactly RFC 8259 with the restrictions named here.
 */
#define STRICT_DEPTH_MAX 16

/**
 * strict_check(s, len, most, members):
 * Return NULL iff the ${len} bytes at ${s} are one JSON value, made of at most
 * ${most} values (a value of three bytes takes 700 when parsed).  Set
 * ${members} to the number of name-value pairs in all its objects.  A parser
 * with fewer pairs has seen a name twice.  Otherwise return the fault, a
 * static string without anything from the input.
 *   Shape   UTF-8 without BOM; nesting up to STRICT_DEPTH_MAX; surrogates in
 *	     pairs only; no \u0000 anywhere, no control character in a name
 */
const char *strict_check(const char *s, size_t len, size_t most,
    size_t *members);

#endif /* !JSON_STRICT_H_ */
