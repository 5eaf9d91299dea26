#include <string.h>

#include "json/emit.h"

static void
text(struct buf *b, const char *s)
{

	buf_json(b, s, strlen(s));
}

/* Append a comma, unless this is the first of the ${n} members so far. */
static void
another(struct buf *b, size_t *n)
{

	if ((*n)++ > 0)
		buf_char(b, ',');
}

void
emit_texts(struct buf *b, const char *const *s)
{
	size_t n = 0;

	buf_char(b, '[');
	while (*s != NULL) {
		another(b, &n);
		text(b, *s++);
	}
	buf_char(b, ']');
}

static void
pairs(struct buf *b, const struct emit_pairs *p)
{
	size_t i, n = 0;

	buf_char(b, '{');
	for (i = 0; i < p->n; i++) {
		another(b, &n);
		text(b, p->pair[i].name);
		buf_char(b, ':');
		text(b, p->pair[i].value);
	}
	buf_char(b, '}');
}

static enum err
url(struct buf *b, const struct emit_url *u)
{
	size_t at;
	enum err e;

	buf_char(b, '"');
	at = b->len;
	if ((e = u->write(b, u->with)) != ERR_OK)
		return (e);

	/* An encoded URL contains no byte that needs an escape. */
	if (text_json_plain(b->data + at, b->len - at) != b->len - at)
		return (ERR_FORMAT);
	buf_char(b, '"');
	return (ERR_OK);
}

static enum err
row_value(struct buf *b, const struct emit_field *f, const void *p)
{
	const struct text_span *t = p;

	if (f->sub != NULL)
		return (emit_object(b, f->sub, p));
	buf_json(b, t->s, t->len);
	return (buf_end(b));
}

/* Append all rows, after ${n} members. */
static enum err
rows(struct buf *b, const struct emit_field *f, const struct emit_rows *r,
    size_t *n)
{
	const size_t start = b->len, first = *n;
	struct emit_row row;
	enum err e;

	for (;;) {
		row = (struct emit_row){ .written = b->len };
		if ((e = r->next(r->with, &row)) != ERR_OK ||
		    row.value == NULL)
			return (e);
		another(b, n);
		if (f->kind != EMIT_ROWS) {
			buf_json(b, row.name.s, row.name.len);
			buf_char(b, ':');
		}
		if ((e = row_value(b, f, row.value)) != ERR_OK)
			return (e);

		/* Grow once, to copy only once.  Less room is enough, too. */
		if (*n == first + 1 && r->expect > 1)
			(void)buf_room(b, (b->len - start) * r->expect);
	}
}

static enum err
enclosed(struct buf *b, const struct emit_field *f, const void *p)
{
	const bool array = f->kind == EMIT_ROWS;
	size_t n = 0;
	enum err e;

	buf_char(b, array ? '[' : '{');
	if ((e = rows(b, f, p, &n)) != ERR_OK)
		return (e);
	buf_char(b, array ? ']' : '}');
	return (ERR_OK);
}

static enum err
value(struct buf *b, const struct emit_field *f, const void *p)
{
	const struct text_span *t;

	switch (f->kind) {
	case EMIT_TEXT:
		text(b, p);
		break;
	case EMIT_SPAN:
		t = p;
		buf_json(b, t->s, t->len);
		break;
	case EMIT_INT:
	case EMIT_INT_IF:
		buf_int(b, *(const int64_t *)p);
		break;
	case EMIT_FLAG:
	case EMIT_FLAG_IF:
		buf_str(b, *(const bool *)p ? "true" : "false");
		break;
	case EMIT_TEXTS:
		emit_texts(b, p);
		break;
	case EMIT_PAIRS:
		pairs(b, p);
		break;
	case EMIT_URL:
		return (url(b, p));
	case EMIT_OBJECT:
		return (emit_object(b, f->sub, p));
	case EMIT_ROWS:
	case EMIT_MAP:
	case EMIT_MEMBERS:
		return (enclosed(b, f, p));
	}
	return (ERR_OK);
}

/* The value of a field of ${object}, or NULL if the field is left out. */
static const void *
value_of(const struct emit_field *f, const void *object)
{
	const void *p = (const char *)object + f->offset;

	switch (f->kind) {
	case EMIT_INT:
	case EMIT_FLAG:
		return (p);
	case EMIT_SPAN:
		return (((const struct text_span *)p)->s == NULL ? NULL : p);
	case EMIT_URL:
		return (((const struct emit_url *)p)->write == NULL ? NULL : p);
	case EMIT_ROWS:
	case EMIT_MAP:
	case EMIT_MEMBERS:
		return (((const struct emit_rows *)p)->next == NULL ? NULL : p);
	default:
		memcpy(&p, p, sizeof(p));
		return (p);
	}
}

enum err
emit_object(struct buf *b, const struct emit_field *fields, const void *object)
{
	const struct emit_field *f;
	const void *p;
	size_t n = 0;
	enum err e;

	buf_char(b, '{');
	for (f = fields; f->name != NULL; f++) {
		if ((p = value_of(f, object)) == NULL)
			continue;
		if (f->kind == EMIT_MEMBERS) {
			e = rows(b, f, p, &n);
		} else {
			another(b, &n);
			text(b, f->name);
			buf_char(b, ':');
			e = value(b, f, p);
		}
		if (e != ERR_OK)
			return (e);
	}
	buf_char(b, '}');
	return (buf_end(b));
}
