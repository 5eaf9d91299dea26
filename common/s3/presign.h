#ifndef S3_PRESIGN_H_
#define S3_PRESIGN_H_

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "s3/signer.h"

/*
 * Presigned URLs: the signature is in the query, the host is the only signed
 * header, the payload is not signed.  Source: Amazon S3 API reference,
 * "Authenticating Requests: Using Query Parameters".
 *
 * A presigned PUT is a wide grant, since stores obey headers that are not
 * signed (x-amz-copy-source, x-amz-acl).  Strangers get a POST policy instead.
 */
enum presign_method {
	PRESIGN_GET, PRESIGN_HEAD, PRESIGN_PUT,
	PRESIGN_DELETE		/* foldergate check-store alone; never vended */
};

#define PRESIGN_TOKEN_MAX 2048	/* own limit; stores have none */
#define PRESIGN_KEYS_MAX 1000	/* Amazon S3, ListObjectsV2 */

/* Texts without NUL; s == NULL: the parameter is left out. */
struct presign_list {
	struct text_span prefix;	/* always written, even if empty */
	struct text_span delimiter;
	struct text_span continuation_token;
	struct text_span start_after;
	int max_keys;			/* 0: left out */
};

/* Enough for any URL of an object, and of a list. */
#define PRESIGN_OBJECT_MAX						\
	(S3_URL_MAX + 1 + 3 * S3_KEY_MAX + S3_AUTH_MAX + 128)
#define PRESIGN_LIST_MAX						\
	(PRESIGN_OBJECT_MAX + 3 * (2 * S3_KEY_MAX + PRESIGN_TOKEN_MAX) + 128)

/**
 * presign_object(s, now, method, key, key_len, ttl_s, out):
 * Append to ${out} a URL that lets its holder do ${method} on the object whose
 * key is the ${key_len} bytes at ${key}, from Unix second ${now} on for
 * ${ttl_s} seconds.  The key is used exactly: "..", "//" and a leading slash
 * stay (but browsers and curl rewrite a path with dot segments, and get a
 * 403).
 *   Shape   key: 1 to S3_KEY_MAX bytes, any but NUL
 *   Errors  ERR_FORMAT the key; ERR_RANGE ${ttl_s} not in 1 to
 *	     SIGV4_TTL_S_MAX, ${now}, or ${out} is too small (it overflows
 *	     then; in all other cases it is untouched)
 */
CHECKED enum err presign_object(struct s3_signer *s, int64_t now,
    enum presign_method method, const char *key, size_t key_len, int64_t ttl_s,
    struct buf *out);

/**
 * presign_put(s, now, key, key_len, size, ttl_s, out):
 * As presign_object(), to put an object, for stores that have nothing
 * narrower.  With a ${size} other than PRESIGN_ANY_SIZE content-length is
 * signed, too.  Clients search the report of a failed upload, which contains
 * the URL, for the digits 409.  So the start and the lifetime are chosen such
 * that the query does not contain them.  ${ttl_s} becomes the remaining
 * lifetime, counted from ${now}, which is some seconds less.
 *   Errors  as presign_object()
 */
#define PRESIGN_ANY_SIZE (-1)
CHECKED enum err presign_put(struct s3_signer *s, int64_t now, const char *key,
    size_t key_len, int64_t size, int64_t *ttl_s, struct buf *out);

/**
 * presign_list(s, now, list, ttl_s, out):
 * Append to ${out} a URL that lists the bucket (ListObjectsV2), with
 * encoding-type=url, so that no key can break the answer's XML.
 *   Shape   prefix, delimiter and start_after: at most S3_KEY_MAX bytes;
 *	     continuation_token: PRESIGN_TOKEN_MAX; none holds a NUL
 *   Errors  ERR_FORMAT a text; ERR_RANGE as above, or max_keys not in 0 to
 *	     PRESIGN_KEYS_MAX
 */
CHECKED enum err presign_list(struct s3_signer *s, int64_t now,
    const struct presign_list *list, int64_t ttl_s, struct buf *out);

/* A URL that is signed when it is written: the arguments of the functions
   above. */
struct presign_object_url {
	struct s3_signer *signer;
	int64_t now, ttl_s;
	enum presign_method method;
	struct text_span key;
};

struct presign_list_url {
	struct s3_signer *signer;
	int64_t now, ttl_s;
	struct presign_list list;
};

/**
 * presign_object_write(out, url), presign_list_write(out, url):
 * Append the URL of the struct presign_object_url, or presign_list_url, at
 * ${url}.  It is ASCII that JSON need not escape.
 *   Errors  as presign_object(), presign_list()
 */
CHECKED enum err presign_object_write(struct buf *out, const void *url);
CHECKED enum err presign_list_write(struct buf *out, const void *url);

#endif /* !S3_PRESIGN_H_ */
