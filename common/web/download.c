#include <string.h>

#include "base/arena.h"
#include "s3/presign.h"
#include "web/download.h"
#include "web/endpoint.h"

struct file {
	struct emit_url presigned_url;
	struct text_span file_key;
	int64_t expires_in_seconds;
	struct text_span file_name;
};

#define FILE_(...) EMIT_FIELD(struct file, __VA_ARGS__)
const struct emit_field download_fields[] = {
	FILE_(presigned_url, EMIT_URL, NULL, "GET: the file"),
	FILE_(file_key, EMIT_SPAN, NULL, "Key of the file"),
	FILE_(expires_in_seconds, EMIT_INT, NULL,
	    "Lifetime of the URL in seconds"),
	FILE_(file_name, EMIT_SPAN, NULL, "The last part of the key"),
	EMIT_END
};

/* The source of the rows, and the current row. */
struct downloads {
	const struct key_choice *keys;
	size_t next;
	struct presign_object_url url;
	struct file row;
};

static struct text_span
last_part(const struct text_span *key)
{
	const char *slash = strrchr(key->s, '/');

	return (text_span(slash == NULL ? key->s : slash + 1));
}

static enum err
next_url(void *with, struct emit_row *row)
{
	struct downloads *d = with;
	const struct text_span *key = key_next(d->keys, true, &d->next);

	if (key == NULL)
		return (ERR_OK);
	d->url.key = *key;
	d->row = (struct file){
		{ presign_object_write, &d->url }, *key, d->url.ttl_s,
		last_part(key)
	};
	row->name = *key;
	row->value = &d->row;
	return (ERR_OK);
}

static enum err
next_refused(void *with, struct emit_row *row)
{
	struct downloads *d = with;

	row->value = key_next(d->keys, false, &d->next);
	return (ERR_OK);
}

struct emit_rows
download_urls(struct web *w, const struct endpoint_plan *p,
    const struct key_choice *keys, int64_t ttl_s)
{
	struct downloads *d = arena_alloc(w->arena, sizeof(*d));

	memset(d, 0, sizeof(*d));
	d->keys = keys;
	d->url = (struct presign_object_url){ .signer = p->read,
	    .now = w->auth.now_s, .ttl_s = ttl_s, .method = PRESIGN_GET };
	return ((struct emit_rows){ next_url, d, keys->n_vended });
}

struct emit_rows
download_refused(struct web *w, const struct key_choice *keys)
{
	struct downloads *d = arena_alloc(w->arena, sizeof(*d));

	memset(d, 0, sizeof(*d));
	d->keys = keys;
	return ((struct emit_rows){ next_refused, d, 0 });
}
