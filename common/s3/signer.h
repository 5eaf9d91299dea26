#ifndef S3_SIGNER_H_
#define S3_SIGNER_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "s3/bucket.h"
#include "s3/sigv4.h"

/*
 * A signer: its key, its bucket, and the texts that all signatures of one
 * second have in common.  The many URLs of one answer share these texts and
 * the derived key.
 */

/* Access key id and scope, with a slash between them. */
#define S3_CREDENTIAL_MAX (SIGV4_ID_MAX + 1 + SIGV4_SCOPE_MAX)

/* X-Amz-Algorithm, -Credential, -Date and the name of -Expires. */
#define S3_AUTH_MAX (128 + 3 * S3_CREDENTIAL_MAX + TIMEFMT_AMZ_MAX)

/* A canonical request of a listing before the value of X-Amz-Expires; and any
   canonical request after its query: headers, names, UNSIGNED-PAYLOAD. */
#define S3_LIST_MAX (4 + S3_PREFIX_MAX + 2 + S3_AUTH_MAX)
#define S3_END_MAX (S3_HOST_MAX + 128)

struct s3_signer {
	struct hmac *hmac;		/* the caller owns these three */
	struct sigv4_key *key;
	const struct s3_bucket *bucket;
	int64_t now;			/* second of the rest; -1: none */
	struct sigv4_scope scope;
	char credential[S3_CREDENTIAL_MAX + 1];
	char auth[S3_AUTH_MAX + 1];	/* query text up to "X-Amz-Expires=" */
	size_t auth_len;

	/* The canonical request of a listing up to "X-Amz-Expires=", and the
	   text after the query of a request that signs only the host. */
	char list[S3_LIST_MAX + 1], end[S3_END_MAX + 1];
	size_t list_len, end_len;
};

/**
 * s3_signer_init(s, hmac, key, bucket):
 * Make ${s} sign with ${key} for ${bucket}, whose region is a part of every
 * credential.  The caller owns all three, and they must outlive ${s}.
 */
void s3_signer_init(struct s3_signer *s, struct hmac *hmac,
    struct sigv4_key *key, const struct s3_bucket *bucket);

/**
 * s3_signer_at(s, now):
 * Prepare the texts for Unix second ${now}, unless they are there.  Only the
 * functions that sign need to call it.
 *   Errors  ERR_RANGE time before 1970 or after 9999
 */
CHECKED enum err s3_signer_at(struct s3_signer *s, int64_t now);

#endif /* !S3_SIGNER_H_ */
