#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "s3/keyring.h"

#define COMMON KEYRING_ROLES
#define PAIRS (KEYRING_ROLES + 1)

struct pair {
	const char *id, *file;
};

static const char *const variables[PAIRS] = {
	[KEYRING_UPLOAD] = CONFIG_SECRET_UPLOAD,
	[KEYRING_READ] = CONFIG_SECRET_READ,
	[COMMON] = CONFIG_SECRET_ANY,
};

/* Set ${p} to the pair that a role signs with: its own pair, else the common
   one.  Return the index of that pair. */
static size_t
pair_of(const struct config *c, enum keyring_role_name name, struct pair *p)
{
	const struct pair pairs[PAIRS] = {
		[KEYRING_UPLOAD] = { c->s3_upload_access_key_id,
		    c->s3_upload_secret_access_key_file },
		[KEYRING_READ] = { c->s3_read_access_key_id,
		    c->s3_read_secret_access_key_file },
		[COMMON] = { c->s3_access_key_id,
		    c->s3_secret_access_key_file },
	};
	size_t i = pairs[name].id[0] != '\0' ? (size_t)name : COMMON;

	*p = pairs[i];
	return (i);
}

enum err
keyring_init(struct keyring *k)
{
	enum err e;
	size_t i;

	if (k->taken)
		return (ERR_OK);
	memset(k, 0, sizeof(*k));
	k->taken = true;
	for (i = 0; i < PAIRS; i++) {
		e = secret_take_env(variables[i], &k->secret[i]);
		if (e != ERR_OK) {
			LOG(LOG_ERROR, "secret_refused",
			    LOG_S("name", variables[i]),
			    LOG_S("reason", "too long, or there twice"));
			return (e);
		}
	}
	return (ERR_OK);
}

/* Load the secret unless it is loaded, and make ${key} from the pair. */
static enum err
load(struct keyring *k, const struct pair *p, size_t i, struct sigv4_key *key)
{
	enum err e;

	if (k->secret[i] == NULL && p->file[0] != '\0') {
		if ((e = secret_load(p->file, &k->secret[i])) != ERR_OK)
			return (e);
		k->from_file[i] = true;
	}
	if (k->secret[i] == NULL || p->id[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "section s3 must name an access key id and the file with "
		    "its secret, for both roles or for each"));
		return (ERR_FORMAT);
	}
	e = sigv4_key_init(key, p->id, strlen(p->id),
	    secret_bytes(k->secret[i]), secret_len(k->secret[i]));
	if (e != ERR_OK)
		LOG(LOG_ERROR, "config_refused",
		    LOG_S("reason", "an S3 key id or secret is malformed: the "
		    "secret must be one line"));
	return (e);
}

enum err
keyring_load(struct keyring *k, const struct config *cfg,
    enum keyring_role_name name, struct hmac *hmac,
    const struct s3_bucket *bucket, struct keyring_role *role)
{
	struct pair p;
	size_t i = pair_of(cfg, name, &p);
	enum err e;

	if ((e = load(k, &p, i, &role->key)) == ERR_OK)
		s3_signer_init(&role->signer, hmac, &role->key, bucket);
	return (e);
}

enum err
keyring_try(const struct keyring *k, const struct config *cfg,
    enum keyring_role_name name, const char **file)
{
	struct keyring copy = *k;
	struct sigv4_key key;
	struct pair p;
	size_t i = pair_of(cfg, name, &p);
	enum err e;

	*file = k->secret[i] == NULL && p.id[0] != '\0' ? p.file : "";
	e = load(&copy, &p, i, &key);
	if (e == ERR_OK)
		sigv4_key_wipe(&key);
	if (k->secret[i] == NULL)
		secret_free(copy.secret[i]);
	return (e);
}

const char *
keyring_file(const struct config *cfg, enum keyring_role_name name)
{
	struct pair p;

	(void)pair_of(cfg, name, &p);
	return (p.file);
}

const char *
keyring_variable(const struct keyring *k, const struct config *cfg,
    enum keyring_role_name name)
{
	struct pair p;
	const size_t i = pair_of(cfg, name, &p);

	return (k->secret[i] != NULL ? variables[i] : NULL);
}

bool
keyring_shared(const struct config *cfg)
{
	struct pair p;

	return (pair_of(cfg, KEYRING_UPLOAD, &p) == COMMON &&
	    pair_of(cfg, KEYRING_READ, &p) == COMMON);
}

void
keyring_forget(struct keyring *k)
{
	size_t i;

	for (i = 0; i < PAIRS; i++) {
		if (!k->from_file[i])
			continue;
		secret_free(k->secret[i]);
		k->secret[i] = NULL;
		k->from_file[i] = false;
	}
}

void
keyring_free(struct keyring *k)
{
	size_t i;

	for (i = 0; i < PAIRS; i++)
		secret_free(k->secret[i]);
	memset(k, 0, sizeof(*k));
}
