#include <string.h>

#include "base/arena.h"
#include "s3/key.h"
#include "web/endpoint.h"
#include "web/upload.h"

#define FILE_(...) SCHEMA_FIELD(struct upload_file, __VA_ARGS__)
const struct schema_field upload_file_fields[] = {
	FILE_(name, SCHEMA_TEXT, SCHEMA_REQUIRED,
	    "Name of the file below the folder"),
	SCHEMA_BOUND(struct upload_file, size, SCHEMA_INT, SCHEMA_NULLABLE,
	    SCHEMA_INT_MIN, SCHEMA_INT_MAX, ERR_SIZE,
	    "Size of the file in bytes"),
	SCHEMA_END
};

enum err
upload_check_size(const struct web *w, const struct schema_int *size)
{

	return (size->given && (size->n < w->cfg.access_min_bytes ||
	    size->n > w->cfg.access_max_bytes) ? ERR_SIZE : ERR_OK);
}

int64_t
upload_size(const struct schema_int *size)
{

	return (size->given ? size->n : GRANT_ANY_SIZE);
}

enum err
upload_check(const struct web *w, const struct schema_objects *files,
    size_t folder_len)
{
	const struct upload_file *f = files->object;
	size_t i;

	for (i = 0; i < files->n; i++, f++) {
		/* A form cannot carry "${": stores replace it. */
		if (!key_is_plain(f->name, strlen(f->name)) ||
		    (w->bucket.post_policy && strstr(f->name, "${") != NULL) ||
		    folder_len + strlen(f->name) > S3_KEY_MAX)
			return (ERR_KEY_NAME);
		if (upload_check_size(w, &f->size) != ERR_OK)
			return (ERR_SIZE);
	}
	return (ERR_OK);
}

enum err
upload_make(struct web *w, const struct endpoint_plan *p, enum grant_of of,
    const char *key, int64_t size, int64_t until_s,
    const struct grant_upload **made)
{
	struct grant_upload *u = arena_alloc(w->arena, sizeof(*u));
	const struct grant g = {
		.of = of, .key = key, .key_len = strlen(key), .size = size,
		.min_bytes = w->cfg.access_min_bytes,
		.max_bytes = w->cfg.access_max_bytes, .expires_at = until_s,
	};
	enum err e;

	if ((e = grant_make(p->upload, w->auth.now_s, &g, u)) != ERR_OK)
		return (e);
	endpoint_granted(w, key, grant_kind(&w->bucket), 1,
	    w->auth.now_s + u->ttl_s);
	*made = u;
	return (ERR_OK);
}

struct upload {
	struct text_span name, key;
	const char *url, *method;
	const struct emit_pairs *fields, *headers;	/* NULL: left out */
};

#define UPLOAD(...) EMIT_FIELD(struct upload, __VA_ARGS__)
#define UPLOAD_MAYBE(...) EMIT_MAYBE(struct upload, __VA_ARGS__)
const struct emit_field upload_row_fields[] = {
	UPLOAD(name, EMIT_SPAN, NULL, "Name in the request"),
	UPLOAD(key, EMIT_SPAN, NULL, "Key of the file in the bucket"),
	UPLOAD(url, EMIT_TEXT, NULL, "URL that receives the file"),
	UPLOAD(method, EMIT_TEXT, NULL, "POST: a form; PUT: the file alone"),
	UPLOAD_MAYBE(fields, EMIT_PAIRS, NULL,
	    "Form fields, sent before the file"),
	UPLOAD_MAYBE(headers, EMIT_PAIRS, NULL, "Headers that were signed"),
	EMIT_END
};

/* A grant for each file.  Each is signed while the answer is written. */
struct uploads {
	struct web *w;
	const struct endpoint_plan *p;
	const struct upload_file *file, *end;
	int64_t until_s;		/* the wanted end */
	struct upload_lifetime told;	/* the shortest lifetime */
	struct upload row;
	struct emit_pairs fields, headers;
	char key[S3_KEY_MAX + 1];
	struct grant_upload made;
};

/* A URL may have to be signed for less time than was wanted.  The answer
   reports the shortest lifetime, the audit log the longest. */
static void
note_lifetime(struct uploads *u)
{
	const int64_t until_s = u->w->auth.now_s + u->made.ttl_s;

	if (u->made.ttl_s < *u->told.seconds) {
		*u->told.seconds = u->made.ttl_s;
		*u->told.expiry = endpoint_time(u->w, until_s);
	}
	if (until_s > u->w->granted.until_s)
		u->w->granted.until_s = until_s;
}

static void
set_row(struct uploads *u, size_t key_len)
{
	const bool is_form = u->w->bucket.post_policy;

	u->fields = (struct emit_pairs){ u->made.n_fields, u->made.fields };
	u->headers = (struct emit_pairs){ u->made.n_headers, u->made.headers };
	u->row = (struct upload){
		text_span(u->file->name), { u->key, key_len }, u->made.url,
		u->made.method, is_form ? &u->fields : NULL,
		is_form ? NULL : &u->headers
	};
}

static enum err
next_upload(void *with, struct emit_row *row)
{
	struct uploads *u = with;
	const struct config *c = &u->w->cfg;
	struct grant g = {
		.of = GRANT_FILE, .key = u->key,
		.min_bytes = c->access_min_bytes,
		.max_bytes = c->access_max_bytes,
		.expires_at = u->until_s,
	};
	struct buf b;
	enum err e;

	if (u->file == u->end)
		return (ERR_OK);
	buf_init(&b, u->key, sizeof(u->key));
	buf_str(&b, u->p->folder);
	buf_str(&b, u->file->name);
	g.key_len = b.len;
	g.size = upload_size(&u->file->size);
	if ((e = buf_end(&b)) != ERR_OK || (e = grant_make(u->p->upload,
	    u->w->auth.now_s, &g, &u->made)) != ERR_OK)
		return (e);
	note_lifetime(u);
	set_row(u, b.len);
	u->file++;
	row->value = &u->row;
	return (ERR_OK);
}

struct emit_rows
upload_rows(struct web *w, const struct endpoint_plan *p,
    const struct schema_objects *files, const struct upload_lifetime *lifetime)
{
	struct uploads *u = arena_alloc(w->arena, sizeof(*u));

	u->w = w;
	u->p = p;
	u->file = files->object;
	u->end = u->file + files->n;
	u->told = *lifetime;
	u->until_s = w->auth.now_s + *lifetime->seconds;
	endpoint_granted(w, p->folder, grant_kind(&w->bucket),
	    (int64_t)files->n, 0);
	return ((struct emit_rows){ next_upload, u, files->n });
}
