#include <string.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/key.h"
#include "config/show.h"

size_t
show_count(void)
{

	return (KEY_COUNT);
}

const char *
show_name(size_t i)
{

	return (key_table[i].name);
}

const char *
show_about(size_t i)
{

	return (key_table[i].about);
}

/* A URL of Redis may hold a password before the host. */
static void
show_text(struct buf *b, const struct key *k, const char *text)
{
	const char *host = strrchr(text, '@'), *scheme = strstr(text, "://");

	if (k->form != &form_redis_url || host == NULL || scheme == NULL) {
		buf_str(b, text);
		return;
	}
	buf_add(b, text, (size_t)(scheme + 3 - text));
	buf_str(b, "...");
	buf_str(b, host);
}

/* A node's URL may hold a token after the host. */
static void
show_item(struct buf *b, const struct key *k, const char *item)
{
	const char *host = strstr(item, "://");
	size_t n;

	if (k->form != &form_chain_url || host == NULL) {
		buf_str(b, item);
		return;
	}
	host += 3;
	n = (size_t)(host - item) + strcspn(host, "/?");
	buf_add(b, item, n);
	if (item[n] != '\0' && strcmp(item + n, "/") != 0)
		buf_str(b, "/...");
}

static void
show_list(struct buf *b, const struct key *k, const struct config_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		buf_str(b, i > 0 ? ", " : "");
		show_item(b, k, list->item[i]);
	}
}

static void
show_set(struct buf *b, const struct key *k, const bool *has)
{
	const char *comma = "";
	size_t i;

	for (i = 0; k->words[i] != NULL; i++) {
		if (!has[i])
			continue;
		buf_str(b, comma);
		buf_str(b, k->words[i]);
		comma = ", ";
	}
}

static void
show_maybe(struct buf *b, const struct config_maybe *m)
{

	buf_str(b, m->is == CONFIG_MAYBE_DEFAULT ? "default" :
	    m->is == CONFIG_MAYBE_NONE ? "none" : m->text);
}

void
show_value(const struct config *cfg, size_t i, char *out, size_t size)
{
	const struct key *k = &key_table[i];
	const void *v = (const char *)cfg + k->offset;
	struct buf b;
	int word;

	buf_init(&b, out, size);
	switch (k->kind) {
	case KEY_TEXT:
		show_text(&b, k, v);
		break;
	case KEY_LIST:
		show_list(&b, k, v);
		break;
	case KEY_INT:
		buf_int(&b, *(const int64_t *)v);
		break;
	case KEY_BOOL:
		buf_str(&b, *(const bool *)v ? "yes" : "no");
		break;
	case KEY_ENUM:
		memcpy(&word, v, sizeof(word));
		buf_str(&b, k->words[word]);
		break;
	case KEY_SET:
		show_set(&b, k, v);
		break;
	case KEY_MAYBE:
		show_maybe(&b, v);
		break;
	}
}
