/*
 * Presigns whatever a test tells it to.  Each line on standard input is a kind
 * and its fields, all in hex, with one space in front of each; "-" is a field
 * that is not there:
 *	GET, HEAD, PUT	PLACE KEY
 *	LIST		PLACE PREFIX DELIMITER MAX-KEYS TOKEN START-AFTER
 *	SIZED		PLACE KEY BYTES; a PUT whose time and lifetime are free of
 *			some digits, and whose length is signed
 *	FOLDER, EXACT	PLACE KEY MIN-BYTES MAX-BYTES
 * where PLACE is ENDPOINT REGION BUCKET VIRTUAL ID SECRET NOW TTL.  The answer
 * is a line of JSON: error, and if that is OK url and, of a form, fields.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/num.h"
#include "json/emit.h"
#include "s3/post_policy.h"
#include "s3/presign.h"

#define LINE_MAX_BYTES 65536
#define FIELDS_MAX 13
#define ANSWER_MAX (PRESIGN_LIST_MAX + sizeof(struct post_policy) + 1024)

enum field {
	ENDPOINT, REGION, BUCKET, VIRTUAL, ID, SECRET, NOW, TTL, PLACE_FIELDS,
	KEY = PLACE_FIELDS, MIN_BYTES, MAX_BYTES,
	PREFIX = PLACE_FIELDS, DELIMITER, MAX_KEYS, TOKEN, START_AFTER
};

/* A line, taken apart.  Each field has a NUL behind it. */
struct job {
	char bytes[LINE_MAX_BYTES];
	struct text_span field[FIELDS_MAX];
	int64_t now, ttl_s;
	struct s3_bucket bucket;
	struct sigv4_key key;
	struct s3_signer signer;
};

struct answer {
	const char *error, *url;
	const struct emit_pairs *fields;
};

#define OUT(...) EMIT_FIELD(struct answer, __VA_ARGS__)
static const struct emit_field answer_fields[] = {
	OUT(error, EMIT_TEXT, NULL, "OK, or our own name of it"),
	OUT(url, EMIT_TEXT, NULL, "What is presigned, or where to post"),
	OUT(fields, EMIT_PAIRS, NULL, "Of the form"),
	EMIT_END
};

/* The fields at ${s}, exactly ${n}. */
static bool
take(struct job *j, const char *s, size_t n)
{
	char *out = j->bytes;
	size_t i, len;

	memset(j->field, 0, sizeof(j->field));
	for (i = 0; i < n; i++, s += len) {
		if (*s++ != ' ')
			return (false);
		len = strcspn(s, " \n");
		if (len == 1 && *s == '-')
			continue;
		if (hex_decode((uint8_t *)out, len / 2, s, len) != ERR_OK)
			return (false);
		j->field[i] = (struct text_span){ out, len / 2 };
		out += len / 2;
		*out++ = '\0';
	}
	return (*s == '\n');
}

static int64_t
number(const struct text_span *t)
{
	int64_t n;

	return (t->s != NULL && num_parse(t->s, t->len, INT64_MIN, INT64_MAX,
	    &n) == ERR_OK ? n : 0);
}

/* The signer of a line: whose bucket, with which key pair, when. */
static enum err
place(struct job *j, struct hmac *h)
{
	const struct text_span *f = j->field;
	enum err e;

	j->now = number(&f[NOW]);
	j->ttl_s = number(&f[TTL]);
	e = s3_bucket_init(&j->bucket, f[ENDPOINT].s, f[REGION].s, f[BUCKET].s,
	    number(&f[VIRTUAL]) != 0);
	if (e != ERR_OK)
		return (e);
	e = sigv4_key_init(&j->key, f[ID].s, f[ID].len, f[SECRET].s,
	    f[SECRET].len);
	s3_signer_init(&j->signer, h, &j->key, &j->bucket);
	return (e);
}

static enum err
object(struct job *j, enum presign_method method, struct buf *url)
{

	return (presign_object(&j->signer, j->now, method, j->field[KEY].s,
	    j->field[KEY].len, j->ttl_s, url));
}

static enum err
list(struct job *j, struct buf *url)
{
	const struct text_span *f = j->field;
	const struct presign_list l = {
		.prefix = f[PREFIX], .delimiter = f[DELIMITER],
		.continuation_token = f[TOKEN], .start_after = f[START_AFTER],
		.max_keys = (int)number(&f[MAX_KEYS])
	};

	return (presign_list(&j->signer, j->now, &l, j->ttl_s, url));
}

static enum err
form(struct job *j, enum post_policy_kind kind, struct buf *url,
    struct post_policy *p)
{
	const struct text_span *f = j->field;
	const struct post_policy_grant g = {
		.kind = kind, .key = f[KEY].s, .key_len = f[KEY].len,
		.min_bytes = number(&f[MIN_BYTES]),
		.max_bytes = number(&f[MAX_BYTES]),
		.expires_at = j->now + j->ttl_s
	};

	buf_str(url, j->bucket.url);
	return (post_policy_make(&j->signer, j->now, &g, p));
}

static const struct kind {
	const char *name;
	size_t fields;
} kinds[] = {
	{ "GET", KEY + 1 }, { "HEAD", KEY + 1 }, { "PUT", KEY + 1 },
	{ "LIST", START_AFTER + 1 }, { "SIZED", MIN_BYTES + 1 },
	{ "FOLDER", MAX_BYTES + 1 }, { "EXACT", MAX_BYTES + 1 },
};
enum { GET, HEAD, PUT, LIST, SIZED, FOLDER, EXACT, KINDS };

static enum err
sign(struct job *j, int kind, struct buf *url, struct post_policy *p)
{

	switch (kind) {
	case GET:
		return (object(j, PRESIGN_GET, url));
	case HEAD:
		return (object(j, PRESIGN_HEAD, url));
	case PUT:
		return (object(j, PRESIGN_PUT, url));
	case LIST:
		return (list(j, url));
	case SIZED:
		return (presign_put(&j->signer, j->now, j->field[KEY].s,
		    j->field[KEY].len, number(&j->field[MIN_BYTES]), &j->ttl_s,
		    url));
	default:
		return (form(j, kind == FOLDER ? POST_POLICY_FOLDER :
		    POST_POLICY_EXACT, url, p));
	}
}

static int
answer(struct hmac *h, const char *line)
{
	static struct job j;
	static char text[ANSWER_MAX], url_text[PRESIGN_LIST_MAX + 1];
	const size_t len = strcspn(line, " \n");
	struct post_policy p;
	const struct emit_pairs pairs = { POST_POLICY_FIELDS, p.fields };
	struct answer a = { 0 };
	struct buf b, url;
	int k;
	enum err e;

	for (k = 0; k < KINDS && !text_equal(line, len, kinds[k].name); k++)
		continue;
	if (k == KINDS || !take(&j, line + len, kinds[k].fields))
		return (-1);
	buf_init(&url, url_text, sizeof(url_text));
	if ((e = place(&j, h)) == ERR_OK)
		e = sign(&j, k, &url, &p);
	a.error = err_name(e);
	a.url = e == ERR_OK ? url.data : NULL;
	a.fields = e == ERR_OK && k >= FOLDER ? &pairs : NULL;
	buf_init(&b, text, sizeof(text));
	e = emit_object(&b, answer_fields, &a);
	puts(b.data);
	return (e == ERR_OK && buf_end(&url) == ERR_OK ? 0 : -1);
}

int
main(void)
{
	static char line[LINE_MAX_BYTES];
	struct hmac *h = hmac_new();

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (answer(h, line) != 0) {
			fprintf(stderr, "presigner: no such line\n");
			return (1);
		}
	}
	hmac_free(h);
	return (0);
}
