#ifndef CLIENT_CREDENTIALS_H_
#define CLIENT_CREDENTIALS_H_

#include <stdbool.h>

#include "config/config.h"
#include "s3/keyring.h"

/**
 * credentials_check(cfg, other_bucket, internal, json):
 * Try what each key must be able to do, and what it must not, and print it.
 * ${other_bucket}: one that the upload key must not reach, or NULL.  Return the
 * exit status.
 */
int credentials_check(const struct config *cfg, const char *other_bucket,
    bool internal, bool json);

/**
 * credentials_revoke(cfg, role):
 * Mark the pair file of ${role} as revoked, and print what ends the grants that
 * the pair has signed.  Return the exit status.
 */
int credentials_revoke(const struct config *cfg, enum keyring_role_name role);

#endif /* !CLIENT_CREDENTIALS_H_ */
