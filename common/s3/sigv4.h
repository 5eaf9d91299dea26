#ifndef S3_SIGV4_H_
#define S3_SIGV4_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/timefmt.h"
#include "crypto/hmac.h"

/*
 * AWS Signature Version 4 for the service "s3", in its three stages: canonical
 * request, string to sign, signature.  Each stage turns text into text, so each
 * one is tested against the texts that AWS publishes.  Source: "Authenticating
 * Requests (AWS Signature Version 4)" in the Amazon S3 API reference;
 * tests/vectors/sigv4.
 */
#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

#define SIGV4_TTL_S_MAX 604800	/* seven days: X-Amz-Expires */
#define SIGV4_SIGNATURE_LEN 64	/* hexadecimal digits */

/* Our limits; AWS has 20 and 40 characters, other stores up to 64. */
#define SIGV4_ID_MAX 128
#define SIGV4_SECRET_MAX 256
#define SIGV4_REGION_MAX 63

/* Date, region, "s3" and "aws4_request", with slashes between them. */
#define SIGV4_SCOPE_MAX (TIMEFMT_DATE_MAX + 1 + SIGV4_REGION_MAX + 16)

/* The algorithm, date, scope and a hash, with line feeds between them. */
#define SIGV4_STRING_MAX						\
	(16 + 1 + TIMEFMT_AMZ_MAX + 1 + SIGV4_SCOPE_MAX + 1 + 2 * HMAC_LEN)

/* The beginning of every string to sign for one second and one region. */
#define SIGV4_HEAD_MAX (SIGV4_STRING_MAX - 2 * HMAC_LEN)

/* The second and the region that a signature is valid for. */
struct sigv4_scope {
	char time[TIMEFMT_AMZ_MAX + 1];		/* 20130524T000000Z */
	char date[TIMEFMT_DATE_MAX + 1];	/* 20130524 */
	char region[SIGV4_REGION_MAX + 1];
	char text[SIGV4_SCOPE_MAX + 1];	/* 20130524/REGION/s3/aws4_request */
	char head[SIGV4_HEAD_MAX + 1];	/* algorithm, time, text; line feeds */
	size_t head_len;
};

struct secret;

/* A key pair, and the signing key derived from it for one day and region.  On
   that day the signing key can do the same as the secret, so both are in locked
   memory. */
struct sigv4_key {
	char id[SIGV4_ID_MAX + 1];
	const char *secret;			/* the caller owns it */
	size_t secret_len;
	struct secret *derived;			/* NULL: nothing derived yet */
	uint8_t *signing;			/* its HMAC_LEN bytes */
	char date[TIMEFMT_DATE_MAX + 1];
	char region[SIGV4_REGION_MAX + 1];
};

struct sigv4_header {
	const char *name;	/* lower case */
	const char *value;	/* trimmed, single spaces */
};

/* A request to sign. */
struct sigv4_request {
	const char *method;
	const char *uri;	/* encoded path */
	size_t uri_len;
	const char *query;	/* encoded parameters, sorted; no "?" */
	size_t query_len;
	const struct sigv4_header *headers;	/* sorted by name */
	size_t n_headers;
	const char *payload;	/* hash in hexadecimal, or UNSIGNED-PAYLOAD */
};

/**
 * sigv4_key_init(key, id, id_len, secret, secret_len):
 * Make ${key} the pair of access key id and secret.  The secret is not copied:
 * it must stay where it is until sigv4_key_wipe().
 *   Shape   id: 1 to SIGV4_ID_MAX printable ASCII characters, no blank, no "/";
 *	     secret: 1 to SIGV4_SECRET_MAX bytes, no control character
 *   Errors  ERR_FORMAT
 */
CHECKED enum err sigv4_key_init(struct sigv4_key *key, const char *id,
    size_t id_len, const char *secret, size_t secret_len);

/**
 * sigv4_key_wipe(key):
 * Forget the pair and the key that was derived from it.
 */
void sigv4_key_wipe(struct sigv4_key *key);

/**
 * sigv4_scope_set(scope, now, region):
 * Make ${scope} the scope of Unix second ${now} in ${region}.
 *   Errors  ERR_RANGE time before 1970 or after 9999, or region over
 *	     SIGV4_REGION_MAX characters
 */
CHECKED enum err sigv4_scope_set(struct sigv4_scope *scope, int64_t now,
    const char *region);

/**
 * sigv4_encode(b, s, len, keep_slash):
 * Append the ${len} bytes at ${s}.  Encode all bytes except A-Z a-z 0-9 - . _ ~
 * as %XX in upper case.  A "/" stays in a path (${keep_slash}) and is encoded
 * in a query.
 */
void sigv4_encode(struct buf *b, const char *s, size_t len, bool keep_slash);

/**
 * sigv4_signed_headers(b, headers, n):
 * Append the names of the ${n} headers, with ";" between them.
 */
void sigv4_signed_headers(struct buf *b, const struct sigv4_header *headers,
    size_t n);

/**
 * sigv4_canonical(b, r):
 * Stage 1: append the canonical request of ${r}.
 */
void sigv4_canonical(struct buf *b, const struct sigv4_request *r);

/**
 * sigv4_canonical_start(b, method, uri, uri_len), sigv4_canonical_end(b, r):
 * Append the part of a canonical request before its query, and the part after
 * it.  A caller that signs many similar requests uses these two.
 */
void sigv4_canonical_start(struct buf *b, const char *method, const char *uri,
    size_t uri_len);
void sigv4_canonical_end(struct buf *b, const struct sigv4_request *r);

/**
 * sigv4_string_to_sign(h, b, scope, canonical, len):
 * Stage 2: append the string to sign, at most SIGV4_STRING_MAX bytes, for the
 * ${len} bytes of canonical request at ${canonical}.
 */
void sigv4_string_to_sign(struct hmac *h, struct buf *b,
    const struct sigv4_scope *scope, const char *canonical, size_t len);

/**
 * sigv4_signature(h, key, scope, text, len, out):
 * Stage 3: write to ${out} the signature of the ${len} bytes at ${text}: a
 * string to sign, or a POST policy in base64.  The signing key is derived if
 * ${key} holds none for the date and region of ${scope}.
 */
void sigv4_signature(struct hmac *h, struct sigv4_key *key,
    const struct sigv4_scope *scope, const char *text, size_t len,
    char out[SIGV4_SIGNATURE_LEN + 1]);

#endif /* !S3_SIGV4_H_ */
