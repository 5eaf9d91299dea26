#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "net/stream_head.h"

#define BYTES_MAX 65536

void
stream_head_clear(struct stream_head *h)
{

	h->etag[0] = '\0';
	h->length = h->first = h->whole = -1;
	h->bytes = 0;
}

static bool
number(const char *s, size_t n, int64_t *out)
{

	return (n > 0 && s[0] != '-' &&
	    num_parse(s, n, 0, INT64_MAX, out) == ERR_OK);
}

static void
take_etag(struct stream_head *h, const char *s, size_t n)
{
	size_t i;

	if (h->etag[0] != '\0' || n > STREAM_ETAG_MAX) {
		h->etag[0] = '\0';
		return;
	}
	for (i = 0; i < n; i++) {
		if (s[i] <= ' ' || s[i] > '~')
			return;
	}
	memcpy(h->etag, s, n);
	h->etag[n] = '\0';
}

static void
take_range(struct stream_head *h, const char *s, size_t n)
{
	const char *const unit = "bytes ", *dash, *slash;
	int64_t first, last, whole = -1;

	h->first = h->whole = -1;
	if (n < strlen(unit) || strncasecmp(s, unit, strlen(unit)) != 0)
		return;
	s += strlen(unit);
	n -= strlen(unit);
	dash = memchr(s, '-', n);
	slash = memchr(s, '/', n);
	if (dash == NULL || slash == NULL || slash < dash ||
	    !number(s, (size_t)(dash - s), &first) ||
	    !number(dash + 1, (size_t)(slash - dash - 1), &last))
		return;
	n -= (size_t)(slash + 1 - s);
	if (!(n == 1 && slash[1] == '*') && !number(slash + 1, n, &whole))
		return;
	if (last < first || (whole != -1 && last >= whole))
		return;
	h->first = first;
	h->whole = whole;
}

bool
stream_head_is(const char *line, size_t n, const char *name,
    const char **value, size_t *len)
{
	const size_t name_len = strlen(name);
	const char *end = line + n;

	if (n <= name_len || strncasecmp(line, name, name_len) != 0 ||
	    line[name_len] != ':')
		return (false);
	for (line += name_len + 1; line < end &&
	    (*line == ' ' || *line == '\t'); line++)
		continue;
	while (end > line && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	*value = line;
	*len = (size_t)(end - line);
	return (true);
}

bool
stream_head_line(struct stream_head *h, const char *line, size_t n)
{
	const size_t before = h->bytes;
	const char *value;
	size_t len;

	if (n > BYTES_MAX - before)
		return (false);
	if (n > 5 && strncasecmp(line, "http/", 5) == 0)
		stream_head_clear(h);
	h->bytes = before + n;
	if (stream_head_is(line, n, "etag", &value, &len))
		take_etag(h, value, len);
	else if (stream_head_is(line, n, "content-range", &value, &len))
		take_range(h, value, len);
	else if (stream_head_is(line, n, "content-length", &value, &len) &&
	    !number(value, len, &h->length))
		h->length = -1;
	return (true);
}
