#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "s3/sigv4.h"

#define SERVICE "s3"
#define TERMINATOR "aws4_request"
#define KEY_PREFIX "AWS4"

enum err
sigv4_key_init(struct sigv4_key *key, const char *id, size_t id_len,
    const char *secret, size_t secret_len)
{
	size_t i;

	memset(key, 0, sizeof(*key));
	if (id_len < 1 || id_len > SIGV4_ID_MAX || secret_len < 1 ||
	    secret_len > SIGV4_SECRET_MAX)
		return (ERR_FORMAT);
	for (i = 0; i < id_len; i++) {
		if (id[i] <= ' ' || id[i] > '~' || id[i] == '/')
			return (ERR_FORMAT);
	}

	/* With a second line, or a line feed that an editor added, every
	   signature would be wrong. */
	for (i = 0; i < secret_len; i++) {
		if ((unsigned char)secret[i] < ' ' || secret[i] == 0x7f)
			return (ERR_FORMAT);
	}
	memcpy(key->id, id, id_len);
	key->secret = secret;
	key->secret_len = secret_len;
	return (ERR_OK);
}

void
sigv4_key_wipe(struct sigv4_key *key)
{

	secret_free(key->derived);
	explicit_bzero(key, sizeof(*key));
}

enum err
sigv4_scope_set(struct sigv4_scope *scope, int64_t now, const char *region)
{
	size_t region_len = strlen(region);
	struct buf b;

	if (now < 0 || now > TIMEFMT_S_MAX || region_len > SIGV4_REGION_MAX)
		return (ERR_RANGE);
	timefmt_amz(now, scope->time);
	timefmt_date(now, scope->date);
	memcpy(scope->region, region, region_len + 1);
	buf_init(&b, scope->text, sizeof(scope->text));
	buf_str(&b, scope->date);
	buf_char(&b, '/');
	buf_str(&b, region);
	buf_str(&b, "/" SERVICE "/" TERMINATOR);
	if (buf_end(&b) != ERR_OK)
		return (ERR_RANGE);
	buf_init(&b, scope->head, sizeof(scope->head));
	buf_fmt(&b, SIGV4_ALGORITHM "\n%s\n%s\n", scope->time, scope->text);
	scope->head_len = b.len;
	return (buf_end(&b));
}

/* Is ${c} written unencoded?  The table has one bit for each byte value. */
static bool
is_unreserved(unsigned char c)
{
	static const uint32_t bits[8] = {
		0, 0x03ff6000,		/* - . 0-9 */
		0x87fffffe,		/* A-Z _ */
		0x47fffffe,		/* a-z ~ */
	};

	return ((bits[c >> 5] >> (c & 31) & 1) != 0);
}

void
sigv4_encode(struct buf *b, const char *s, size_t len, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i, room = b->size - b->len, need = len;
	unsigned char c;
	char *out;

	/* Count the exact length only if the longest output does not fit. */
	if (len >= room / 3) {
		for (i = 0; i < len; i++) {
			c = (unsigned char)s[i];
			if (!is_unreserved(c) && !(keep_slash && c == '/'))
				need += 2;
		}
	}
	if (b->overflow || !buf_room(b, need)) {
		b->overflow = true;
		return;
	}
	for (i = 0, out = b->data + b->len; i < len; i++) {
		c = (unsigned char)s[i];
		if (is_unreserved(c) || (keep_slash && c == '/')) {
			*out++ = (char)c;
		} else {
			*out++ = '%';
			*out++ = digits[c >> 4];
			*out++ = digits[c & 15];
		}
	}
	*out = '\0';
	b->len = (size_t)(out - b->data);
}

void
sigv4_signed_headers(struct buf *b, const struct sigv4_header *headers,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_char(b, ';');
		buf_str(b, headers[i].name);
	}
}

void
sigv4_canonical_start(struct buf *b, const char *method, const char *uri,
    size_t uri_len)
{

	buf_str(b, method);
	buf_char(b, '\n');
	buf_add(b, uri, uri_len);
	buf_char(b, '\n');
}

void
sigv4_canonical_end(struct buf *b, const struct sigv4_request *r)
{
	size_t i;

	buf_char(b, '\n');
	for (i = 0; i < r->n_headers; i++) {
		buf_str(b, r->headers[i].name);
		buf_char(b, ':');
		buf_str(b, r->headers[i].value);
		buf_char(b, '\n');
	}
	buf_char(b, '\n');
	sigv4_signed_headers(b, r->headers, r->n_headers);
	buf_char(b, '\n');
	buf_str(b, r->payload);
}

void
sigv4_canonical(struct buf *b, const struct sigv4_request *r)
{

	sigv4_canonical_start(b, r->method, r->uri, r->uri_len);
	buf_add(b, r->query, r->query_len);
	sigv4_canonical_end(b, r);
}

void
sigv4_string_to_sign(struct hmac *h, struct buf *b,
    const struct sigv4_scope *scope, const char *canonical, size_t len)
{
	char digits[2 * HMAC_LEN + 1];
	uint8_t hash[HMAC_LEN];

	hmac_hash(h, canonical, len, hash);
	hex_encode(digits, hash, sizeof(hash));
	buf_add(b, scope->head, scope->head_len);
	buf_add(b, digits, sizeof(digits) - 1);
}

/* Derive the key of a day and region: a chain of HMACs from the secret. */
static void
derive(struct hmac *h, struct sigv4_key *key, const struct sigv4_scope *scope)
{
	const size_t prefix_len = sizeof(KEY_PREFIX) - 1;
	char first[sizeof(KEY_PREFIX) - 1 + SIGV4_SECRET_MAX];
	uint8_t *k;
	void *room;

	if (key->derived == NULL) {
		key->derived = secret_room(HMAC_LEN, &room);
		key->signing = room;
	}
	k = key->signing;
	memcpy(first, KEY_PREFIX, prefix_len);
	memcpy(first + prefix_len, key->secret, key->secret_len);
	hmac_sha256(h, first, prefix_len + key->secret_len, scope->date,
	    strlen(scope->date), k);
	explicit_bzero(first, sizeof(first));
	hmac_sha256(h, k, HMAC_LEN, scope->region, strlen(scope->region), k);
	hmac_sha256(h, k, HMAC_LEN, SERVICE, sizeof(SERVICE) - 1, k);
	hmac_sha256(h, k, HMAC_LEN, TERMINATOR, sizeof(TERMINATOR) - 1, k);
	memcpy(key->date, scope->date, sizeof(key->date));
	memcpy(key->region, scope->region, sizeof(key->region));
}

void
sigv4_signature(struct hmac *h, struct sigv4_key *key,
    const struct sigv4_scope *scope, const char *text, size_t len,
    char out[SIGV4_SIGNATURE_LEN + 1])
{
	uint8_t mac[HMAC_LEN];

	if (strcmp(key->date, scope->date) != 0 ||
	    strcmp(key->region, scope->region) != 0)
		derive(h, key, scope);
	hmac_sha256(h, key->signing, HMAC_LEN, text, len, mac);
	hex_encode(out, mac, sizeof(mac));
}
