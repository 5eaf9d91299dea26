#include "base/hex.h"

void
hex_encode(char *out, const uint8_t *in, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[2 * len] = '\0';
}

int
hex_digit(char c)
{

	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

enum err
hex_decode(uint8_t *out, size_t out_len, const char *in, size_t in_len)
{
	int hi, lo;
	size_t i;

	if (in_len / 2 != out_len || in_len % 2 != 0)
		return (ERR_FORMAT);
	for (i = 0; i < out_len; i++) {
		hi = hex_digit(in[2 * i]);
		lo = hex_digit(in[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return (ERR_FORMAT);
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return (ERR_OK);
}
