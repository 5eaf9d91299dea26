#ifndef S3_BUCKET_H_
#define S3_BUCKET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/store_url.h"
#include "s3/sigv4.h"

struct config;

/*
 * The place of the bucket, its address form and the abilities of its store.
 */
#define S3_BUCKET_MIN 3
#define S3_BUCKET_MAX 63	/* Amazon S3, "Bucket naming rules" */
#define S3_KEY_MAX 1024		/* Amazon S3, "Naming objects": bytes */
#define S3_NAME_MAX STORE_URL_NAME_MAX
#define S3_HOST_MAX (S3_NAME_MAX + 6)			/* :65535 */
#define S3_PREFIX_MAX (1 + S3_BUCKET_MAX)
#define S3_URL_MAX (8 + S3_HOST_MAX + S3_PREFIX_MAX)	/* https:// */

struct s3_bucket {
	char region[SIGV4_REGION_MAX + 1];
	char name[S3_BUCKET_MAX + 1];
	char host[S3_HOST_MAX + 1];	/* Host header, as it is signed */
	char prefix[S3_PREFIX_MAX + 1];	/* canonical URI: "" or "/bucket" */
	char url[S3_URL_MAX + 1];	/* scheme, host and prefix */
	size_t prefix_len, url_len;

	bool post_policy;		/* false: uploads are presigned PUTs */
	bool folder_forms;		/* a form may be for a whole folder */
	const char *acl, *storage_class;	/* in a policy; "": left out */
	int64_t max_ttl_s;		/* of whatever is signed */
};

/* The values in a policy, unless a store needs others. */
#define S3_ACL "private"
#define S3_STORAGE_CLASS "STANDARD"

/**
 * s3_bucket_init(b, endpoint, region, bucket, virtual_hosted):
 * Check everything and fill ${b}, for a store that accepts POST policies with
 * S3_ACL and S3_STORAGE_CLASS.  An object is at ${b->url} + "/" + its encoded
 * key.  Forms are posted to ${b->url}, without a final slash.
 *   Shape   endpoint: http or https, "://", host, optionally a port of 1 to
 *	     65535; nothing after it, not even "/"; the default port of the
 *	     scheme is dropped, as browsers, curl and botocore do;
 *	     host: a name in lower case, an IPv4 or an [IPv6] address; only
 *	     hosts that a browser sends unchanged, because the host is signed;
 *	     region: 1 to SIGV4_REGION_MAX of A-Z a-z 0-9 - . _;
 *	     bucket: 3 to 63 of a-z 0-9 - ., each label starting and ending with
 *	     a letter or digit, not an IPv4 address; names that a store reserves
 *	     besides (xn--, -s3alias) are left to the store;
 *	     virtual_hosted: not under an address, and over https not with a
 *	     dot in the bucket (no certificate's wildcard covers that)
 *   Errors  ERR_FORMAT, ${b} is then all zero
 */
CHECKED enum err s3_bucket_init(struct s3_bucket *b, const char *endpoint,
    const char *region, const char *bucket, bool virtual_hosted);

/**
 * s3_bucket_configure(b, cfg, endpoint):
 * Fill ${b} with the bucket that ${cfg} names, reached at ${endpoint}.
 * Settings that are not set come from the row of s3.provider in
 * config/providers.h.
 *   Errors  ERR_FORMAT, logged: no region, or as s3_bucket_init(); neither
 *	     happens with a ${cfg} that config_load() accepted
 */
CHECKED enum err s3_bucket_configure(struct s3_bucket *b,
    const struct config *cfg, const char *endpoint);

#endif /* !S3_BUCKET_H_ */
