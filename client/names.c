#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "names.h"

/* Longest character of names_show(). */
#define STEP_MAX 12

/* Return the length of a character that terminals obey but
   text_json_escape() leaves, and set ${code}; or 0. */
static size_t
obeyed(const unsigned char *s, size_t len, unsigned *code)
{

	/* U+0080 to U+009F: control characters. */
	if (len >= 2 && s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0) {
		*code = s[1];
		return (2);
	}
	if (len < 3 || s[0] != 0xe2)
		return (0);
	*code = 0x2000U + ((s[1] & 0x3fU) << 6) + (s[2] & 0x3fU);

	/* U+200B to U+200F, U+202A to U+202E, U+2060 to U+206F: nothing that
	   is seen, and the direction of text. */
	return ((*code >= 0x200b && *code <= 0x200f) ||
	    (*code >= 0x202a && *code <= 0x202e) ||
	    (*code >= 0x2060 && *code <= 0x206f) ? 3 : 0);
}

void
names_show(const char *name, size_t len, char out[NAMES_SHOWN_MAX + 1])
{
	char step[STEP_MAX];
	size_t n = 0, step_len, taken;
	unsigned code;

	while (len > 0) {
		if ((taken = obeyed((const unsigned char *)name, len,
		    &code)) > 0) {
			step_len = (size_t)snprintf(step, sizeof(step),
			    "\\u%04x", code);
		} else if (*name == '"') {
			step[0] = '"';
			step_len = taken = 1;
		} else {
			step_len = text_json_escape(name, len, step, &taken);
		}
		if (n + step_len + 3 > NAMES_SHOWN_MAX) {
			memcpy(out + n, "...", 3);
			n += 3;
			break;
		}
		memcpy(out + n, step, step_len);
		n += step_len;
		name += taken;
		len -= taken;
	}
	out[n] = '\0';
}

static bool
has_control(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t i;

	for (i = 0; i < len; i++) {
		if (u[i] < 0x20 || u[i] == 0x7f || (i + 1 < len &&
		    u[i] == 0xc2 && u[i + 1] >= 0x80 && u[i + 1] < 0xa0))
			return (true);
	}
	return (false);
}

bool
names_plain(const char *name, size_t len)
{

	return (!has_control(name, len) && text_is_utf8(name, len));
}

static bool
is(const char *part, size_t len, const char *word)
{

	return (len == strlen(word) && memcmp(part, word, len) == 0);
}

static const char *
part_odd(const char *part, size_t len, unsigned nth)
{

	if (len == 0)
		return ("a part of the name is empty");
	if (len > NAMES_PART_MAX)
		return ("a part of the name is too long");
	if (is(part, len, ".") || is(part, len, ".."))
		return ("a part of the name is \".\" or \"..\"");
	if (nth == 0 && is(part, len, NAMES_OWN))
		return ("it would be in the directory " NAMES_OWN);
	return (nth == NAMES_PARTS_MAX ? "it is too deep" : NULL);
}

const char *
names_odd(const char *name, size_t len)
{
	const char *end = name + len, *slash, *why;
	unsigned nth = 0;

	if (len > NAMES_PATH_MAX)
		return ("the name is too long");
	if (has_control(name, len))
		return ("the name has control characters");
	if (!text_is_utf8(name, len))
		return ("the name is not UTF-8");
	for (;;) {
		slash = memchr(name, '/', (size_t)(end - name));
		if ((why = part_odd(name, (size_t)((slash != NULL ? slash :
		    end) - name), nth++)) != NULL || slash == NULL)
			return (why);
		name = slash + 1;
	}
}
