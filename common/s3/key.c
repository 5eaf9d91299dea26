#include <string.h>

#include "base/arena.h"
#include "s3/key.h"
#include "s3/bucket.h"

bool
key_is_plain(const char *key, size_t len)
{
	size_t i, start;

	if (len > S3_KEY_MAX)
		return (false);
	for (i = start = 0; i <= len; i++) {
		if (i < len && ((unsigned char)key[i] < 0x20 ||
		    key[i] == 0x7f))
			return (false);
		if (i < len && key[i] != '/')
			continue;

		/* A part between two slashes must not be empty, "." or
		   "..". */
		if (i == start || (i - start <= 2 &&
		    memcmp(key + start, "..", i - start) == 0))
			return (false);
		start = i + 1;
	}
	return (true);
}

/* Do the next ${n} bytes at *${s} belong to ${set}?  If so, skip them. */
static bool
are(const char **s, size_t n, const char *set)
{

	if (strspn(*s, set) < n)
		return (false);
	*s += n;
	return (true);
}

/* Does ${text} follow at *${s}?  If so, skip it. */
static bool
follows(const char **s, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*s, text, n) != 0)
		return (false);
	*s += n;
	return (true);
}

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define ALNUM HEX "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ"

bool
key_is_job_file(const char *s)
{
	size_t rows;

	if (!follows(&s, "data_") || !are(&s, 8, DIGITS) ||
	    !follows(&s, "_") || !are(&s, 6, DIGITS) || !follows(&s, "_"))
		return (false);
	rows = strspn(s, DIGITS);
	return (rows > 0 && are(&s, rows, DIGITS) && follows(&s, "_") &&
	    are(&s, 16, HEX) && follows(&s, ".parquet") && *s == '\0');
}

bool
key_is_job(const char *s)
{

	return (s[0] != '\0' && s[strspn(s, ALNUM "_.-")] == '\0');
}

static bool
is_below(const struct text_span *key, const struct text_span *folder, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (key->len > folder[i].len &&
		    memcmp(key->s, folder[i].s, folder[i].len) == 0)
			return (true);
	}
	return (false);
}

void
key_choose(struct key_choice *c, const struct text_span *key, size_t n,
    const struct text_span *folder, size_t folders, struct arena *a)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	c->n = n;
	c->key = key;
	c->below = arena_alloc(a, n * sizeof(bool) + 1);
	c->again = arena_alloc(a, n * sizeof(bool) + 1);
	text_repeats(key, n, arena_alloc(a,
	    n * sizeof(const struct text_span *) + 1), c->again);
	for (i = 0; i < n; i++) {
		c->below[i] = key_is_plain(key[i].s, key[i].len) &&
		    is_below(&key[i], folder, folders);
		c->n_below += c->below[i];
		c->n_vended += c->below[i] && !c->again[i];
	}
}

const struct text_span *
key_next(const struct key_choice *c, bool vended, size_t *i)
{

	for (; *i < c->n; (*i)++) {
		if (vended ? c->below[*i] && !c->again[*i] : !c->below[*i])
			return (&c->key[(*i)++]);
	}
	return (NULL);
}
