#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "config/config.h"
#include "s3/profile.h"
#include "s3/sigv4.h"

struct profile {
	const char *region;		/* "": every bucket has its own */
	bool virtual_hosted;
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
	[CONFIG_S3_PROVIDER_GENERIC] =
	    { "", false, true, "private", "STANDARD", SIGV4_TTL_S_MAX },
	[CONFIG_S3_PROVIDER_AWS] =
	    { "", true, true, "", "STANDARD", SIGV4_TTL_S_MAX },
	[CONFIG_S3_PROVIDER_CEPH] =
	    { "us-east-1", false, true, "private", "STANDARD",
	    SIGV4_TTL_S_MAX },
	[CONFIG_S3_PROVIDER_SPACES] =
	    { "us-east-1", false, true, "private", "STANDARD",
	    SIGV4_TTL_S_MAX },
	[CONFIG_S3_PROVIDER_MINIO] =
	    { "us-east-1", false, true, "", "STANDARD", SIGV4_TTL_S_MAX },
	[CONFIG_S3_PROVIDER_R2] =
	    { "auto", false, false, "", "", SIGV4_TTL_S_MAX },
};

static const char *
either(const char *set, const char *otherwise)
{

	return (set[0] != '\0' ? set : otherwise);
}

static const char *
sent(const struct config_maybe *set, const char *otherwise)
{

	switch (set->is) {
	case CONFIG_MAYBE_GIVEN:
		return (set->text);
	case CONFIG_MAYBE_NONE:
		return ("");
	case CONFIG_MAYBE_DEFAULT:
		break;
	}
	return (otherwise);
}

static bool
virtual_hosted(const struct config *cfg, const struct profile *p)
{

	return (cfg->s3_addressing == CONFIG_S3_ADDRESSING_DEFAULT ?
	    p->virtual_hosted :
	    cfg->s3_addressing == CONFIG_S3_ADDRESSING_VIRTUAL);
}

static bool
post_policy(const struct config *cfg, const struct profile *p)
{

	return (cfg->s3_post_policy == CONFIG_S3_POST_POLICY_DEFAULT ?
	    p->post_policy :
	    cfg->s3_post_policy == CONFIG_S3_POST_POLICY_YES);
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
	const struct profile *p = &profiles[cfg->s3_provider];
	const char *region = either(cfg->s3_region, p->region);
	enum err e;

	if (region[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "s3.region must be given for this s3.provider"));
		return (ERR_FORMAT);
	}
	e = s3_bucket_init(b, endpoint, region, cfg->s3_bucket,
	    virtual_hosted(cfg, p));
	if (e != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", "s3.endpoint, "
		    "s3.region, s3.bucket and s3.addressing do not make a "
		    "valid address"));
		return (e);
	}
	b->post_policy = post_policy(cfg, p);
	b->acl = sent(&cfg->s3_acl, p->acl);
	b->storage_class = sent(&cfg->s3_storage_class, p->storage_class);
	b->max_ttl_s = cfg->s3_max_ttl_s != 0 ? cfg->s3_max_ttl_s :
	    p->max_ttl_s;
	return (b->post_policy ? ERR_OK : check_put_key(cfg));
}
