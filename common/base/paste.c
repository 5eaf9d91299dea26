#include <string.h>
#include <strings.h>

#include "base/paste.h"
#include "base/text.h"

/* Characters beyond ASCII that a copy leaves, in UTF-8. */
static const struct {
	const char *bytes, *wrong;
} characters[] = {
	{ "\xc2\xa0", "holds a no-break space (U+00A0), as a copy from a web "
	    "page leaves it" },
	{ "\xe2\x80\x8b", "holds an invisible zero-width space (U+200B), as a "
	    "copy from a web page leaves it" },
	{ "\xe2\x80\xaf", "holds a narrow no-break space (U+202F)" },
	{ "\xef\xbb\xbf", "holds a byte order mark (U+FEFF), as an editor "
	    "writes it: save the file as ASCII, or UTF-8 without a mark" },
	{ "\xe2\x80\x98", "holds a typographic quotation mark" },
	{ "\xe2\x80\x99", "holds a typographic quotation mark" },
	{ "\xe2\x80\x9c", "holds a typographic quotation mark" },
	{ "\xe2\x80\x9d", "holds a typographic quotation mark" },
	{ "\xe2\x80\x9e", "holds a typographic quotation mark" },
	{ "\xc2\xab", "holds a typographic quotation mark" },
	{ "\xc2\xbb", "holds a typographic quotation mark" },
	{ "\xe2\x80\xa2", "holds dots (U+2022), as a console shows in place of "
	    "a secret" },
	{ "\xe2\x80\xa6", "holds an ellipsis (U+2026): it was shortened where "
	    "it was copied" },
	{ "\xe2\x80\x93", "holds a dash that is not ASCII" },
	{ "\xe2\x80\x94", "holds a dash that is not ASCII" },
};

static const char *
character_wrong(const char *s, size_t len)
{
	size_t i, n;

	for (i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		n = strlen(characters[i].bytes);
		if (len >= n && memcmp(s, characters[i].bytes, n) == 0)
			return (characters[i].wrong);
	}
	return (text_utf8_next(s, len) == 0 ? "is not text in UTF-8" :
	    "holds a character that is not ASCII");
}

static const char *
byte_wrong(const char *s, size_t len)
{
	const unsigned char c = (unsigned char)s[0];

	if (c >= 0x80)
		return (character_wrong(s, len));
	if (c == '\n' || c == '\r')
		return ("has more than one line");
	if (c == '\0')
		return ("holds a NUL byte");
	if (c == '\t')
		return ("holds a tab");
	if (c == 0x1b)
		return ("holds an escape sequence, as a terminal sends it "
		    "around a paste");
	return (c < ' ' || c == 0x7f ? "holds a control character" : NULL);
}

static bool
is_blank(char c)
{

	return (c == ' ' || c == '\t');
}

static bool
is_quote(char c)
{

	return (c == '"' || c == '\'' || c == '`');
}

const char *
paste_wrong(const char *s, size_t len)
{
	const char *wrong;
	size_t i;

	if (len == 0)
		return ("is empty");
	if (len >= 2 && (memcmp(s, "\xff\xfe", 2) == 0 ||
	    memcmp(s, "\xfe\xff", 2) == 0))
		return ("is text in UTF-16: save the file as ASCII or UTF-8");
	if (is_blank(s[0]))
		return ("begins with a blank");
	if (is_blank(s[len - 1]))
		return ("ends with a blank");
	for (i = 0; i < len; i++) {
		if ((wrong = byte_wrong(s + i, len - i)) != NULL)
			return (wrong);
	}
	if (is_quote(s[0]) || is_quote(s[len - 1]) || (len > 1 &&
	    is_quote(s[len - 2]) && strchr(",;", s[len - 1]) != NULL))
		return ("has a quotation mark at an end: leave it out");
	if (len > 1 && s[0] == '<' && s[len - 1] == '>')
		return ("is in angle brackets, as a placeholder is");
	for (i = 0; i < len && s[i] == '*'; i++)
		;
	return (i == len ? "holds only asterisks, as a console shows in place "
	    "of a secret" : NULL);
}

bool
paste_has_name(const char *s, size_t len)
{
	static const char *const ends[] = { "key", "id", "secret", "token",
	    "password", "bucket", "region", "endpoint" };
	size_t i, n, name;

	for (name = 0; name < len && s[name] != '=' && s[name] != ':'; name++)
		;

	/* Base64 ends with one or two equals signs. */
	for (i = name; i < len && (s[i] == '=' || is_blank(s[i])); i++)
		;
	if (name == len || i == len)
		return (false);
	while (name > 0 && (is_blank(s[name - 1]) || is_quote(s[name - 1])))
		name--;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		n = strlen(ends[i]);
		if (name >= n && strncasecmp(s + name - n, ends[i], n) == 0)
			return (true);
	}
	return (false);
}
