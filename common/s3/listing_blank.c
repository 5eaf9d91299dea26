#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "s3/listing_blank.h"

/* Is U+${c} a character of XML 1.0, section 2.2? */
static bool
is_character(uint32_t c)
{

	return (c == '\t' || c == '\n' || c == '\r' ||
	    (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
	    (c >= 0x10000 && c <= 0x10ffff));
}

/* The value of a digit, or 16. */
static uint32_t
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = memchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c,
	    sizeof(digits) - 1);

	return (p != NULL ? (uint32_t)(p - digits) : 16);
}

/* Is the text between "&" and ";" a reference to a character? */
static bool
is_reference(const char *s, size_t len)
{
	static const char *const known[] = { "amp", "lt", "gt", "quot",
	    "apos" };
	uint32_t c = 0, base = 10;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (text_equal(s, len, known[i]))
			return (true);
	}
	if (len < 2 || s[0] != '#')
		return (false);
	if (s[1] == 'x')
		base = 16;
	i = base == 16 ? 2 : 1;
	if (i == len)
		return (false);
	for (; i < len; i++) {
		if (digit(s[i]) >= base || c > 0x10ffff)
			return (false);
		c = c * base + digit(s[i]);
	}
	return (is_character(c));
}

/* Can an XML parser read the ${len} bytes at ${s}, as far as characters go? */
static bool
is_plain(const char *s, size_t len)
{
	const char *end = s + len, *semicolon;
	size_t n;

	for (; s < end; s += n) {
		if ((n = text_utf8_next(s, (size_t)(end - s))) == 0 ||
		    (n == 1 && !is_character((unsigned char)*s)))
			return (false);

		/* U+FFFE and U+FFFF */
		if (n == 3 && memcmp(s, "\xef\xbf", 2) == 0 &&
		    (unsigned char)s[2] >= 0xbe)
			return (false);
		if (*s != '&')
			continue;
		semicolon = memchr(s, ';', (size_t)(end - s));
		if (semicolon == NULL ||
		    !is_reference(s + 1, (size_t)(semicolon - s - 1)))
			return (false);
	}
	return (true);
}

/* Overwrite the elements of this name, or those that are not plain.  The store
   escapes the texts in them, so only an element looks like one. */
static size_t
blank(char *xml, size_t len, const char *open, const char *close, bool all)
{
	char *from = xml, *to, *end = xml + len;
	size_t n = 0;

	while ((from = memmem(from, (size_t)(end - from), open,
	    strlen(open))) != NULL) {
		to = memmem(from, (size_t)(end - from), close, strlen(close));
		if (to == NULL)
			break;
		to += strlen(close);
		if (all || !is_plain(from, (size_t)(to - from))) {
			memset(from, ' ', (size_t)(to - from));
			n++;
		}
		from = to;
	}
	return (n);
}

size_t
listing_blank_items(char *xml, size_t len)
{

	return (blank(xml, len, "<Contents>", "</Contents>", false) +
	    blank(xml, len, "<CommonPrefixes>", "</CommonPrefixes>", false));
}

void
listing_blank_tokens(char *xml, size_t len)
{

	(void)blank(xml, len, "<NextContinuationToken>",
	    "</NextContinuationToken>", true);
	(void)blank(xml, len, "<ContinuationToken>", "</ContinuationToken>",
	    true);
	(void)blank(xml, len, "<StartAfter>", "</StartAfter>", true);
}
