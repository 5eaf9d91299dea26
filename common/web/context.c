#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypto/hmac.h"
#include "state/metagraph.h"
#include "web/web.h"

/* Holds a request, its parsed form and an ordinary answer without growing. */
#define ARENA_FIRST 32768

/* The pairs that the configuration can name; one for both roles, or each. */
struct pair {
	const char *env, *id, *file;
};

static void
pairs_of(const struct config *c, struct pair out[WEB_PAIRS])
{
	const struct pair pairs[WEB_PAIRS] = {
		[WEB_PAIR_COMMON] = { "FOLDERGATE_S3_SECRET_ACCESS_KEY",
		    c->s3_access_key_id, c->s3_secret_access_key_file },
		[WEB_PAIR_UPLOAD] = { "FOLDERGATE_S3_UPLOAD_SECRET_ACCESS_KEY",
		    c->s3_upload_access_key_id,
		    c->s3_upload_secret_access_key_file },
		[WEB_PAIR_READ] = { "FOLDERGATE_S3_READ_SECRET_ACCESS_KEY",
		    c->s3_read_access_key_id,
		    c->s3_read_secret_access_key_file },
	};

	memcpy(out, pairs, sizeof(pairs));
}

/* The pair that a role signs with: its own, else the common one. */
static size_t
pair_of(const struct pair *pairs, size_t own)
{

	return (pairs[own].id[0] != '\0' ? own : WEB_PAIR_COMMON);
}

static enum err
take_secrets_from_env(struct web *w, const struct pair pairs[WEB_PAIRS])
{
	enum err e;
	size_t i;

	/* All of them, needed or not: none stays in the environment. */
	for (i = 0; i < WEB_PAIRS; i++) {
		e = secret_take_env(pairs[i].env, &w->secret[i]);
		if (e != ERR_OK) {
			LOG(LOG_ERROR, "secret_refused",
			    LOG_S("name", pairs[i].env),
			    LOG_S("reason", "too long, or there twice"));
			return (e);
		}
	}
	return (ERR_OK);
}

/* Make one role's signer. */
static enum err
role_load(struct web *w, struct web_role *role, const struct pair *pairs,
    size_t own)
{
	size_t i = pair_of(pairs, own);
	const struct pair *p = &pairs[i];
	enum err e;

	if (w->secret[i] == NULL && p->file[0] != '\0' &&
	    (e = secret_load(p->file, &w->secret[i])) != ERR_OK)
		return (e);
	if (w->secret[i] == NULL || p->id[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "section s3 must name an access key id and the file with "
		    "its secret, for both roles or for each"));
		return (ERR_FORMAT);
	}
	e = sigv4_key_init(&role->key, p->id, strlen(p->id),
	    secret_bytes(w->secret[i]), secret_len(w->secret[i]));
	if (e != ERR_OK) {
		LOG(LOG_ERROR, "config_refused",
		    LOG_S("reason", "an S3 key id or secret is malformed"));
		return (e);
	}
	s3_signer_init(&role->signer, w->hmac, &role->key, &w->bucket);
	return (ERR_OK);
}

static enum err
roles_load(struct web *w, unsigned needs)
{
	struct pair pairs[WEB_PAIRS];
	enum err e;

	pairs_of(&w->cfg, pairs);
	if ((e = take_secrets_from_env(w, pairs)) != ERR_OK)
		return (e);
	if (needs & NEED_UPLOAD_KEY) {
		e = role_load(w, &w->upload, pairs, WEB_PAIR_UPLOAD);
		if (e != ERR_OK)
			return (e);
	}
	if (needs & NEED_READ_KEY) {
		e = role_load(w, &w->read, pairs, WEB_PAIR_READ);
		if (e != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

bool
web_keys_loadable(const struct web *w)
{
	static const size_t roles[] = { WEB_PAIR_UPLOAD, WEB_PAIR_READ };
	struct pair pairs[WEB_PAIRS];
	size_t i, n;

	pairs_of(&w->cfg, pairs);
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		n = pair_of(pairs, roles[i]);
		if (pairs[n].id[0] == '\0' || (w->secret[n] == NULL &&
		    (pairs[n].file[0] == '\0' ||
		    secret_check(pairs[n].file) != ERR_OK)))
			return (false);
	}
	return (true);
}

enum err
web_init(struct web *w, unsigned needs)
{
	char message[CONFIG_MESSAGE_MAX + 1];
	struct config *c = &w->cfg;
	enum err e;

	memset(w, 0, sizeof(*w));
	if ((e = config_load(config_path(), c, NULL, message)) != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", message));
		return (e);
	}
	w->arena = arena_new(ARENA_FIRST);
	w->hmac = hmac_new();
	e = s3_bucket_init(&w->bucket, c->s3_public_endpoint, c->s3_region,
	    c->s3_bucket, strcmp(c->s3_addressing, "virtual") == 0);
	if (e != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", "s3.endpoint, "
		    "s3.region, s3.bucket and s3.addressing do not make a "
		    "valid address"));
		return (e);
	}
	w->auth.cfg = c;
	if (needs & NEED_METAGRAPH)
		w->auth.metagraph = metagraph_new(c->state_directory,
		    (uint32_t)c->chain_netuid, w->hmac);
	return (roles_load(w, needs));
}

void
web_free(struct web *w)
{
	size_t i;

	sigv4_key_wipe(&w->upload.key);
	sigv4_key_wipe(&w->read.key);
	for (i = 0; i < WEB_PAIRS; i++)
		secret_free(w->secret[i]);
	metagraph_free(w->auth.metagraph);
	hmac_free(w->hmac);
	arena_free(w->arena);
}
