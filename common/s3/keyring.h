#ifndef S3_KEYRING_H_
#define S3_KEYRING_H_

#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/watch.h"
#include "config/config.h"
#include "s3/key_mark.h"
#include "s3/signer.h"

struct hmac;
struct secret;

/*
 * The key pairs that the configuration names: one for both roles, or one for
 * each.  A program loads the roles that it signs with, and no others.
 */
enum keyring_role_name { KEYRING_UPLOAD, KEYRING_READ, KEYRING_ROLES };

/* A role in the bucket, ready to sign once it is loaded.  signer.key is NULL
   before that, and after its pair was revoked. */
struct keyring_role {
	struct sigv4_key key;
	struct s3_signer signer;
};

/* Secrets: each role's own one at its name, the common one after them. */
struct keyring {
	bool taken;			/* the environment was read */
	struct secret *secret[KEYRING_ROLES + 1];
	bool from_file[KEYRING_ROLES + 1];

	/* The line of a pair file, the file, the mark beside it and when that
	   was looked at, and why the file is not used ("": it is). */
	struct secret *line[KEYRING_ROLES + 1];
	struct watch watch[KEYRING_ROLES + 1];
	struct key_mark mark[KEYRING_ROLES + 1];
	int64_t marked_ms[KEYRING_ROLES + 1];
	char refused[KEYRING_ROLES + 1][LOG_VALUE_MAX + 1];
};

/**
 * keyring_init(k):
 * Take all secrets from the environment and remove them there, even those that
 * are not needed.  ${k} is all zero before the first call.  A second call does
 * nothing.
 *   Errors  ERR_FORMAT, logged
 */
CHECKED enum err keyring_init(struct keyring *k);

/**
 * keyring_load(k, cfg, name, hmac, bucket, role):
 * Make ${role} sign for ${bucket} with its own pair, else with the common one.
 * ${k}, ${hmac} and ${bucket} must outlive it.
 *   Errors  any, logged: no pair, a malformed pair, or as secret_load();
 *	     ERR_KEY_REVOKED
 */
CHECKED enum err keyring_load(struct keyring *k, const struct config *cfg,
    enum keyring_role_name name, struct hmac *hmac,
    const struct s3_bucket *bucket, struct keyring_role *role);

/**
 * keyring_try(k, cfg, name, file):
 * Do the same as keyring_load(), but keep no result.  ${file} becomes the path
 * of the secret, or "" if no file matters.
 *   Errors  as keyring_load()
 */
CHECKED enum err keyring_try(const struct keyring *k, const struct config *cfg,
    enum keyring_role_name name, const char **file);

/**
 * keyring_follow(k, cfg, now_ms, role):
 * If a pair file changed (base/watch.h), let the loaded roles in ${role} sign
 * with its new pair from now on, and wipe the old pair.  NULL in ${role} is a
 * role that is not loaded.  A pair file that cannot be used changes nothing: it
 * is logged once and read again at each look.  But once a new mark is beside it
 * (s3/key_mark.h), nothing is signed until the file holds a usable pair.
 *   Errors  ERR_KEY_REVOKED one of the roles must sign nothing
 */
CHECKED enum err keyring_follow(struct keyring *k, const struct config *cfg,
    int64_t now_ms, struct keyring_role *const role[KEYRING_ROLES]);

/**
 * keyring_file(cfg, name), keyring_follows(cfg, name):
 * Return the path of the secret that ${name} signs with, or "".  Is it a pair
 * file, which running programs follow?
 */
const char *keyring_file(const struct config *cfg,
    enum keyring_role_name name);
bool keyring_follows(const struct config *cfg, enum keyring_role_name name);

/**
 * keyring_variable(k, cfg, name):
 * Return the environment variable that ${name}'s secret came from, or NULL.
 */
const char *keyring_variable(const struct keyring *k, const struct config *cfg,
    enum keyring_role_name name);

/**
 * keyring_shared(cfg):
 * Do both roles sign with the same pair?
 */
bool keyring_shared(const struct config *cfg);

/**
 * keyring_forget(k):
 * Wipe and free the secrets that came from files, so that the files are read
 * again.  The secrets from the environment stay, because they were removed
 * there.
 */
void keyring_forget(struct keyring *k);

/**
 * keyring_free(k):
 * Wipe and free ${k}, which may be all zero.  The caller must wipe the roles
 * with sigv4_key_wipe().
 */
void keyring_free(struct keyring *k);

#endif /* !S3_KEYRING_H_ */
