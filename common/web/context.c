#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "s3/bucket.h"
#include "state/bucket_index.h"
#include "state/metagraph.h"
#include "web/guard.h"
#include "web/web.h"

/* Holds a request, its parsed form and an ordinary answer without growing. */
#define ARENA_FIRST 32768

static enum err
roles_load(struct web *w, unsigned needs)
{
	enum err e;

	if ((e = keyring_init(&w->keyring)) != ERR_OK)
		return (e);
	if (needs & NEED_UPLOAD_KEY) {
		e = keyring_load(&w->keyring, &w->cfg, KEYRING_UPLOAD, w->hmac,
		    &w->bucket, &w->upload);
		if (e != ERR_OK)
			return (e);
	}
	if (needs & NEED_READ_KEY) {
		e = keyring_load(&w->keyring, &w->cfg, KEYRING_READ, w->hmac,
		    &w->bucket, &w->read);
		if (e != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

bool
web_keys_loadable(const struct web *w)
{

	return (keyring_loadable(&w->keyring, &w->cfg));
}

/* What an answer says is what is signed. */
static void
cap_lifetimes(struct config *c, int64_t max_s)
{
	int64_t *const ttl_s[] = { &c->access_ttl_s, &c->access_list_ttl_s,
	    &c->access_validator_ttl_s, &c->access_file_ttl_s };
	size_t i;

	for (i = 0; i < sizeof(ttl_s) / sizeof(ttl_s[0]); i++) {
		if (*ttl_s[i] > max_s)
			*ttl_s[i] = max_s;
	}
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
	e = s3_bucket_configure(&w->bucket, c, c->s3_public_endpoint);
	if (e != ERR_OK)
		return (e);
	cap_lifetimes(c, w->bucket.max_ttl_s);
	w->auth.cfg = c;
	if (needs & NEED_METAGRAPH)
		w->auth.metagraph = metagraph_new(c->state_directory,
		    (uint32_t)c->chain_netuid, w->hmac);
	if (needs & NEED_INDEX)
		w->index = bucket_index_new(c->state_directory, w->hmac);
	if ((needs & NEED_GUARD) && (e = guard_open(w)) != ERR_OK)
		return (e);
	return (roles_load(w, needs));
}

void
web_free(struct web *w)
{

	sigv4_key_wipe(&w->upload.key);
	sigv4_key_wipe(&w->read.key);
	keyring_free(&w->keyring);
	guard_close(w);
	bucket_index_free(w->index);
	metagraph_free(w->auth.metagraph);
	hmac_free(w->hmac);
	arena_free(w->arena);
}
