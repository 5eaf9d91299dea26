#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "config/config.h"
#include "s3/profile.h"
#include "s3/sigv4.h"

struct profile {
	const char *provider;
	const char *region;		/* "": every bucket has its own */
	const char *addressing;
	bool post_policy;
	const char *acl, *storage_class;	/* "": not sent */
	int64_t max_ttl_s;
};

/*
 * Amazon S3: no ACL, since buckets made after April 2023 refuse every one that
 * is sent ("bucket owner enforced").  Spaces is Ceph, and us-east-1 is what the
 * service that this one replaces signed for it.  MinIO has no ACLs.  R2 has no
 * POST policies, ACLs or storage classes; its region is auto (Cloudflare's
 * "S3 API compatibility").  Only ceph was run.
 */
static const struct profile profiles[] = {
	{ "generic", "", "path", true, "private", "STANDARD", SIGV4_TTL_S_MAX },
	{ "aws", "", "virtual", true, "", "STANDARD", SIGV4_TTL_S_MAX },
	{ "ceph", "us-east-1", "path", true, "private", "STANDARD",
	    SIGV4_TTL_S_MAX },
	{ "spaces", "us-east-1", "path", true, "private", "STANDARD",
	    SIGV4_TTL_S_MAX },
	{ "minio", "us-east-1", "path", true, "", "STANDARD", SIGV4_TTL_S_MAX },
	{ "r2", "auto", "path", false, "", "", SIGV4_TTL_S_MAX },
};

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

/* The configuration takes no other names. */
static const struct profile *
find(const char *provider)
{
	size_t i;

	for (i = 1; i < PROFILES; i++) {
		if (strcmp(profiles[i].provider, provider) == 0)
			return (&profiles[i]);
	}
	return (&profiles[0]);
}

static const char *
either(const char *set, const char *otherwise)
{

	return (set[0] != '\0' ? set : otherwise);
}

/* As either(), for what may be set to nothing. */
static const char *
sent(const char *set, const char *otherwise)
{

	return (strcmp(set, "none") == 0 ? "" : either(set, otherwise));
}

/* The id of a key that signs PUTs is in every URL, and clients search those of
   failed uploads for these digits.  Another key is easily made. */
static enum err
check_put_key(const struct config *cfg)
{

	if (strstr(either(cfg->s3_upload_access_key_id, cfg->s3_access_key_id),
	    "409") == NULL)
		return (ERR_OK);
	LOG(LOG_ERROR, "config_refused", LOG_S("reason", "the access key id "
	    "that signs uploads holds the digits 409, which clients take for a "
	    "status: make another key"));
	return (ERR_FORMAT);
}

enum err
s3_profile_bucket(struct s3_bucket *b, const struct config *cfg,
    const char *endpoint)
{
	const struct profile *p = find(cfg->s3_provider);
	const char *region = either(cfg->s3_region, p->region);
	const char *addressing = either(cfg->s3_addressing, p->addressing);
	enum err e;

	if (region[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "s3.region must be given for this s3.provider"));
		return (ERR_FORMAT);
	}
	e = s3_bucket_init(b, endpoint, region, cfg->s3_bucket,
	    strcmp(addressing, "virtual") == 0);
	if (e != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", "s3.endpoint, "
		    "s3.region, s3.bucket and s3.addressing do not make a "
		    "valid address"));
		return (e);
	}
	b->post_policy = cfg->s3_post_policy[0] == '\0' ? p->post_policy :
	    config_yes(cfg->s3_post_policy);
	b->acl = sent(cfg->s3_acl, p->acl);
	b->storage_class = sent(cfg->s3_storage_class, p->storage_class);
	b->max_ttl_s = cfg->s3_max_ttl_s != 0 ? cfg->s3_max_ttl_s :
	    p->max_ttl_s;
	return (b->post_policy ? ERR_OK : check_put_key(cfg));
}
