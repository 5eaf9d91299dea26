#include <string.h>

#include "json/emit.h"

static void
text(struct buf *b, const char *s)
{

	buf_json(b, s, strlen(s));
}

void
emit_texts(struct buf *b, const char *const *s)
{
	size_t i;

	buf_char(b, '[');
	for (i = 0; s[i] != NULL; i++) {
		if (i > 0)
			buf_char(b, ',');
		text(b, s[i]);
	}
	buf_char(b, ']');
}

static void
pairs(struct buf *b, const struct emit_pairs *p)
{
	size_t i;

	buf_char(b, '{');
	for (i = 0; i < p->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		text(b, p->pair[i].name);
		buf_char(b, ':');
		text(b, p->pair[i].value);
	}
	buf_char(b, '}');
}

static void
value(struct buf *b, const struct emit_field *f, const void *p)
{
	const struct emit_call *call;

	switch (f->kind) {
	case EMIT_TEXT:
		text(b, p);
		break;
	case EMIT_INT:
	case EMIT_INT_IF:
		buf_int(b, *(const int64_t *)p);
		break;
	case EMIT_FLAG_IF:
		buf_str(b, *(const bool *)p ? "true" : "false");
		break;
	case EMIT_TEXTS:
		emit_texts(b, p);
		break;
	case EMIT_PAIRS:
		pairs(b, p);
		break;
	case EMIT_OBJECT:
		emit_object(b, f->sub, p);
		break;
	case EMIT_CALL:
		call = p;
		call->write(b, call->with);
		break;
	}
}

void
emit_object(struct buf *b, const struct emit_field *fields, const void *object)
{
	const struct emit_field *f;
	const void *p;
	char between = '{';

	for (f = fields; f->name != NULL; f++) {
		p = (const char *)object + f->offset;

		/* All but numbers are held by pointer. */
		if (f->kind != EMIT_INT)
			memcpy(&p, p, sizeof(p));
		if (p == NULL)
			continue;
		buf_char(b, between);
		between = ',';
		text(b, f->name);
		buf_char(b, ':');
		value(b, f, p);
	}
	if (between == '{')
		buf_char(b, '{');
	buf_char(b, '}');
}
