#ifndef S3_PROFILE_H_
#define S3_PROFILE_H_

#include "base/err.h"
#include "s3/provider.h"

struct config;

/*
 * What differs between stores, as one table of profiles; every point of one can
 * be overridden in the configuration, section s3.
 */

/**
 * s3_profile_bucket(b, cfg, endpoint):
 * Fill ${b} with the bucket that ${cfg} names, reached at ${endpoint}: the
 * provider's profile, then what is set.
 *   Errors  ERR_FORMAT, logged: no region, a key id that no PUT may be signed
 *	     with, or as s3_bucket_init()
 */
CHECKED enum err s3_profile_bucket(struct s3_bucket *b,
    const struct config *cfg, const char *endpoint);

#endif /* !S3_PROFILE_H_ */
