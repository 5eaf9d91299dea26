#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/build.h"
#include "config/config.h"
#include "config/ini.h"
#include "config/key.h"
#include "config/network.h"
#include "config/store.h"

static void
defaults(struct ini *p)
{
	const struct key *k;
	size_t i;

	for (i = 0; i < KEY_COUNT; i++) {
		k = &key_table[i];
		if (p->origin[i].from != CONFIG_UNSET)
			continue;
		if (key_required(k))
			ini_refuse(p, p->path, "%s is missing: %s", k->name,
			    k->about);
		else if (key_default(k, p->cfg, &p->origin[i].from) != ERR_OK)
			ini_refuse(p, "default", "%s is wrong", k->name);
	}
}

/* A file that is not named is in the state directory, to which endpoints
   write. */
static void
in_shared(struct ini *p, char file[CONFIG_TEXT_MAX + 1], const char *name)
{
	struct buf b;

	if (file[0] != '\0')
		return;
	buf_init(&b, file, CONFIG_TEXT_MAX + 1);
	buf_fmt(&b, "%s/%s", p->cfg->state_shared, name);
	if (buf_end(&b) != ERR_OK)
		ini_refuse(p, p->path, "state.shared is too long");
}

static bool
begins(const char *s, const char *with)
{

	return (strncmp(s, with, strlen(with)) == 0);
}

/* Refuse with the place of the setting ${key}. */
static void
refuse_at(struct ini *p, size_t key, const char *text)
{
	const struct key *k = &key_table[key];
	char where[CONFIG_TEXT_MAX + 16];
	char *c;

	switch (p->origin[key].from) {
	case CONFIG_FILE:
		snprintf(where, sizeof(where), "%.200s:%d", p->path,
		    p->origin[key].line);
		break;
	case CONFIG_ENV:
		snprintf(where, sizeof(where), CONFIG_ENV_PREFIX "%s_%s",
		    k->section, k->key);
		for (c = where; *c != '\0'; c++)
			*c = (char)toupper((unsigned char)*c);
		break;
	default:
		snprintf(where, sizeof(where), "%.200s", p->path);
	}
	ini_refuse(p, where, "%s %s", k->name, text);
}

/* Return what is wrong with the settings of the key pairs, or NULL. */
static const char *
keys_wrong(const struct config *c)
{
	const struct {
		const char *id, *secret, *pair;
	} role[] = {
		{ c->s3_upload_access_key_id,
		    c->s3_upload_secret_access_key_file,
		    c->s3_upload_key_pair_file },
		{ c->s3_read_access_key_id, c->s3_read_secret_access_key_file,
		    c->s3_read_key_pair_file },
		{ c->s3_access_key_id, c->s3_secret_access_key_file,
		    c->s3_key_pair_file },
	};
	size_t i;

	for (i = 0; i < sizeof(role) / sizeof(role[0]); i++) {
		if (role[i].pair[0] != '\0' && (role[i].id[0] != '\0' ||
		    role[i].secret[0] != '\0'))
			return ("a key_pair_file in section s3 holds both id "
			    "and secret: leave out the access_key_id and the "
			    "secret_access_key_file of the same role");
		if (i < 2 && role[i].id[0] == '\0' &&
		    role[i].secret[0] != '\0')
			return ("a role's secret_access_key_file in section s3 "
			    "wants that role's access_key_id");
	}
	return (NULL);
}

/* Check rules that span several settings. */
static void
check_together(struct ini *p)
{
	struct config *c = p->cfg;
	struct store_fault store;

	if (c->s3_public_endpoint[0] == '\0')
		memcpy(c->s3_public_endpoint, c->s3_endpoint,
		    sizeof(c->s3_endpoint));
	if (keys_wrong(c) != NULL)
		ini_refuse(p, p->path, "%s", keys_wrong(c));
	if (c->state_shared[0] == '\0')
		memcpy(c->state_shared, c->state_directory,
		    sizeof(c->state_shared));
	if (c->state_redis_sentinels.n > 0 && c->state_redis_url[0] == '\0')
		snprintf(c->state_redis_url, sizeof(c->state_redis_url),
		    "redis://%.63s", c->state_redis_master);
	in_shared(p, c->audit_file, "audit.log");
	in_shared(p, c->audit_refusals_file, "refusals.log");
	if (begins(c->audit_refusals_file, c->audit_file) ||
	    begins(c->audit_file, c->audit_refusals_file))
		ini_refuse(p, p->path, "audit.refusals_file and audit.file "
		    "must not begin alike: both have files beside them");
	if (begins(c->log_to, c->audit_file) ||
	    begins(c->audit_file, c->log_to) ||
	    begins(c->log_to, c->audit_refusals_file) ||
	    begins(c->audit_refusals_file, c->log_to))
		ini_refuse(p, p->path, "log.to must not begin as audit.file or "
		    "audit.refusals_file does: it would be in the midst of "
		    "their lines");
	if (c->audit_required && c->audit_key_file[0] == '\0')
		ini_refuse(p, p->path, "audit.required wants audit.key_file");
	if (store_wrong(c, &store))
		refuse_at(p, store.key, store.text);
	if (network_wrong(c) != NULL)
		ini_refuse(p, p->path, "%s", network_wrong(c));
	if (c->cors_origins.n > 1 &&
	    config_has(&c->cors_origins, FORM_ORIGIN_ANY))
		refuse_at(p, KEY_cors_origins, "has " FORM_ORIGIN_ANY
		    ", which must stand alone");
	if (c->access_min_bytes > c->access_max_bytes)
		ini_refuse(p, p->path, "access.min_bytes must not be above "
		    "access.max_bytes");
}

const char *
config_migration_phase(const struct config *cfg)
{

	return (key_table[KEY_migration_phase].words[cfg->migration_phase]);
}

const char *
config_path(void)
{
	const char *path = getenv(CONFIG_PATH_VARIABLE);

	return (path != NULL && *path != '\0' ? path : build_config_path);
}

enum err
config_load(const char *path, struct config *cfg, struct config_origin *origins,
    char message[CONFIG_MESSAGE_MAX + 1])
{
	struct ini p = { .path = path, .cfg = cfg, .message = message };
	enum err e;

	memset(cfg, 0, sizeof(*cfg));
	if ((e = ini_file(&p)) != ERR_OK)
		return (e);
	ini_environment(&p);
	if (!p.refused)
		defaults(&p);
	if (!p.refused)
		check_together(&p);
	if (origins != NULL)
		memcpy(origins, p.origin, sizeof(p.origin));
	return (p.refused ? ERR_FORMAT : ERR_OK);
}

bool
config_has(const struct config_list *list, const char *word)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (strcmp(list->item[i], word) == 0)
			return (true);
	}
	return (false);
}
