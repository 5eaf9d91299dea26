#ifndef CONFIG_STORE_H_
#define CONFIG_STORE_H_

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/*
 * What the settings of section s3 mean together.
 */
struct store_provider {
	const char *region;		/* "": must be set */
	bool virtual_hosted;
	bool post_policy;
	const char *acl, *storage_class;	/* "": not sent */
};

/**
 * store_provider(cfg):
 * Return the row of s3.provider in config/providers.h.
 */
const struct store_provider *store_provider(const struct config *cfg);

/**
 * store_region(cfg), store_virtual_hosted(cfg), store_post_policy(cfg):
 * Return the setting, or the provider's default if it is not set.  A region of
 * "" means that there is none.
 */
const char *store_region(const struct config *cfg);
bool store_virtual_hosted(const struct config *cfg);
bool store_post_policy(const struct config *cfg);

/**
 * store_key_id_wrong(id):
 * Return why the key with ${id} cannot sign uploads, to follow "it", or NULL.
 * An upload's form and URL hold the id, and a store names it in a refusal.
 */
const char *store_key_id_wrong(const char *id);

struct store_fault {
	size_t key;			/* of the setting, in key_table */
	char text[CONFIG_MESSAGE_MAX + 1];	/* follows its name */
};

/**
 * store_wrong(cfg, f):
 * Could no grant work with these settings, as far as they alone tell?  Then
 * describe the first fault in ${f} and return true.  Only config/ calls this.
 */
bool store_wrong(const struct config *cfg, struct store_fault *f);

#endif /* !CONFIG_STORE_H_ */
