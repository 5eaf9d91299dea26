#include <stdio.h>
#include <string.h>

#include "store_look.h"
#include "store_sign.h"

bool
store_look_list(struct store *s, struct listing *l)
{
	const struct presign_list list = {
		.prefix = text_span(s->folder), .max_keys = PRESIGN_KEYS_MAX
	};
	char url[PRESIGN_LIST_MAX + 1];

	listing_init(l);
	store_sign_list(s, KEYRING_READ, &list, url);
	if (store_send(s, "GET", url, NULL, NULL, 0) == 200 &&
	    listing_parse(l, s->answer, s->answer_len) == ERR_OK &&
	    !l->truncated) {
		s->encodes = memmem(s->answer, s->answer_len,
		    STORE_LOOK_ENCODED, strlen(STORE_LOOK_ENCODED)) != NULL;
		return (true);
	}
	s->lost = true;
	return (false);
}

bool
store_look_is(const struct listing_item *item, const struct store *s,
    const char *name)
{
	const struct store_key key = store_key(s, name);

	return (item->key_len == key.len &&
	    memcmp(item->key, key.text, key.len) == 0);
}

/* The entry of some stores for a folder itself. */
static bool
is_folder(const struct listing_item *item)
{

	return (item->is_prefix || (item->bytes <= 0 && item->key_len > 0 &&
	    item->key[item->key_len - 1] == '/'));
}

/* Write what can be printed of the name of an item. */
static void
name_of(const struct store *s, const struct listing_item *item,
    char out[STORE_NAME_MAX + 1])
{
	const size_t skip = item->key_len > strlen(s->folder) ?
	    strlen(s->folder) : 0;
	size_t i;

	snprintf(out, STORE_NAME_MAX + 1, "%s", item->key + skip);
	for (i = 0; out[i] != '\0'; i++) {
		if (out[i] < 0x20 || out[i] == 0x7f)
			out[i] = '?';
	}
}

static struct store_object *
known(struct store *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (strcmp(s->object[i].name, name) == 0)
			return (&s->object[i]);
	}
	return (NULL);
}

static void
keep(struct store *s, const struct listing *l)
{
	size_t i;

	for (i = s->n = 0; i < l->n && s->n < STORE_OBJECTS_MAX; i++) {
		if (is_folder(&l->item[i]))
			continue;
		name_of(s, &l->item[i], s->object[s->n].name);
		s->object[s->n++].bytes = l->item[i].bytes;
	}
}

void
store_look_again(struct store *s)
{
	struct listing l;

	if (store_look_list(s, &l))
		keep(s, &l);
	listing_free(&l);
}

bool
store_look_holds(struct store *s, const char *name, size_t bytes)
{
	const struct store_sign_url u = {
		KEYRING_READ, PRESIGN_GET, name, NULL, 0
	};
	char url[PRESIGN_OBJECT_MAX + 1], data[STORE_MAX_BYTES + 2];

	store_sign_url(s, &u, url);
	store_send(s, "GET", url, NULL, NULL, 0);
	if (s->status != 200 || s->answer_len != bytes ||
	    bytes > sizeof(data))
		return (false);
	store_fill(data, bytes);
	return (memcmp(s->answer, data, bytes) == 0);
}

static void
note_item(const struct store *s, const struct listing_item *item,
    const char *sent, const char *home, struct store_look_effect *e)
{
	char name[STORE_NAME_MAX + 1];

	if (store_look_is(item, s, sent)) {
		e->stored = true;
		return;
	}
	name_of(s, item, name);
	if (strncmp(name, home, strlen(home)) == 0)
		e->moved = true;
	else
		e->escaped = true;
	snprintf(e->where, sizeof(e->where), "%s", name);
}

/* Compare the listing with what was there before. */
static void
compare(struct store *s, const struct listing *l, const char *sent,
    const char *home, struct store_look_effect *e)
{
	bool found[STORE_OBJECTS_MAX] = { false };
	char name[STORE_NAME_MAX + 1];
	struct store_object *o;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (is_folder(&l->item[i]))
			continue;
		name_of(s, &l->item[i], name);
		o = known(s, name);
		if (o != NULL)
			found[o - s->object] = true;
		if (o == NULL || o->bytes != l->item[i].bytes)
			note_item(s, &l->item[i], sent, home, e);
	}
	for (i = 0; i < s->n; i++) {
		if (!found[i]) {
			e->escaped = true;
			snprintf(e->where, sizeof(e->where), "%s",
			    s->object[i].name);
		}
	}
}

/* The file of the other miner still has its own content. */
static void
look_at_victim(struct store *s, struct store_look_effect *e)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (strcmp(s->object[i].name, STORE_LOOK_VICTIM) != 0)
			continue;
		if (!store_look_holds(s, STORE_LOOK_VICTIM,
		    (size_t)s->object[i].bytes)) {
			e->escaped = true;
			snprintf(e->where, sizeof(e->where), "%s",
			    STORE_LOOK_VICTIM);
		}
	}
}

void
store_look_effect(struct store *s, const char *sent, const char *home,
    size_t bytes, struct store_look_effect *e)
{
	struct listing l;

	memset(e, 0, sizeof(*e));
	if (store_look_list(s, &l)) {
		compare(s, &l, sent, home, e);
		look_at_victim(s, e);
		keep(s, &l);
	}
	listing_free(&l);

	/* A file that is not listed can still be there. */
	if (!e->stored && store_look_holds(s, sent, bytes))
		e->stored = true;
}
