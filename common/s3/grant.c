#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "s3/grant.h"

const char *
grant_kind(const struct s3_bucket *bucket)
{

	return (bucket->post_policy ? "post_policy" : "put");
}

enum err
grant_check(const struct s3_bucket *bucket, const struct grant *g)
{

	if (g->of == GRANT_FOLDER && !bucket->folder_forms)
		return (ERR_FILES_REQUIRED);
	if (g->size != GRANT_ANY_SIZE &&
	    (g->size < g->min_bytes || g->size > g->max_bytes))
		return (ERR_SIZE);
	return (ERR_OK);
}

static enum err
make_post(struct s3_signer *s, int64_t now, const struct grant *g,
    struct grant_upload *u)
{
	const struct post_policy_grant policy = {
		.kind = g->of == GRANT_FOLDER ? POST_POLICY_FOLDER :
		    POST_POLICY_EXACT,
		.key = g->key, .key_len = g->key_len,
		.min_bytes = g->min_bytes, .max_bytes = g->max_bytes,
		.expires_at = g->expires_at,
	};
	enum err e;

	if ((e = post_policy_make(s, now, &policy, &u->made.form)) != ERR_OK)
		return (e);
	u->method = "POST";
	u->url = s->bucket->url;
	u->fields = u->made.form.fields;
	u->n_fields = u->made.form.n;
	u->ttl_s = g->expires_at - now;
	return (ERR_OK);
}

static enum err
make_put(struct s3_signer *s, int64_t now, const struct grant *g,
    struct grant_upload *u)
{
	struct buf b;

	u->method = "PUT";
	u->url = u->made.put.url;
	if (g->size != GRANT_ANY_SIZE) {
		snprintf(u->made.put.bytes, sizeof(u->made.put.bytes),
		    "%" PRId64, g->size);
		u->made.put.length.name = "Content-Length";
		u->made.put.length.value = u->made.put.bytes;
		u->headers = &u->made.put.length;
		u->n_headers = 1;
	}
	u->ttl_s = g->expires_at - now;
	buf_init(&b, u->made.put.url, sizeof(u->made.put.url));
	return (presign_put(s, now, g->key, g->key_len, g->size, &u->ttl_s,
	    &b));
}

enum err
grant_make(struct s3_signer *s, int64_t now, const struct grant *g,
    struct grant_upload *u)
{
	enum err e;

	u->fields = u->headers = NULL;
	u->n_fields = u->n_headers = 0;
	if ((e = grant_check(s->bucket, g)) != ERR_OK)
		return (e);
	if (s->bucket->post_policy)
		return (make_post(s, now, g, u));
	return (make_put(s, now, g, u));
}
