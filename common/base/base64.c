#include <string.h>

#include "base/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(char *out, const uint8_t *in, size_t len)
{
	uint32_t v;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		v = (uint32_t)in[i] << 16;
		v |= n > 1 ? (uint32_t)in[i + 1] << 8 : 0;
		v |= n > 2 ? (uint32_t)in[i + 2] : 0;
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = n > 1 ? digits[v >> 6 & 63] : '=';
		*out++ = n > 2 ? digits[v & 63] : '=';
	}
	*out = '\0';
}

static int
digit_value(char c)
{

	if (c >= 'A' && c <= 'Z')
		return (c - 'A');
	if (c >= 'a' && c <= 'z')
		return (c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (c - '0' + 52);
	return (c == '+' ? 62 : c == '/' ? 63 : -1);
}

enum err
base64_decode(uint8_t *out, size_t out_len, const char *in, size_t in_len)
{
	size_t i, n, pad = (3 - out_len % 3) % 3;
	uint32_t v = 0;
	int d;

	if (in_len != BASE64_LEN(out_len))
		return (ERR_FORMAT);
	if (pad > 0 && memcmp(in + in_len - pad, "==", pad) != 0)
		return (ERR_FORMAT);
	for (i = n = 0; i < in_len - pad; i++) {
		if ((d = digit_value(in[i])) < 0)
			return (ERR_FORMAT);
		v = v << 6 | (uint32_t)d;
		if (i % 4 != 0)
			out[n++] = (uint8_t)(v >> (6 - 2 * (i % 4)));
	}

	/* Each value has one text, so the bits that padding leaves must be
	   zero. */
	if (pad > 0 && (v & (pad == 1 ? 3u : 15u)) != 0)
		return (ERR_FORMAT);
	return (ERR_OK);
}
