#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "store_sign.h"

static int64_t
now_s(void)
{

	return (clock_now_ms() / 1000);
}

/* --- forms --------------------------------------------------------------- */

#define BOUNDARY "------------foldergate-check-store"

static void
add_field(struct buf *b, const char *name, const char *value)
{

	buf_fmt(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; "
	    "name=\"%s\"\r\n\r\n%s\r\n", name, value);
}

static void
add_fields(struct buf *b, const struct store_sign_form *f,
    const struct store_key *k, const struct post_policy *p)
{
	bool changed = false;
	const char *value;
	size_t i;

	for (i = 0; i < p->n; i++) {
		value = p->fields[i].value;
		if (strcmp(p->fields[i].name, "key") == 0)
			value = k->text;
		if (f->field != NULL &&
		    strcmp(p->fields[i].name, f->field) == 0) {
			value = f->value;
			changed = true;
		}
		add_field(b, p->fields[i].name, value);
	}
	if (f->field != NULL && !changed)
		add_field(b, f->field, f->value);
}

int
store_sign_form(struct store *s, const struct store_sign_form *f, size_t bytes,
    const char *file_name)
{
	static const char *const headers[] = {
		"Content-Type: multipart/form-data; boundary=" BOUNDARY, NULL
	};
	const struct store_key granted = store_key(s, f->granted),
	    sent = store_key(s, f->sent);
	const int64_t at = now_s() - f->age_s;
	const struct post_policy_grant grant = {
		.kind = f->kind, .key = granted.text, .key_len = granted.len,
		.min_bytes = STORE_MIN_BYTES, .max_bytes = STORE_MAX_BYTES,
		.expires_at = at + STORE_TTL_S
	};
	char data[STORE_MAX_BYTES + 2];
	struct post_policy p;
	struct buf b;
	int status;

	if (post_policy_make(&s->role[KEYRING_UPLOAD].signer, at, &grant,
	    &p) != ERR_OK || bytes > sizeof(data))
		log_die("check_store", "a form cannot be made");
	store_fill(data, bytes);
	buf_init_growing(&b, 4096, 65536);
	add_fields(&b, f, &sent, &p);
	buf_fmt(&b, "--" BOUNDARY "\r\nContent-Disposition: form-data; "
	    "name=\"file\"; filename=\"%s\"\r\n\r\n", file_name);
	buf_add(&b, data, bytes);
	buf_str(&b, "\r\n--" BOUNDARY "--\r\n");
	if (buf_end(&b) != ERR_OK)
		log_die("check_store", "a form is too long");
	status = store_send(s, "POST", s->bucket.url, headers, b.data, b.len);
	buf_free(&b);
	return (status);
}

/* --- URLs ---------------------------------------------------------------- */

/* Make ${out} the URL of ${name}, with this text after it. */
static void
plain_url(const struct store *s, const char *name, const char *rest, char *out)
{
	const struct store_key key = store_key(s, name);
	struct buf b;

	buf_init(&b, out, PRESIGN_OBJECT_MAX + 1);
	buf_str(&b, s->bucket.url);
	buf_char(&b, '/');
	sigv4_encode(&b, key.text, key.len, true);
	buf_str(&b, rest);
	if (buf_end(&b) != ERR_OK)
		log_die("check_store", "a URL is too long");
}

void
store_sign_plain(const struct store *s, const char *name, char *out)
{

	plain_url(s, name, "", out);
}

/* Put the path of another key before the query of a signed URL. */
static void
change_path(const struct store *s, const char *name, char *url)
{
	char other[PRESIGN_OBJECT_MAX + 1];

	plain_url(s, name, strchr(url, '?'), other);
	memcpy(url, other, strlen(other) + 1);
}

void
store_sign_url(struct store *s, const struct store_sign_url *u, char *out)
{
	struct s3_signer *signer = &s->role[u->role].signer;
	const struct store_key key = store_key(s, u->name);
	int64_t ttl_s = STORE_TTL_S;
	struct buf b;
	enum err e;

	buf_init(&b, out, PRESIGN_OBJECT_MAX + 1);
	if (u->method == PRESIGN_PUT)
		e = presign_put(signer, now_s(), key.text, key.len, u->bytes,
		    &ttl_s, &b);
	else
		e = presign_object(signer, now_s(), u->method, key.text,
		    key.len, ttl_s, &b);
	if (e != ERR_OK)
		log_die("check_store", "a URL cannot be made");
	if (u->path != NULL)
		change_path(s, u->path, out);
}

void
store_sign_list(struct store *s, enum keyring_role_name role,
    const struct presign_list *list, char *out)
{
	struct buf b;

	buf_init(&b, out, PRESIGN_LIST_MAX + 1);
	if (presign_list(&s->role[role].signer, now_s(), list, STORE_TTL_S,
	    &b) != ERR_OK)
		log_die("check_store", "a listing's URL cannot be made");
}

/* The same as s3/presign.c, for a subresource that no endpoint ever signs. */
void
store_sign_sub(struct store *s, enum keyring_role_name role, const char *name,
    const char *sub, const char *acl, char *out)
{
	struct s3_signer *signer = &s->role[role].signer;
	const struct sigv4_header headers[] = {
		{ "host", s->bucket.host }, { "x-amz-acl", acl }
	};
	const struct sigv4_request end = {
		.headers = headers, .n_headers = acl != NULL ? 2 : 1,
		.payload = SIGV4_UNSIGNED_PAYLOAD
	};
	char canonical[PRESIGN_OBJECT_MAX + S3_END_MAX];
	char path[PRESIGN_OBJECT_MAX + 1], query[S3_AUTH_MAX + 128];
	char text[SIGV4_STRING_MAX + 1], signature[SIGV4_SIGNATURE_LEN + 1];
	const struct store_key key = store_key(s, name);
	struct buf b, c, t, p, q;

	if (s3_signer_at(signer, now_s()) != ERR_OK)
		log_die("check_store", "the time cannot be signed");
	buf_init(&p, path, sizeof(path));
	if (name[0] != '\0' || s->bucket.prefix_len == 0)
		buf_char(&p, '/');
	if (name[0] != '\0')
		sigv4_encode(&p, key.text, key.len, true);
	buf_init(&q, query, sizeof(query));
	buf_fmt(&q, "%s%d&X-Amz-SignedHeaders=host%s&%s=", signer->auth,
	    STORE_TTL_S, acl != NULL ? "%3Bx-amz-acl" : "", sub);
	buf_init(&c, canonical, sizeof(canonical));
	buf_fmt(&c, "PUT\n%.*s%s\n%s", (int)s->bucket.prefix_len,
	    s->bucket.prefix, path, query);
	sigv4_canonical_end(&c, &end);
	buf_init(&t, text, sizeof(text));
	sigv4_string_to_sign(s->hmac, &t, &signer->scope, c.data, c.len);
	sigv4_signature(s->hmac, signer->key, &signer->scope, t.data, t.len,
	    signature);
	buf_init(&b, out, PRESIGN_OBJECT_MAX + 1);
	buf_fmt(&b, "%s%s?%s&X-Amz-Signature=%s", s->bucket.url, path, query,
	    signature);
	if (buf_end(&b) != ERR_OK || buf_end(&c) != ERR_OK ||
	    buf_end(&t) != ERR_OK || buf_end(&p) != ERR_OK ||
	    buf_end(&q) != ERR_OK)
		log_die("check_store", "a URL is too long");
}
