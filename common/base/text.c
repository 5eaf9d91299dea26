#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct text_span
text_span(const char *s)
{

	return ((struct text_span){ s, s == NULL ? 0 : strlen(s) });
}

size_t
text_utf8_next(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t i, n;

	if (len == 0)
		return (0);
	if (p[0] < 0x80)
		return (1);
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return (0);
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return (0);

	/* The second byte shows overlong forms and surrogates. */
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return (0);
	for (i = 2; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
	}
	return (n);
}

bool
text_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (; len > 0; s += n, len -= n) {
		if ((n = text_utf8_next(s, len)) == 0)
			return (false);
	}
	return (true);
}

static size_t
escape_u(unsigned code, char out[TEXT_ESCAPE_MAX])
{
	static const char digits[] = "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'u';
	out[2] = digits[code >> 12 & 15];
	out[3] = digits[code >> 8 & 15];
	out[4] = digits[code >> 4 & 15];
	out[5] = digits[code & 15];
	return (6);
}

size_t
text_json_escape(const char *s, size_t len, char out[TEXT_ESCAPE_MAX],
    size_t *taken)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	unsigned char c = (unsigned char)s[0];
	const char *p;
	size_t n;

	*taken = 1;
	if (c != '\0' && (p = strchr(from, c)) != NULL) {
		out[0] = '\\';
		out[1] = to[p - from];
		return (2);
	}
	if (c < 0x20 || c == 0x7f)
		return (escape_u(c, out));
	if ((n = text_utf8_next(s, len)) == 0)
		return (escape_u(0xfffd, out));
	*taken = n;

	/* U+2028 and U+2029 end a line in JavaScript and in many viewers. */
	if (n == 3 && memcmp(s, "\xe2\x80", 2) == 0 &&
	    (unsigned char)s[2] >> 1 == 0xa8 >> 1)
		return (escape_u(0x2000 + ((unsigned char)s[2] & 0x3fu), out));
	memcpy(out, s, n);
	return (n);
}

/* Eight bytes of the same value. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Does any of eight bytes need an escape, or is it not ASCII?  Each term
   sets a byte's highest bit: for 0x7f, above it, below 0x20, for a quote,
   for a backslash.  A carry reaches the next byte only if the answer is
   already yes. */
static bool
any_odd(uint64_t v)
{
	const uint64_t quote = v ^ EACH('"'), backslash = v ^ EACH('\\');

	return ((((v + EACH(1)) | v | (v - EACH(0x20)) | (quote - EACH(1)) |
	    (backslash - EACH(1))) & EACH(0x80)) != 0);
}

static bool
is_plain(unsigned char c)
{

	return (c >= 0x20 && c < 0x7f && c != '"' && c != '\\');
}

size_t
text_json_plain(const char *s, size_t len)
{
	uint64_t v;
	size_t n;

	for (n = 0; len - n >= sizeof(v); n += sizeof(v)) {
		memcpy(&v, s + n, sizeof(v));
		if (any_odd(v))
			break;
	}
	while (n < len && is_plain((unsigned char)s[n]))
		n++;
	return (n);
}

bool
text_is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len && i <= TEXT_NAME_MAX; i++) {
		if (!(s[i] >= 'a' && s[i] <= 'z') && s[i] != '_' &&
		    s[i] != '-' && !(s[i] >= '0' && s[i] <= '9'))
			return (false);
	}
	return (len >= 1 && len <= TEXT_NAME_MAX);
}

bool
text_equal(const char *a, size_t a_len, const char *b)
{

	return (strlen(b) == a_len && memcmp(a, b, a_len) == 0);
}

static bool
same(const struct text_span *a, const struct text_span *b)
{

	return (a->len == b->len &&
	    (a->len == 0 || memcmp(a->s, b->s, a->len) == 0));
}

/* Shorter ones first, then bytewise, then in the order of the array. */
static int
compare(const void *va, const void *vb)
{
	const struct text_span *a = *(const struct text_span *const *)va;
	const struct text_span *b = *(const struct text_span *const *)vb;
	int c;

	if (a->len != b->len)
		return (a->len < b->len ? -1 : 1);
	if (a->len > 0 && (c = memcmp(a->s, b->s, a->len)) != 0)
		return (c);
	return (a < b ? -1 : a > b);
}

void
text_repeats(const struct text_span *t, size_t n,
    const struct text_span **sorted, bool *again)
{
	size_t i;

	for (i = 0; i < n; i++)
		sorted[i] = &t[i];
	qsort(sorted, n, sizeof(*sorted), compare);
	for (i = 0; i < n; i++)
		again[sorted[i] - t] = i > 0 && same(sorted[i], sorted[i - 1]);
}
