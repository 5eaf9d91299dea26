#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

void
buf_init(struct buf *b, char *data, size_t size)
{

	b->data = data;
	b->len = 0;
	b->size = size;
	b->overflow = false;
	b->data[0] = '\0';
}

void
buf_add(struct buf *b, const void *data, size_t len)
{

	if (b->overflow || len >= b->size - b->len) {
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
	size_t room = b->size - b->len;
	va_list ap;
	int n;

	if (b->overflow)
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
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
		n = text_json_escape(s, len, out, &taken);
		buf_add(b, out, n);
	}
	buf_char(b, '"');
}

enum err
buf_end(const struct buf *b)
{

	return (b->overflow ? ERR_RANGE : ERR_OK);
}
