#include <stdbool.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "json/strict.h"

struct scan {
	const char *p, *end;
	size_t members, values, most;
	int depth;
	const char *wrong;	/* NULL while no fault was found */
};

static bool
fail(struct scan *s, const char *wrong)
{

	if (s->wrong == NULL)
		s->wrong = wrong;
	return (false);
}

static void
skip_space(struct scan *s)
{

	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
	    *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
take(struct scan *s, char c)
{

	if (s->p == s->end || *s->p != c)
		return (false);
	s->p++;
	return (true);
}

static bool
take_digits(struct scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (s->p > start);
}

static bool
number(struct scan *s)
{

	(void)take(s, '-');
	if (!take(s, '0') && !take_digits(s))
		return (fail(s, "invalid number"));
	if (take(s, '.') && !take_digits(s))
		return (fail(s, "invalid number"));
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		if (!take_digits(s))
			return (fail(s, "invalid number"));
	}
	return (true);
}

/* Return the value of the four digits after \u, or -1. */
static int
unit(struct scan *s)
{
	int d, i, v = 0;

	for (i = 0; i < 4; i++, s->p++) {
		if (s->p == s->end || (d = hex_digit(*s->p)) < 0)
			return (-1);
		v = v << 4 | d;
	}
	return (v);
}

static bool
escape(struct scan *s, bool name)
{
	char c;
	int u;

	if (s->p == s->end)
		return (fail(s, "unterminated string"));
	c = *s->p++;
	if (c != 'u') {
		if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
			return (fail(s, "invalid escape"));
		if (name && strchr("bfnrt", c) != NULL)
			return (fail(s, "control character in a name"));
		return (true);
	}
	if ((u = unit(s)) < 0)
		return (fail(s, "invalid escape"));
	if (u == 0)
		return (fail(s, "null character"));
	if (name && (u < 0x20 || u == 0x7f))
		return (fail(s, "control character in a name"));
	if (u >= 0xdc00 && u <= 0xdfff)
		return (fail(s, "lone surrogate"));
	if (u >= 0xd800 && u <= 0xdbff) {
		if (!take(s, '\\') || !take(s, 'u') ||
		    (u = unit(s)) < 0xdc00 || u > 0xdfff)
			return (fail(s, "lone surrogate"));
	}
	return (true);
}

static bool
string(struct scan *s, bool name)
{
	size_t n;

	if (!take(s, '"'))
		return (fail(s, "expected a string in double quotes"));
	for (;;) {
		if (s->p == s->end)
			return (fail(s, "unterminated string"));
		if (take(s, '"'))
			return (true);
		if (take(s, '\\')) {
			if (!escape(s, name))
				return (false);
			continue;
		}
		if ((unsigned char)*s->p < 0x20 || (name && *s->p == 0x7f))
			return (fail(s, "control character in a string"));
		n = text_utf8_next(s->p, (size_t)(s->end - s->p));
		if (n == 0)
			return (fail(s, "invalid UTF-8"));
		s->p += n;
	}
}

static bool
word(struct scan *s, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
		return (fail(s, "unexpected character"));
	s->p += n;
	return (true);
}

static bool value(struct scan *);

/* Check the inside of an object or array, after its opening bracket. */
static bool
inside(struct scan *s, bool object)
{
	const char close = object ? '}' : ']';

	skip_space(s);
	if (take(s, close))
		return (true);
	do {
		skip_space(s);
		if (object) {
			if (!string(s, true))
				return (false);
			s->members++;
			skip_space(s);
			if (!take(s, ':'))
				return (fail(s, "expected a colon"));
		}
		if (!value(s))
			return (false);
		skip_space(s);
	} while (take(s, ','));
	return (take(s, close) || fail(s, "expected a comma or the end"));
}

static bool
value(struct scan *s)
{
	bool good;
	char c;

	skip_space(s);
	if (s->p == s->end)
		return (fail(s, "unexpected end"));
	if (s->values++ == s->most)
		return (fail(s, "too many values"));
	switch (c = *s->p) {
	case '{':
	case '[':
		/* The depth bounds the recursion, and so the stack. */
		if (++s->depth > STRICT_DEPTH_MAX)
			return (fail(s, "nested too deeply"));
		s->p++;
		good = inside(s, c == '{');
		s->depth--;
		return (good);
	case '"':
		return (string(s, false));
	case 't':
		return (word(s, "true"));
	case 'f':
		return (word(s, "false"));
	case 'n':
		return (word(s, "null"));
	default:
		return (number(s));
	}
}

const char *
strict_check(const char *s, size_t len, size_t most, size_t *members)
{
	struct scan scan = { .p = s, .end = s + len, .most = most };

	if (value(&scan)) {
		skip_space(&scan);
		if (scan.p != scan.end)
			(void)fail(&scan, "text behind the value");
	}
	*members = scan.members;
	return (scan.wrong);
}
