#ifndef BASE_HEX_H_
#define BASE_HEX_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * hex_encode(out, in, len):
 * Write the ${len} bytes at ${in} as 2 * ${len} lower-case digits and a NUL.
 */
void hex_encode(char *out, const uint8_t *in, size_t len);

/**
 * hex_decode(out, out_len, in, in_len):
 * Decode the ${in_len} digits at ${in} into ${out_len} bytes.
 *   Shape   in_len == 2 * out_len; digits of either case, nothing else
 *   Errors  ERR_FORMAT; out is then unspecified
 */
CHECKED enum err hex_decode(uint8_t *out, size_t out_len, const char *in,
    size_t in_len);

/**
 * hex_digit(c):
 * Return the value of the digit ${c}, or -1.
 */
int hex_digit(char c);

#endif /* !BASE_HEX_H_ */
