#ifndef CONFIG_CONFIG_H_
#define CONFIG_CONFIG_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The configuration: one INI file, overridden by FOLDERGATE_<SECTION>_<KEY> in
 * the environment. keys.def is the table of all settings.  A setting that is
 * unknown, repeated, malformed or missing is refused.  The message names its
 * place and the accepted form, and never repeats the value.
 */
#define CONFIG_ENV_PREFIX "FOLDERGATE_"
#define CONFIG_PATH_VARIABLE CONFIG_ENV_PREFIX "CONFIG"

/* Variables that hold a secret.  They are not settings: s3/keyring takes
   them out of the environment. */
#define CONFIG_SECRET_ANY CONFIG_ENV_PREFIX "S3_SECRET_ACCESS_KEY"
#define CONFIG_SECRET_UPLOAD CONFIG_ENV_PREFIX "S3_UPLOAD_SECRET_ACCESS_KEY"
#define CONFIG_SECRET_READ CONFIG_ENV_PREFIX "S3_READ_SECRET_ACCESS_KEY"

#define CONFIG_TEXT_MAX 255
#define CONFIG_ITEMS_MAX 16
#define CONFIG_MESSAGE_MAX 511

struct config_list {
	size_t n;
	char item[CONFIG_ITEMS_MAX][CONFIG_TEXT_MAX + 1];
};

/* A text that may also be a default or be omitted. */
struct config_maybe {
	enum { CONFIG_MAYBE_DEFAULT, CONFIG_MAYBE_NONE, CONFIG_MAYBE_GIVEN } is;
	char text[CONFIG_TEXT_MAX + 1];		/* the text, if given */
};

/* An enum config_<section>_<key> for every ENUM of keys.def. */
#define VALUE(name, word) CONFIG_##name,
#define ENUM(section, key, fallback, values, about)			\
	enum config_##section##_##key { values };
#include "config/keys.def"
#undef VALUE

/* A field <section>_<key> for every row of keys.def. */
struct config {
#define TEXT(section, key, ...) char section##_##key[CONFIG_TEXT_MAX + 1];
#define LIST(section, key, ...) struct config_list section##_##key;
#define INT(section, key, ...) int64_t section##_##key;
#define BOOL(section, key, ...) bool section##_##key;
#define ENUM(section, key, ...)						\
	enum config_##section##_##key section##_##key;
#define SET(section, key, fallback, items, about)			\
	struct { items } section##_##key;
#define ITEM(name) bool name;
#define MAYBE(section, key, ...) struct config_maybe section##_##key;
#include "config/keys.def"
#undef ITEM
};

/* The origin of a setting's value. */
enum config_from { CONFIG_UNSET, CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENV };

struct config_origin {
	enum config_from from;
	int line;	/* in the file */
};

/**
 * config_path():
 * Return the file to read: ${FOLDERGATE_CONFIG}, else build_config_path.
 */
const char *config_path(void);

/**
 * config_load(path, cfg, origins, message):
 * Read ${path} and the environment into ${cfg}.  Set ${origins} (NULL: not
 * wanted; else show_count() entries) to each setting's origin.
 *   Errors  ERR_FORMAT, ERR_IO; ERR_UNSAFE trusted_open() refuses the file;
 *	     ${message} then has the place and the reason
 */
CHECKED enum err config_load(const char *path, struct config *cfg,
    struct config_origin *origins, char message[CONFIG_MESSAGE_MAX + 1]);

/**
 * config_migration_phase(cfg):
 * Return the word of migration.phase, a static string.
 */
const char *config_migration_phase(const struct config *cfg);

/**
 * config_has(list, word):
 * Is ${word} one of the items of ${list}?
 */
bool config_has(const struct config_list *list, const char *word);

#endif /* !CONFIG_CONFIG_H_ */
