#ifndef S3_GRANT_H_
#define S3_GRANT_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "s3/post_policy.h"
#include "s3/presign.h"

/*
 * One granted upload, in the form that the store accepts: a signed form to
 * POST or, if a store has no POST policies, a presigned PUT of one key.
 */
enum grant_of {
	GRANT_FOLDER,		/* any key that starts with ${key}: POST only */
	GRANT_FILE		/* this key, no other */
};

/* The client named no size. */
#define GRANT_ANY_SIZE PRESIGN_ANY_SIZE

/* What is granted. */
struct grant {
	enum grant_of of;
	const char *key;	/* the folder, or the key */
	size_t key_len;
	int64_t min_bytes, max_bytes;	/* of the object, both inclusive */
	int64_t size;		/* its bytes, or GRANT_ANY_SIZE */
	int64_t expires_at;	/* Unix seconds */
};

/* How to use the grant.  All pointers point into the struct or to the
   bucket of the signer, so it must not be copied. */
struct grant_upload {
	const char *method;	/* "POST" or "PUT" */
	const char *url;
	const struct text_pair *fields;	/* POST: form fields, before the file */
	size_t n_fields;
	const struct text_pair *headers;	/* PUT: headers to send */
	size_t n_headers;
	int64_t ttl_s;		/* the signed lifetime, from now on */
	union {
		struct post_policy form;
		struct {
			struct text_pair length;
			char bytes[21];
			char url[PRESIGN_OBJECT_MAX + 1];
		} put;
	} made;
};

/**
 * grant_kind(bucket):
 * Return the name of uploads to ${bucket} in an audit line: "post_policy" or
 * "put".
 */
const char *grant_kind(const struct s3_bucket *bucket);

/**
 * grant_check(bucket, g):
 * Could ${g} be made for ${bucket}?  Call this before anything is counted.
 *   Errors  ERR_FILES_REQUIRED a folder, and ${bucket} has no folder_forms;
 *	     ERR_SIZE size is given and not in min_bytes to max_bytes
 */
CHECKED enum err grant_check(const struct s3_bucket *bucket,
    const struct grant *g);

/**
 * grant_make(s, now, g, u):
 * Fill ${u} with the grant of ${g} from Unix second ${now} on.  A PUT with a
 * size is for an object of that length only; without one its length has no
 * bound.  It may end before ${g->expires_at}: see presign_put().
 *   Errors  as grant_check(), post_policy_make() and presign_put(); ${u} is
 *	     then not usable
 */
CHECKED enum err grant_make(struct s3_signer *s, int64_t now,
    const struct grant *g, struct grant_upload *u);

#endif /* !S3_GRANT_H_ */
