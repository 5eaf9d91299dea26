#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "s3/key_pair.h"
#include "s3/keyring.h"

#define COMMON KEYRING_ROLES
#define PAIRS (KEYRING_ROLES + 1)

struct pair {
	const char *id, *secret;	/* in the configuration, and its file */
	const char *both;		/* the pair file; "": the other two */
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
		    c->s3_upload_secret_access_key_file,
		    c->s3_upload_key_pair_file },
		[KEYRING_READ] = { c->s3_read_access_key_id,
		    c->s3_read_secret_access_key_file,
		    c->s3_read_key_pair_file },
		[COMMON] = { c->s3_access_key_id,
		    c->s3_secret_access_key_file, c->s3_key_pair_file },
	};
	const bool own = pairs[name].id[0] != '\0' ||
	    pairs[name].both[0] != '\0';
	const size_t i = own ? (size_t)name : COMMON;

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

/* Load the secret of an id in the configuration, unless it is loaded. */
static enum err
load_apart(struct keyring *k, const struct pair *p, size_t i,
    struct sigv4_key *key)
{
	char reason[LOG_VALUE_MAX + 1];
	const char *wrong;
	enum err e;

	if (k->secret[i] == NULL && p->secret[0] != '\0') {
		if ((e = secret_load(p->secret, &k->secret[i])) != ERR_OK)
			return (e);
		k->from_file[i] = true;
	}
	if (k->secret[i] == NULL || p->id[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "section s3 must name a key pair file, or an access key "
		    "id and the file with its secret, for both roles or for "
		    "each"));
		return (ERR_FORMAT);
	}
	if ((e = key_pair_make(key, p->id, k->secret[i], &wrong)) == ERR_OK)
		return (e);
	snprintf(reason, sizeof(reason), "the secret of an S3 key %s", wrong);
	LOG(LOG_ERROR, "secret_refused", LOG_S(k->from_file[i] ? "path" :
	    "name", k->from_file[i] ? p->secret : variables[i]),
	    LOG_S("reason", reason));
	return (e);
}

/* Load the pair unless it is loaded, and make ${key} from it. */
static enum err
load(struct keyring *k, const struct pair *p, size_t i,
    enum keyring_role_name name, struct sigv4_key *key)
{
	enum err e;

	if (p->both[0] == '\0')
		return (load_apart(k, p, i, key));
	if (k->line[i] == NULL) {
		/* In this order: a pair that is revoked meanwhile is older
		   than the mark. */
		(void)key_mark_changed(&k->mark[i], p->both);
		if ((e = secret_load(p->both, &k->line[i])) != ERR_OK)
			return (e);
	}
	return (key_pair_read(key, k->line[i], name == KEYRING_UPLOAD,
	    p->both));
}

enum err
keyring_load(struct keyring *k, const struct config *cfg,
    enum keyring_role_name name, struct hmac *hmac,
    const struct s3_bucket *bucket, struct keyring_role *role)
{
	struct pair p;
	size_t i = pair_of(cfg, name, &p);
	enum err e;

	if ((e = load(k, &p, i, name, &role->key)) == ERR_OK)
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

	*file = p.both[0] != '\0' ? p.both :
	    k->secret[i] == NULL && p.id[0] != '\0' ? p.secret : "";
	e = load(&copy, &p, i, name, &key);
	if (e == ERR_OK)
		sigv4_key_wipe(&key);
	if (k->secret[i] == NULL)
		secret_free(copy.secret[i]);
	if (k->line[i] == NULL)
		secret_free(copy.line[i]);
	return (e);
}

/* --- a pair that changes ------------------------------------------------- */

/* Log why the new pair is not used, once for each reason. */
static void
refused(struct keyring *k, size_t i, const char *file)
{
	const char *reason = log_replace();

	if (reason == NULL)
		reason = "cannot be read";
	if (strcmp(k->refused[i], reason) == 0)
		return;
	snprintf(k->refused[i], sizeof(k->refused[i]), "%s", reason);
	LOG(LOG_ERROR, "key_pair_refused", LOG_S("path", file),
	    LOG_S("reason", k->refused[i]), LOG_S("advice",
	    k->line[i] != NULL ? "the pair read before it signs on" :
	    "nothing is signed until it holds a pair"));
}

/* Could all roles that sign with the ${i}-th pair sign with ${line}? */
static enum err
check_all(const struct config *cfg, size_t i, const struct secret *line,
    const char *file, struct keyring_role *const role[KEYRING_ROLES])
{
	enum keyring_role_name name;
	struct sigv4_key key;
	struct pair p;
	enum err e;

	for (name = 0; name < KEYRING_ROLES; name++) {
		if (role[name] == NULL || pair_of(cfg, name, &p) != i)
			continue;
		if ((e = key_pair_read(&key, line, name == KEYRING_UPLOAD,
		    file)) != ERR_OK)
			return (e);
		sigv4_key_wipe(&key);
	}
	return (ERR_OK);
}

/* Let ${role} sign with ${line}, or with nothing if that is NULL. */
static void
change(struct keyring_role *role, const struct secret *line, const char *file,
    bool uploads)
{
	struct s3_signer *s = &role->signer;

	sigv4_key_wipe(&role->key);
	s->key = NULL;
	if (line != NULL && key_pair_read(&role->key, line, uploads, file) ==
	    ERR_OK)
		s3_signer_init(s, s->hmac, &role->key, s->bucket);
}

/* The same for all roles that sign with the ${i}-th pair. */
static void
change_all(struct keyring *k, const struct config *cfg, size_t i,
    struct secret *line, struct keyring_role *const role[KEYRING_ROLES])
{
	enum keyring_role_name name;
	struct pair p;

	for (name = 0; name < KEYRING_ROLES; name++) {
		if (role[name] != NULL && pair_of(cfg, name, &p) == i)
			change(role[name], line, p.both,
			    name == KEYRING_UPLOAD);
	}
	secret_free(k->line[i]);
	k->line[i] = line;
}

static bool
is_same(const struct secret *a, const struct secret *b)
{

	return (a != NULL && secret_len(a) == secret_len(b) &&
	    memcmp(secret_bytes(a), secret_bytes(b), secret_len(a)) == 0);
}

/* Use the pair that was read again, or no pair if it was revoked. */
static void
use(struct keyring *k, const struct config *cfg, size_t i, const char *file,
    struct secret *line, struct keyring_role *const role[KEYRING_ROLES])
{
	const char *const secret = line != NULL ? secret_bytes(line) : "";
	char id[SIGV4_ID_MAX + 1];

	change_all(k, cfg, i, line, role);
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(secret, ":"), secret);
	if (line != NULL)
		LOG(LOG_INFO, "key_pair_read", LOG_S("path", file),
		    LOG_S("key_id", id));
	else
		LOG(LOG_WARN, "key_pair_revoked", LOG_S("path", file));
}

/* Read the ${i}-th pair again, for all roles that sign with it. */
static void
read_again(struct keyring *k, const struct config *cfg, size_t i,
    const char *file, struct keyring_role *const role[KEYRING_ROLES])
{
	const bool was = log_quiet(true);
	struct secret *line = NULL;
	enum err e;

	if ((e = secret_load(file, &line)) == ERR_OK)
		e = check_all(cfg, i, line, file, role);
	(void)log_quiet(was);
	if (e != ERR_OK && e != ERR_KEY_REVOKED) {
		watch_again(&k->watch[i]);
		refused(k, i, file);
	} else if (e == ERR_KEY_REVOKED) {
		if (k->line[i] != NULL)
			use(k, cfg, i, file, NULL, role);
		k->refused[i][0] = '\0';
	} else if (k->refused[i][0] != '\0' || !is_same(k->line[i], line)) {
		use(k, cfg, i, file, line, role);
		k->refused[i][0] = '\0';
		return;
	}
	secret_free(line);
}

/* If the pair that we hold was revoked, forget it, and read the file again as
   soon as it has stayed as it is for a second. */
static void
look_at_mark(struct keyring *k, const struct config *cfg, size_t i,
    const char *file, int64_t now_ms,
    struct keyring_role *const role[KEYRING_ROLES])
{

	if (now_ms >= k->marked_ms[i] &&
	    now_ms - k->marked_ms[i] < WATCH_LOOK_MS)
		return;
	k->marked_ms[i] = now_ms;
	if (!key_mark_changed(&k->mark[i], file) || k->line[i] == NULL)
		return;
	use(k, cfg, i, file, NULL, role);
	memset(&k->watch[i], 0, sizeof(k->watch[i]));
}

/* Let all roles that sign with the ${i}-th pair, ${file}, follow it. */
static void
follow(struct keyring *k, const struct config *cfg, size_t i, const char *file,
    int64_t now_ms, struct keyring_role *const role[KEYRING_ROLES])
{

	look_at_mark(k, cfg, i, file, now_ms, role);
	if (watch_changed(&k->watch[i], file, now_ms))
		read_again(k, cfg, i, file, role);
}

enum err
keyring_follow(struct keyring *k, const struct config *cfg, int64_t now_ms,
    struct keyring_role *const role[KEYRING_ROLES])
{
	enum keyring_role_name name;
	enum err e = ERR_OK;
	struct pair p;
	size_t i;

	for (name = 0; name < KEYRING_ROLES; name++) {
		if (role[name] == NULL)
			continue;
		i = pair_of(cfg, name, &p);
		if (p.both[0] != '\0')
			follow(k, cfg, i, p.both, now_ms, role);
		if (role[name]->signer.key == NULL)
			e = ERR_KEY_REVOKED;
	}
	return (e);
}

const char *
keyring_file(const struct config *cfg, enum keyring_role_name name)
{
	struct pair p;

	(void)pair_of(cfg, name, &p);
	return (p.both[0] != '\0' ? p.both : p.secret);
}

bool
keyring_follows(const struct config *cfg, enum keyring_role_name name)
{
	struct pair p;

	(void)pair_of(cfg, name, &p);
	return (p.both[0] != '\0');
}

const char *
keyring_variable(const struct keyring *k, const struct config *cfg,
    enum keyring_role_name name)
{
	struct pair p;
	const size_t i = pair_of(cfg, name, &p);

	return (p.both[0] == '\0' && k->secret[i] != NULL ? variables[i] :
	    NULL);
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
		secret_free(k->line[i]);
		k->line[i] = NULL;
		memset(&k->watch[i], 0, sizeof(k->watch[i]));
		memset(&k->mark[i], 0, sizeof(k->mark[i]));
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

	for (i = 0; i < PAIRS; i++) {
		secret_free(k->secret[i]);
		secret_free(k->line[i]);
	}
	memset(k, 0, sizeof(*k));
}
