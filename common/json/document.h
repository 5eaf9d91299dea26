#ifndef JSON_DOCUMENT_H_
#define JSON_DOCUMENT_H_

#include <stddef.h>

struct json_object;

/* What document_parse() returns if an object holds a name twice. */
extern const char document_repeated[];

/**
 * document_parse(text, len, out):
 * Set ${out} to the JSON value that the ${len} bytes at ${text} are, to be
 * given to json_object_put(), and return NULL; or return what is wrong, a
 * static string without anything from the input.  strict_check() comes before
 * json-c, and no object may hold a name twice, however it is written.
 */
const char *document_parse(const char *text, size_t len,
    struct json_object **out);

#endif /* !JSON_DOCUMENT_H_ */
