#include <string.h>

#include "s3/presign.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }

/* The parameters of a list request, in the order of the URL. */
enum param {
	LIST_TYPE, PREFIX, DELIMITER, MAX_KEYS, CONTINUATION_TOKEN, START_AFTER,
	ENCODING_TYPE, PARAMS
};

/* The same in the order of the canonical request: after X-Amz-*, by name. */
static const enum param sorted[PARAMS] = {
	CONTINUATION_TOKEN, DELIMITER, ENCODING_TYPE, LIST_TYPE, MAX_KEYS,
	PREFIX, START_AFTER
};

static const struct text_span names[PARAMS] = {
	[LIST_TYPE] = TEXT("list-type="),
	[PREFIX] = TEXT("prefix="),
	[DELIMITER] = TEXT("delimiter="),
	[MAX_KEYS] = TEXT("max-keys="),
	[CONTINUATION_TOKEN] = TEXT("continuation-token="),
	[START_AFTER] = TEXT("start-after="),
	[ENCODING_TYPE] = TEXT("encoding-type="),
};

/* Append a decimal number.  With printf it would cost as much as a hash. */
static void
add_number(struct buf *b, int64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	buf_add(b, digits + i, sizeof(digits) - i);
}

/* The request to sign, and its lifetime. */
struct wish {
	enum presign_method method;
	int64_t ttl_s;
	int64_t size;		/* of the upload; or PRESIGN_ANY_SIZE */
};

static void
add_auth(struct buf *b, const struct s3_signer *s, const struct wish *w)
{

	buf_add(b, s->auth, s->auth_len);
	add_number(b, w->ttl_s);
	buf_str(b, w->size == PRESIGN_ANY_SIZE ?
	    "&X-Amz-SignedHeaders=host" :
	    "&X-Amz-SignedHeaders=content-length%3Bhost");
}

/* Append the end of a canonical request that also signs its length. */
static void
end_sized(struct buf *c, const struct s3_signer *s, int64_t bytes)
{
	char size[21];
	const struct sigv4_header headers[] = {
		{ "content-length", size }, { "host", s->bucket->host }
	};
	const struct sigv4_request r = {
		.headers = headers, .n_headers = 2,
		.payload = SIGV4_UNSIGNED_PAYLOAD
	};
	struct buf b;

	buf_init(&b, size, sizeof(size));
	add_number(&b, bytes);
	sigv4_canonical_end(c, &r);
}

/* Sign the canonical request that ${c} holds up to the end of its query, and
   append the signature to the URL. */
static enum err
sign(struct s3_signer *s, const struct wish *w, struct buf *c, struct buf *out)
{
	char string[SIGV4_STRING_MAX + 1], signature[SIGV4_SIGNATURE_LEN + 1];
	struct buf t;

	if (w->size == PRESIGN_ANY_SIZE)
		buf_add(c, s->end, s->end_len);
	else
		end_sized(c, s, w->size);
	buf_init(&t, string, sizeof(string));
	sigv4_string_to_sign(s->hmac, &t, &s->scope, c->data, c->len);
	if (buf_end(c) != ERR_OK || buf_end(&t) != ERR_OK)
		return (ERR_RANGE);
	sigv4_signature(s->hmac, s->key, &s->scope, t.data, t.len, signature);
	buf_str(out, "&X-Amz-Signature=");
	buf_add(out, signature, SIGV4_SIGNATURE_LEN);
	return (buf_end(out));
}

static enum err
prepare(struct s3_signer *s, int64_t now, int64_t ttl_s)
{

	if (ttl_s < 1 || ttl_s > SIGV4_TTL_S_MAX)
		return (ERR_RANGE);
	return (s3_signer_at(s, now));
}

static enum err
object_url(struct s3_signer *s, int64_t now, const struct wish *w,
    struct text_span key, struct buf *out)
{
	static const char *const methods[] = {
		"GET", "HEAD", "PUT", "DELETE"
	};
	BUF_SPACE char canonical[PRESIGN_OBJECT_MAX + S3_END_MAX];
	struct buf c;
	size_t at = out->len + s->bucket->url_len - s->bucket->prefix_len;
	size_t end;
	enum err e;

	if (key.len < 1 || key.len > S3_KEY_MAX ||
	    memchr(key.s, '\0', key.len) != NULL)
		return (ERR_FORMAT);
	if ((e = prepare(s, now, w->ttl_s)) != ERR_OK)
		return (e);
	buf_add(out, s->bucket->url, s->bucket->url_len);
	buf_char(out, '/');
	sigv4_encode(out, key.s, key.len, true);
	end = out->len;
	buf_char(out, '?');
	add_auth(out, s, w);
	if (buf_end(out) != ERR_OK)
		return (ERR_RANGE);

	/* The URL's path and query are canonical as they stand. */
	buf_init(&c, canonical, sizeof(canonical));
	sigv4_canonical_start(&c, methods[w->method], out->data + at,
	    end - at);
	buf_add(&c, out->data + end + 1, out->len - end - 1);
	return (sign(s, w, &c, out));
}

enum err
presign_object(struct s3_signer *s, int64_t now, enum presign_method method,
    const char *key, size_t key_len, int64_t ttl_s, struct buf *out)
{
	const struct wish w = { method, ttl_s, PRESIGN_ANY_SIZE };

	return (object_url(s, now, &w, (struct text_span){ key, key_len },
	    out));
}

static int64_t
min(int64_t a, int64_t b)
{

	return (a < b ? a : b);
}

#define BAD_DIGITS "409"

/* Return the last second up to ${now} whose text does not contain the digits,
   or else ${now}.  On April 9 the day contains them. */
static int64_t
clean_time(int64_t now)
{
	char text[TIMEFMT_AMZ_MAX + 1];
	const char *found;
	int64_t t;

	for (t = now; t > now - 2 * 86400 && t >= 0; t--) {
		timefmt_amz(t, text);
		if ((found = strstr(text, BAD_DIGITS)) == NULL)
			return (t);
		if (found < strchr(text, 'T'))
			t -= t % 86400;		/* its first second */
	}
	return (now);
}

/* Return the largest lifetime up to ${ttl_s} without the digits. */
static int64_t
clean_ttl(int64_t ttl_s)
{
	char text[21];
	struct buf b;

	for (; ttl_s > 1; ttl_s--) {
		buf_init(&b, text, sizeof(text));
		add_number(&b, ttl_s);
		if (strstr(text, BAD_DIGITS) == NULL)
			break;
	}
	return (ttl_s);
}

/* How often to sign again: one signature in 66 contains the digits. */
#define TRIES 16

enum err
presign_put(struct s3_signer *s, int64_t now, const char *key, size_t key_len,
    int64_t size, int64_t *ttl_s, struct buf *out)
{
	const int64_t max_s = s->bucket->max_ttl_s, wanted_s = *ttl_s;
	const size_t start = out->len;
	int64_t since = clean_time(now), lead = now - since, next;
	struct wish w = { PRESIGN_PUT, 0, size };
	enum err e;
	int i;

	w.ttl_s = clean_ttl(min(wanted_s + lead, max_s));

	/* The grant is short, or the store allows only short lifetimes.  Some
	   lifetime must remain. */
	if (w.ttl_s - lead < 1 || lead >= max_s / 2) {
		since = now;
		lead = 0;
		w.ttl_s = min(wanted_s, max_s);
	}
	for (i = 0;; i++) {
		e = object_url(s, since, &w,
		    (struct text_span){ key, key_len }, out);
		if (e != ERR_OK)
			return (e);
		*ttl_s = w.ttl_s - lead;

		/* The part before the query cannot be changed. */
		next = clean_ttl(w.ttl_s - 1);
		if (i == TRIES || next - lead < 1 || strstr(strchr(out->data +
		    start, '?'), BAD_DIGITS) == NULL)
			return (ERR_OK);
		out->len = start;
		out->data[start] = '\0';
		w.ttl_s = next;
	}
}

static bool
is_text(const struct text_span *t, size_t max)
{

	return (t->s == NULL || (t->len <= max &&
	    memchr(t->s, '\0', t->len) == NULL));
}

static enum err
check_list(const struct presign_list *l)
{

	if (!is_text(&l->prefix, S3_KEY_MAX) ||
	    !is_text(&l->delimiter, S3_KEY_MAX) ||
	    !is_text(&l->start_after, S3_KEY_MAX) ||
	    !is_text(&l->continuation_token, PRESIGN_TOKEN_MAX))
		return (ERR_FORMAT);
	if (l->max_keys < 0 || l->max_keys > PRESIGN_KEYS_MAX)
		return (ERR_RANGE);
	return (ERR_OK);
}

/* Append the parameters, each with its "?" or "&".  Set at[] to the offsets
   where they start. */
static void
add_params(struct buf *b, const struct presign_list *l, size_t at[PARAMS + 1])
{
	char number[20];
	struct buf n;
	const struct text_span none = TEXT("");
	const struct text_span values[PARAMS] = {
		[LIST_TYPE] = TEXT("2"),
		[PREFIX] = l->prefix.s == NULL ? none : l->prefix,
		[DELIMITER] = l->delimiter,
		[MAX_KEYS] = { l->max_keys == 0 ? NULL : number, 0 },
		[CONTINUATION_TOKEN] = l->continuation_token,
		[START_AFTER] = l->start_after,
		[ENCODING_TYPE] = TEXT("url"),
	};
	size_t i;

	buf_init(&n, number, sizeof(number));
	add_number(&n, l->max_keys);
	for (i = 0; i < PARAMS; i++) {
		at[i] = b->len;
		if (values[i].s == NULL)
			continue;
		buf_char(b, i == 0 ? '?' : '&');
		buf_add(b, names[i].s, names[i].len);
		sigv4_encode(b, values[i].s, i == MAX_KEYS ? n.len :
		    values[i].len, false);
	}
	at[PARAMS] = b->len;
}

/* Append the rest of the canonical query after its common beginning: the
   parameters of the URL, in the order of their names. */
static void
add_sorted(struct buf *b, const struct s3_signer *s, const struct buf *url,
    const size_t at[PARAMS + 1])
{
	const size_t auth = at[PARAMS] + 1 + s->auth_len;
	const char *from = url->data;
	size_t i, len;

	buf_add(b, from + auth, url->len - auth);
	for (i = 0; i < PARAMS; i++) {
		if ((len = at[sorted[i] + 1] - at[sorted[i]]) == 0)
			continue;
		buf_char(b, '&');
		buf_add(b, from + at[sorted[i]] + 1, len - 1);
	}
}

enum err
presign_list(struct s3_signer *s, int64_t now, const struct presign_list *list,
    int64_t ttl_s, struct buf *out)
{
	BUF_SPACE char canonical[PRESIGN_LIST_MAX + S3_END_MAX];
	const struct wish w = { PRESIGN_GET, ttl_s, PRESIGN_ANY_SIZE };
	size_t at[PARAMS + 1];
	struct buf c;
	enum err e;

	if ((e = check_list(list)) != ERR_OK ||
	    (e = prepare(s, now, ttl_s)) != ERR_OK)
		return (e);
	buf_add(out, s->bucket->url, s->bucket->url_len);
	if (s->bucket->prefix_len == 0)
		buf_char(out, '/');
	add_params(out, list, at);
	buf_char(out, '&');
	add_auth(out, s, &w);
	if (buf_end(out) != ERR_OK)
		return (ERR_RANGE);
	buf_init(&c, canonical, sizeof(canonical));
	buf_add(&c, s->list, s->list_len);
	add_sorted(&c, s, out, at);
	return (sign(s, &w, &c, out));
}

enum err
presign_object_write(struct buf *out, const void *url)
{
	const struct presign_object_url *u = url;

	return (presign_object(u->signer, u->now, u->method, u->key.s,
	    u->key.len, u->ttl_s, out));
}

enum err
presign_list_write(struct buf *out, const void *url)
{
	const struct presign_list_url *u = url;

	return (presign_list(u->signer, u->now, &u->list, u->ttl_s, out));
}
