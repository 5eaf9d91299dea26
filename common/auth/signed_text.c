#include <string.h>

#include "auth/signed_text.h"
#include "base/buf.h"

static const char *const forms[SIGNED_TEXT_KINDS] = {
#define SIGNED_TEXT(name, form) [SIGNED_TEXT_##name] = form,
#include "auth/signed_text.def"
#undef SIGNED_TEXT
};

/* The longest source: see the grammar of a name in json/schema.h. */
#define SOURCE_MAX 32

static bool
is_part(const char *s, size_t len, const char *name)
{

	return (len == strlen(name) && memcmp(s, name, len) == 0);
}

/* Append the part whose name is the ${len} bytes at ${s}. */
static void
add_part(struct buf *b, const char *s, size_t len,
    const struct signed_parts *p)
{

	if (is_part(s, len, "hotkey"))
		buf_str(b, p->hotkey->text);
	else if (is_part(s, len, "coldkey"))
		buf_str(b, p->coldkey->text);
	else if (is_part(s, len, "miner_hotkey"))
		buf_str(b, p->miner->text);
	else if (is_part(s, len, "source"))
		buf_add(b, p->source, strnlen(p->source, SOURCE_MAX));
	else
		buf_int(b, p->timestamp);
}

void
signed_text_make(enum signed_text_kind kind, const struct signed_parts *parts,
    struct signed_text *out)
{
	const char *s = forms[kind];
	struct buf b;
	size_t n;

	/* Two addresses of 48, a source of 32 and a number of 20 stay far
	   below SIGNED_TEXT_MAX, so the text always fits. */
	buf_init(&b, out->text, sizeof(out->text));
	while (*s != '\0') {
		n = strcspn(s, "{");
		buf_add(&b, s, n);
		s += n;
		if (*s == '\0')
			break;
		n = strcspn(s, "}");
		add_part(&b, s + 1, n - 1, parts);
		s += n + 1;
	}
	out->len = b.len;
}

const char *
signed_text_form(enum signed_text_kind kind)
{

	return (forms[kind]);
}
