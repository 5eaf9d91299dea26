#ifndef BASE_BASE64_H_
#define BASE_BASE64_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Standard alphabet with padding, RFC 4648 section 4. */

/* Digits for ${len} bytes, without the NUL. */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

/**
 * base64_encode(out, in, len):
 * Write BASE64_LEN(${len}) digits and a NUL for the ${len} bytes at ${in}.
 */
void base64_encode(char *out, const uint8_t *in, size_t len);

/**
 * base64_decode(out, out_len, in, in_len):
 * Decode the text at ${in} into ${out_len} bytes.
 *   Shape   in_len == BASE64_LEN(out_len); padding present; unused bits zero
 *   Errors  ERR_FORMAT; out is then unspecified
 */
CHECKED enum err base64_decode(uint8_t *out, size_t out_len, const char *in,
    size_t in_len);

#endif /* !BASE_BASE64_H_ */
