#ifndef JSON_DOCUMENT_H_
#define JSON_DOCUMENT_H_

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* What document_parse() returns if an object holds a name twice. */
extern const char document_repeated[];

/**
 * document_parse(text, len, most, out):
 * Set ${out} to the JSON value that the ${len} bytes at ${text} are, of ${most}
 * values at most (DOCUMENT_ANY: of any number), to be given to
 * json_object_put(), and return NULL; or return what is wrong, a static string
 * without anything from the input.  strict_check() comes before
 * json-c, and no object may hold a name twice, however it is written.
 */
#define DOCUMENT_ANY SIZE_MAX
const char *document_parse(const char *text, size_t len, size_t most,
    struct json_object **out);

#endif /* !JSON_DOCUMENT_H_ */
