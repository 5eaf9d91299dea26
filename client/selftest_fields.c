/* Changes to a form before it is sent. */

#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "selftest_fields.h"

/* No text of a way is longer. */
#define TEXT_MAX 65536

static struct text_span
keep(struct selftest_draft *d, const char *s, size_t len)
{

	return ((struct text_span){ arena_text(d->arena, s, len), len });
}

static struct selftest_part *
find_part(struct selftest_draft *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n_parts; i++) {
		if (text_equal(d->part[i].name.s, d->part[i].name.len, name))
			return (&d->part[i]);
	}
	d->missing = "the form has no such field";
	return (NULL);
}

struct selftest_part *
selftest_fields_add(struct selftest_draft *d, const char *name,
    struct text_span value)
{

	if (d->n_parts == SELFTEST_PARTS) {
		d->missing = "the form has too many fields";
		return (&d->part[0]);
	}
	d->part[d->n_parts] = (struct selftest_part){ .name = keep(d, name,
	    strlen(name)), .value = value };
	return (&d->part[d->n_parts++]);
}

void
selftest_fields_set(struct selftest_draft *d, const char *name,
    struct text_span value)
{
	const char *before = d->missing;
	struct selftest_part *p = find_part(d, name);

	d->missing = before;
	if (p != NULL)
		p->value = value;
	else
		selftest_fields_add(d, name, value);
}

static void
first_part(struct selftest_draft *d, const char *name, struct text_span value)
{
	const struct selftest_part p = *selftest_fields_add(d, name, value);

	memmove(d->part + 1, d->part, (d->n_parts - 1) * sizeof(p));
	d->part[0] = p;
}

static void
drop_part(struct selftest_draft *d, const char *name)
{
	struct selftest_part *p = find_part(d, name);

	if (p == NULL)
		return;
	memmove(p, p + 1, (size_t)(d->part + d->n_parts - (p + 1)) *
	    sizeof(*p));
	d->n_parts--;
}

/* Replace every ${from} in ${in}. */
static struct text_span
replace(struct selftest_draft *d, struct text_span in, struct text_span from,
    struct text_span to)
{
	const char *end = in.s + in.len, *s = in.s, *hit;
	struct text_span out;
	struct buf b;

	if (from.len == 0 || memmem(in.s, in.len, from.s, from.len) == NULL) {
		d->missing = "the grant does not have what would be changed";
		return (in);
	}
	buf_init_growing(&b, in.len + 64, TEXT_MAX);
	while ((hit = memmem(s, (size_t)(end - s), from.s, from.len)) !=
	    NULL) {
		buf_add(&b, s, (size_t)(hit - s));
		buf_add(&b, to.s, to.len);
		s = hit + from.len;
	}
	buf_add(&b, s, (size_t)(end - s));
	out = keep(d, b.data, b.len);
	if (buf_end(&b) != ERR_OK)
		d->missing = "the grant is too long";
	buf_free(&b);
	return (out);
}

static void
change_policy(struct selftest_draft *d, const char *from, const char *to)
{
	struct selftest_part *p = find_part(d, "policy");
	struct text_span text;
	size_t len;
	char *out;

	if (p == NULL || p->value.len < 4)
		return;
	len = p->value.len / 4 * 3;
	len -= (size_t)(p->value.s[p->value.len - 1] == '=') +
	    (size_t)(p->value.s[p->value.len - 2] == '=');
	out = arena_alloc(d->arena, len + 1);
	if (base64_decode((uint8_t *)out, len, p->value.s, p->value.len) !=
	    ERR_OK) {
		d->missing = "the form's policy cannot be read";
		return;
	}
	text = replace(d, (struct text_span){ out, len },
	    selftest_draft_text(d, from), selftest_draft_text(d, to));
	out = arena_alloc(d->arena, BASE64_LEN(text.len) + 1);
	base64_encode(out, (const uint8_t *)text.s, text.len);
	p->value = keep(d, out, strlen(out));
}

/* Change a character in the middle: letters and digits stay what they are, so
   that hex stays hex and base64 stays base64. */
static void
flip(struct selftest_draft *d, const char *name)
{
	struct selftest_part *p = find_part(d, name);
	char *copy;
	size_t at;

	if (p == NULL || p->value.len == 0)
		return;
	copy = arena_text(d->arena, p->value.s, p->value.len);
	at = p->value.len / 2;
	copy[at] = copy[at] == '0' ? '1' : copy[at] >= '1' && copy[at] <=
	    '9' ? '0' : copy[at] == 'a' ? 'b' : 'a';
	p->value.s = copy;
}

static void
take(struct selftest_draft *d, const char *name)
{
	const struct service_grant *g = &d->grants->other_form;
	size_t i;

	for (i = 0; i < g->n_fields; i++) {
		if (strcmp(g->fields[i].name, name) == 0) {
			selftest_fields_set(d, name,
			    text_span(g->fields[i].value));
			return;
		}
	}
	d->missing = "the other's form has no such field";
}

void
selftest_fields_change(struct selftest_draft *d, const struct selftest_op *o,
    struct text_span a, struct text_span b)
{
	struct selftest_part *p;

	switch (o->change) {
	case SELFTEST_KEY:
		selftest_fields_set(d, "key", a);
		break;
	case SELFTEST_SET:
		selftest_fields_set(d, o->a, b);
		break;
	case SELFTEST_DROP:
		drop_part(d, o->a);
		break;
	case SELFTEST_CALL:
		if ((p = find_part(d, o->a)) != NULL)
			p->name = b;
		break;
	case SELFTEST_FIRST:
		first_part(d, o->a, b);
		break;
	case SELFTEST_LAST:
		selftest_fields_add(d, o->a, b);
		break;
	case SELFTEST_AFTER:
		selftest_fields_add(d, o->a, b)->after = true;
		break;
	case SELFTEST_HEAD:
		if ((p = find_part(d, o->a)) != NULL)
			p->head = b;
		break;
	case SELFTEST_FILE:
		d->file_name = a;
		break;
	case SELFTEST_FILE_HEAD:
		d->file_head = a;
		break;
	case SELFTEST_POLICY:
		change_policy(d, o->a, o->b);
		break;
	case SELFTEST_FLIP:
		flip(d, o->a);
		break;
	case SELFTEST_TAKE:
		take(d, o->a);
		break;
	case SELFTEST_PREAMBLE:
		d->preamble = a;
		break;
	case SELFTEST_EPILOGUE:
		d->epilogue = a;
		break;
	default:
		d->type = a;
		break;
	}
}
