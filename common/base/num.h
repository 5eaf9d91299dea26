#ifndef BASE_NUM_H_
#define BASE_NUM_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * num_parse(s, len, min, max, out):
 * Set ${out} to the decimal integer in the ${len} bytes at ${s}: an optional
 * minus, then digits, nothing else; leading zeros allowed.
 *   Errors  ERR_FORMAT not an integer; ERR_RANGE outside ${min} to ${max}
 */
CHECKED enum err num_parse(const char *s, size_t len, int64_t min, int64_t max,
    int64_t *out);

/**
 * num_parse_u64(s, len, max, out):
 * The same for an unsigned number of 64 bits: digits only, up to ${max}.
 */
CHECKED enum err num_parse_u64(const char *s, size_t len, uint64_t max,
    uint64_t *out);

/**
 * num_parse_whole(s, len, min, max, out):
 * The same as num_parse() for a whole number in any notation of JSON, such as
 * 1774000123.0 or 1.774000123e9.  The value is exact.
 *   Errors  ERR_FORMAT not a number, or not whole; ERR_RANGE
 */
CHECKED enum err num_parse_whole(const char *s, size_t len, int64_t min,
    int64_t max, int64_t *out);

#endif /* !BASE_NUM_H_ */
