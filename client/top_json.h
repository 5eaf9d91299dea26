#ifndef CLIENT_TOP_JSON_H_
#define CLIENT_TOP_JSON_H_

#include "top_facts.h"
#include "top_sample.h"

/**
 * top_json_print(s, c, f):
 * Print one line, an object, on standard output.  What is not known is null.
 */
void top_json_print(const struct top_sample *s, const struct top_change *c,
    const struct top_facts *f);

#endif /* !CLIENT_TOP_JSON_H_ */
