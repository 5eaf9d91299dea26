#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"

void
buf_init(struct buf *b, char *data, size_t size)
{

	b->data = data;
	b->len = 0;
	b->size = size;
	b->most = 0;
	b->overflow = false;
	b->data[0] = '\0';
}

void
buf_init_growing(struct buf *b, size_t size, size_t most)
{
	char *data;

	if ((data = malloc(size)) == NULL)
		log_die("out_of_memory", "buf");
	buf_init(b, data, size);
	b->most = most;
}

void
buf_free(struct buf *b)
{

	if (b->data != NULL) {
		explicit_bzero(b->data, b->len);
		free(b->data);
	}
	b->data = NULL;
	b->len = b->size = 0;
}

bool
buf_room(struct buf *b, size_t len)
{
	size_t want;
	char *data;

	if (len < b->size - b->len)
		return (true);
	if (b->size >= b->most || len >= b->most - b->len)
		return (false);
	want = b->size > b->most / 2 ? b->most : 2 * b->size;
	while (len >= want - b->len)
		want = want > b->most / 2 ? b->most : 2 * want;

	/* realloc() would leave a copy of the old bytes that is not wiped. */
	if ((data = malloc(want)) == NULL)
		log_die("out_of_memory", "buf");
	memcpy(data, b->data, b->len + 1);
	explicit_bzero(b->data, b->len);
	free(b->data);
	b->data = data;
	b->size = want;
	return (true);
}

void
buf_add(struct buf *b, const void *data, size_t len)
{

	if (b->overflow || !buf_room(b, len)) {
		b->overflow = true;
		return;
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{

	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{

	buf_add(b, &c, 1);
}

void
buf_int(struct buf *b, int64_t n)
{

	buf_fmt(b, "%" PRId64, n);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	size_t left;
	int n;

	if (b->overflow)
		return;
	left = b->size - b->len;
	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, left, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= left && buf_room(b, (size_t)n)) {
		left = b->size - b->len;
		n = vsnprintf(b->data + b->len, left, fmt, again);
	}
	va_end(again);
	if (n < 0 || (size_t)n >= left) {
		b->data[b->len] = '\0';
		b->overflow = true;
		return;
	}
	b->len += (size_t)n;
}

void
buf_json(struct buf *b, const char *s, size_t len)
{
	char out[TEXT_ESCAPE_MAX];
	size_t n, taken;

	buf_char(b, '"');
	for (; len > 0; s += taken, len -= taken) {
		if ((taken = text_json_plain(s, len)) > 0) {
			buf_add(b, s, taken);
		} else {
			n = text_json_escape(s, len, out, &taken);
			buf_add(b, out, n);
		}
	}
	buf_char(b, '"');
}

enum err
buf_end(const struct buf *b)
{

	return (b->overflow ? ERR_RANGE : ERR_OK);
}
