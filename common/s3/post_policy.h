#ifndef S3_POST_POLICY_H_
#define S3_POST_POLICY_H_

#include <stddef.h>
#include <stdint.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/text.h"
#include "s3/signer.h"

/*
 * The signed form with which a browser or a miner uploads: a policy that the
 * store enforces on every field of the form.  Source: Amazon S3 API reference,
 * "Browser-Based Uploads Using POST".  The order and form of the text are
 * those that botocore made for existing clients.
 */
enum post_policy_kind {
	POST_POLICY_FOLDER,	/* any key that starts with these bytes */
	POST_POLICY_EXACT	/* this key, no other */
};

/* The grant. */
struct post_policy_grant {
	enum post_policy_kind kind;
	const char *key;	/* the folder, or the key */
	size_t key_len;
	int64_t min_bytes, max_bytes;	/* of the object, both inclusive */
	int64_t expires_at;		/* Unix seconds */
};

#define POST_POLICY_FIELDS 8	/* at most */
#define POST_POLICY_FILENAME "${filename}"

/* A key is in the policy twice and its bytes double at worst. */
#define POST_POLICY_JSON_MAX (4 * S3_KEY_MAX + 1024)

/* The form.  The fields point into the struct: it must not be copied. */
struct post_policy {
	struct text_pair fields[POST_POLICY_FIELDS];
	size_t n;		/* number of fields in use */
	char key[S3_KEY_MAX + sizeof(POST_POLICY_FILENAME)];
	char credential[S3_CREDENTIAL_MAX + 1];
	char date[TIMEFMT_AMZ_MAX + 1];
	char policy[BASE64_LEN(POST_POLICY_JSON_MAX) + 1];
	char signature[SIGV4_SIGNATURE_LEN + 1];
};

/**
 * post_policy_make(s, now, grant, p):
 * Fill ${p} with the form that grants ${grant} from Unix second ${now} on.
 * Clients post it to the bucket's url.  ${p->fields} are in the order of the
 * contract: acl, x-amz-storage-class, key, x-amz-algorithm, x-amz-credential,
 * x-amz-date, policy, x-amz-signature.  The first two are present only if the
 * store needs them.  The key of a folder ends in POST_POLICY_FILENAME.
 *   Shape   key: 1 to S3_KEY_MAX bytes of UTF-8 without control bytes, without
 *	     "${" (stores replace that) and without a leading "$" (Ceph takes
 *	     such a value for the name of a field); a folder ends in "/", or it
 *	     would grant its siblings
 *   Errors  ERR_FORMAT the key; ERR_RANGE ${expires_at} not after ${now} or
 *	     more than SIGV4_TTL_S_MAX after it, ${now}, or not 0 <= min_bytes
 *	     <= max_bytes; ${p} is then not usable
 */
CHECKED enum err post_policy_make(struct s3_signer *s, int64_t now,
    const struct post_policy_grant *grant, struct post_policy *p);

#endif /* !S3_POST_POLICY_H_ */
