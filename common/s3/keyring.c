#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/paste.h"
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

static bool
is_upper_id(const char *s, size_t len)
{

	return (len == 20 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789") == len);
}

static bool
is_hex(const char *s, size_t len, size_t want)
{

	return (len == want && strspn(s, "0123456789abcdef") == len);
}

/* Is ${s} the id of a key, and ${id} its secret?  AWS and many others have ids
   of 20 capitals and longer secrets, R2 ids of 32 and secrets of 64 digits. */
static bool
are_swapped(const char *id, const char *s, size_t len)
{

	return ((is_upper_id(s, len) && strlen(id) > 30) ||
	    (is_hex(s, len, 32) && is_hex(id, strlen(id), 64)));
}

/* Return what is wrong with the secret of ${id}, or NULL. */
static const char *
secret_wrong(const char *id, const char *s, size_t len)
{
	const char *wrong = paste_wrong(s, len);
	const size_t n = strlen(id);

	if (wrong != NULL)
		return (wrong);
	if (s[0] == '{')
		return ("is JSON: write only the secret itself");
	if (paste_has_name(s, len))
		return ("has a name before it: write only the secret itself");
	if (len > n && memcmp(s, id, n) == 0 && strchr(",:; ", s[n]) != NULL)
		return ("begins with the key id: write only the secret itself");
	if (strcmp(s, id) == 0)
		return ("is the key id, not the secret");
	if (are_swapped(id, s, len))
		return ("is a key id: the id and the secret are swapped");
	if (is_upper_id(id, n) && strncmp(id, "AKIA", 4) == 0 && len != 40)
		return ("has not 40 characters, as secrets of AWS have: copy "
		    "all of it");
	return (NULL);
}

static enum err
refuse(const struct pair *p, bool from_file, const char *variable,
    const char *wrong)
{
	char reason[LOG_VALUE_MAX + 1];

	snprintf(reason, sizeof(reason), "the secret of an S3 key %s", wrong);
	LOG(LOG_ERROR, "secret_refused", LOG_S(from_file ? "path" : "name",
	    from_file ? p->file : variable), LOG_S("reason", reason));
	return (ERR_FORMAT);
}

/* Load the secret unless it is loaded, and make ${key} from the pair. */
static enum err
load(struct keyring *k, const struct pair *p, size_t i, struct sigv4_key *key)
{
	const char *wrong;
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
	wrong = secret_wrong(p->id, secret_bytes(k->secret[i]),
	    secret_len(k->secret[i]));
	if (wrong != NULL)
		return (refuse(p, k->from_file[i], variables[i], wrong));
	e = sigv4_key_init(key, p->id, strlen(p->id),
	    secret_bytes(k->secret[i]), secret_len(k->secret[i]));
	if (e != ERR_OK)
		LOG(LOG_ERROR, "config_refused",
		    LOG_S("reason", "an S3 key id or secret is malformed"));
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
