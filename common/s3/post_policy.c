#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "s3/post_policy.h"

static enum err
check_key(const struct post_policy_grant *g)
{
	size_t i;
	unsigned char c;

	if (g->key_len < 1 || g->key_len > S3_KEY_MAX || g->key[0] == '$' ||
	    !text_is_utf8(g->key, g->key_len))
		return (ERR_FORMAT);
	for (i = 0; i < g->key_len; i++) {
		c = (unsigned char)g->key[i];
		if (c < 0x20 || c == 0x7f)
			return (ERR_FORMAT);
	}
	if (memmem(g->key, g->key_len, "${", 2) != NULL)
		return (ERR_FORMAT);
	if (g->kind == POST_POLICY_FOLDER && g->key[g->key_len - 1] != '/')
		return (ERR_FORMAT);
	return (ERR_OK);
}

static enum err
check(int64_t now, const struct post_policy_grant *g)
{

	if (now < 0 || g->expires_at <= now ||
	    g->expires_at - now > SIGV4_TTL_S_MAX ||
	    g->expires_at > TIMEFMT_S_MAX)
		return (ERR_RANGE);
	if (g->min_bytes < 0 || g->min_bytes > g->max_bytes)
		return (ERR_RANGE);
	return (check_key(g));
}

/* Append {"name": "value"}, with a comma unless it is the first.  Append
   nothing for "". */
static void
add_equal(struct buf *b, const char *name, const char *value)
{

	if (value[0] == '\0')
		return;
	buf_str(b, b->data[b->len - 1] == '[' ? "{\"" : ", {\"");
	buf_str(b, name);
	buf_str(b, "\": ");
	buf_json(b, value, strlen(value));
	buf_char(b, '}');
}

static void
add_key(struct buf *b, const struct post_policy_grant *g)
{

	buf_str(b, b->data[b->len - 1] == '[' ? "[" : ", [");
	buf_str(b, g->kind == POST_POLICY_EXACT ? "\"eq\", \"$key\", " :
	    "\"starts-with\", \"$key\", ");
	buf_json(b, g->key, g->key_len);
	buf_char(b, ']');
}

/* Write the text of the policy, equal to Python's json.dumps() in every
   byte. */
static void
add_policy(struct buf *b, const struct s3_signer *s,
    const struct post_policy_grant *g)
{
	char expiration[TIMEFMT_ZULU_MAX + 1];

	timefmt_zulu(g->expires_at, expiration);
	buf_str(b, "{\"expiration\": \"");
	buf_str(b, expiration);
	buf_str(b, "\", \"conditions\": [");
	add_equal(b, "acl", s->bucket->acl);
	add_key(b, g);
	buf_str(b, ", [\"content-length-range\", ");
	buf_int(b, g->min_bytes);
	buf_str(b, ", ");
	buf_int(b, g->max_bytes);
	buf_char(b, ']');
	add_equal(b, "x-amz-storage-class", s->bucket->storage_class);
	add_equal(b, "bucket", s->bucket->name);

	/* A folder occurs twice, because botocore added its own condition. */
	if (g->kind == POST_POLICY_FOLDER)
		add_key(b, g);
	add_equal(b, "x-amz-algorithm", SIGV4_ALGORITHM);
	add_equal(b, "x-amz-credential", s->credential);
	add_equal(b, "x-amz-date", s->scope.time);
	buf_str(b, "]}");
}

static enum err
fill(struct s3_signer *s, const struct post_policy_grant *g,
    struct post_policy *p)
{
	char json[POST_POLICY_JSON_MAX + 1];
	struct buf text, key;

	buf_init(&text, json, sizeof(json));
	add_policy(&text, s, g);
	buf_init(&key, p->key, sizeof(p->key));
	buf_add(&key, g->key, g->key_len);
	if (g->kind == POST_POLICY_FOLDER)
		buf_str(&key, POST_POLICY_FILENAME);
	if (buf_end(&text) != ERR_OK || buf_end(&key) != ERR_OK)
		return (ERR_RANGE);
	memcpy(p->credential, s->credential, sizeof(p->credential));
	memcpy(p->date, s->scope.time, sizeof(p->date));
	base64_encode(p->policy, (const uint8_t *)text.data, text.len);

	/* In a form, the policy itself is the string to sign. */
	sigv4_signature(s->hmac, s->key, &s->scope, p->policy,
	    BASE64_LEN(text.len), p->signature);
	return (ERR_OK);
}

enum err
post_policy_make(struct s3_signer *s, int64_t now,
    const struct post_policy_grant *grant, struct post_policy *p)
{
	const struct text_pair fields[POST_POLICY_FIELDS] = {
		{ "acl", s->bucket->acl },
		{ "x-amz-storage-class", s->bucket->storage_class },
		{ "key", p->key },
		{ "x-amz-algorithm", SIGV4_ALGORITHM },
		{ "x-amz-credential", p->credential },
		{ "x-amz-date", p->date },
		{ "policy", p->policy },
		{ "x-amz-signature", p->signature },
	};
	size_t i;
	enum err e;

	if ((e = check(now, grant)) != ERR_OK ||
	    (e = s3_signer_at(s, now)) != ERR_OK ||
	    (e = fill(s, grant, p)) != ERR_OK)
		return (e);
	for (i = p->n = 0; i < POST_POLICY_FIELDS; i++) {
		if (fields[i].value[0] != '\0')
			p->fields[p->n++] = fields[i];
	}
	return (ERR_OK);
}
