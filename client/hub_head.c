#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/num.h"
#include "hub_head.h"
#include "net/stream_head.h"

void
hub_head_clear(struct hub_head *h)
{

	h->code[0] = h->linked[0] = h->location[0] = h->next[0] = '\0';
	h->linked_bytes = -1;
	h->wait_s = 0;
}

static void
copy(char *out, size_t max, const char *s, size_t len)
{

	if (len > max || memchr(s, '\0', len) != NULL)
		len = 0;
	memcpy(out, s, len);
	out[len] = '\0';
}

static void
take_code(struct hub_head *h, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z')))
			return;
	}
	copy(h->code, HUB_CODE_MAX, s, len);
}

/* An ETag of hex digits, maybe weak, with or without quotes. */
static void
take_linked(struct hub_head *h, const char *s, size_t len)
{
	size_t i;

	h->linked[0] = '\0';
	if (len > 2 && strncmp(s, "W/", 2) == 0) {
		s += 2;
		len -= 2;
	}
	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	for (i = 0; i < len; i++) {
		if (hex_digit(s[i]) == -1)
			return;
	}
	copy(h->linked, HUB_ID_MAX, s, len);
}

/* The value of the parameter t, after the first semicolon. */
static void
take_limit(struct hub_head *h, const char *s, size_t len)
{
	size_t i, end;
	int64_t t;

	for (i = 0; i + 2 < len; i++) {
		if (s[i] != ';')
			continue;
		while (i + 1 < len && s[i + 1] == ' ')
			i++;
		if (i + 3 >= len || strncasecmp(s + i + 1, "t=", 2) != 0)
			continue;
		for (end = i += 3; end < len && s[end] != ';'; end++)
			continue;
		if (s[i] != '-' && num_parse(s + i, end - i, 0, INT64_MAX,
		    &t) == ERR_OK)
			h->wait_s = t > HUB_WAIT_MAX_S ? HUB_WAIT_MAX_S :
			    (long)t;
		return;
	}
}

/* Is the relation "next" among the parameters? */
static bool
is_next(const char *s, size_t len)
{
	const char *end = s + len, *rel;
	size_t i;
	static const char *const forms[] = { "rel=\"next\"", "rel=next" };

	for (; s < end; s++) {
		rel = memchr(s, ';', (size_t)(end - s));
		if (rel == NULL)
			return (false);
		for (s = rel + 1; s < end && *s == ' '; s++)
			continue;
		for (i = 0; i < 2; i++) {
			if ((size_t)(end - s) >= strlen(forms[i]) &&
			    strncasecmp(s, forms[i], strlen(forms[i])) == 0)
				return (true);
		}
		s--;
	}
	return (false);
}

/* <URL>; rel="next", maybe among others that commas separate. */
static void
take_link(struct hub_head *h, const char *s, size_t len)
{
	const char *end = s + len, *open, *close, *comma;

	while ((open = memchr(s, '<', (size_t)(end - s))) != NULL) {
		close = memchr(open, '>', (size_t)(end - open));
		if (close == NULL)
			return;
		comma = memchr(close, ',', (size_t)(end - close));
		if (comma == NULL)
			comma = end;
		if (is_next(close, (size_t)(comma - close))) {
			copy(h->next, HUB_URL_MAX, open + 1,
			    (size_t)(close - open - 1));
			return;
		}
		s = comma;
	}
}

void
hub_head_line(struct hub_head *h, const char *line, size_t len)
{
	const char *value;
	size_t n;

	if (len > 5 && strncasecmp(line, "http/", 5) == 0)
		hub_head_clear(h);
	else if (stream_head_is(line, len, "x-error-code", &value, &n))
		take_code(h, value, n);
	else if (stream_head_is(line, len, "x-linked-etag", &value, &n))
		take_linked(h, value, n);
	else if (stream_head_is(line, len, "x-linked-size", &value, &n)) {
		if (n == 0 || value[0] == '-' || num_parse(value, n, 0,
		    INT64_MAX, &h->linked_bytes) != ERR_OK)
			h->linked_bytes = -1;
	} else if (stream_head_is(line, len, "location", &value, &n))
		copy(h->location, HUB_URL_MAX, value, n);
	else if (stream_head_is(line, len, "link", &value, &n))
		take_link(h, value, n);
	else if (stream_head_is(line, len, "ratelimit", &value, &n))
		take_limit(h, value, n);
}

size_t
hub_head_origin(const char *url)
{
	const size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 :
	    strncmp(url, "http://", 7) == 0 ? 7 : 0;
	const size_t host = strcspn(url + scheme, "/?#");
	size_t i;

	if (scheme == 0 || host == 0 ||
	    memchr(url + scheme, '@', host) != NULL)
		return (0);
	for (i = 0; url[i] != '\0'; i++) {
		if (url[i] <= ' ' || url[i] > '~' ||
		    strchr("\"'<>\\", url[i]) != NULL)
			return (0);
	}
	return (i > HUB_URL_MAX ? 0 : scheme + host);
}

bool
hub_head_same(const char *a, const char *b)
{
	const size_t n = hub_head_origin(a);

	return (n > 0 && n == hub_head_origin(b) && strncasecmp(a, b, n) == 0);
}

bool
hub_head_join(const char *base, const char *to, char out[HUB_URL_MAX + 1])
{
	const size_t origin = hub_head_origin(base), len = strlen(to);

	if (to[0] == '/' && to[1] != '/') {
		if (origin + len > HUB_URL_MAX)
			return (false);
		memcpy(out, base, origin);
		memcpy(out + origin, to, len + 1);
	} else {
		if (len > HUB_URL_MAX)
			return (false);
		memcpy(out, to, len + 1);
	}
	return (hub_head_origin(out) > 0 && !(strncmp(base, "https:", 6) == 0 &&
	    strncmp(out, "http:", 5) == 0));
}
