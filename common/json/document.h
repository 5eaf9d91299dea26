#ifndef JSON_DOCUMENT_H_
#define JSON_DOCUMENT_H_

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* The result of document_parse() for an object that holds a name twice. */
extern const char document_repeated[];

/**
 * document_parse(text, len, most, out):
 * Parse the ${len} bytes at ${text} as a JSON value of at most ${most} values
 * (DOCUMENT_ANY: any number).  Set ${out} to it and return NULL; the caller
 * releases it with json_object_put().  Otherwise return the fault, a static
 * string without anything from the input.  One byte order mark before the value
 * is skipped.  strict_check() runs before json-c.
 * An object that holds a name twice, in any spelling, is refused.
 */
#define DOCUMENT_ANY SIZE_MAX
const char *document_parse(const char *text, size_t len, size_t most,
    struct json_object **out);

#endif /* !JSON_DOCUMENT_H_ */
