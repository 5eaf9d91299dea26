#ifndef CONFIG_KEY_H_
#define CONFIG_KEY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "config/form.h"

/*
 * keys.def as a table, and one value of it: read from text, or its default.
 * Only config/ includes this file.
 */
enum key_kind {
	KEY_TEXT, KEY_LIST, KEY_INT, KEY_BOOL, KEY_ENUM, KEY_SET, KEY_MAYBE
};

struct key {
	const char *section, *key, *name, *about;
	enum key_kind kind;
	const char *fallback;		/* default of a TEXT, LIST or SET */
	int64_t number;			/* default of an INT, BOOL or ENUM */
	const struct form *form;	/* of a TEXT, LIST or MAYBE */
	const char *const *words;	/* of an ENUM or SET, then NULL */
	int64_t min, max;		/* of an INT */
	size_t offset;			/* in struct config */
};

/* The number of rows in keys.def. */
enum {
#define TEXT(section, key, ...) KEY_##section##_##key,
#define LIST TEXT
#define INT TEXT
#define BOOL TEXT
#define ENUM TEXT
#define SET TEXT
#define MAYBE TEXT
#include "config/keys.def"
	KEY_COUNT
};

extern const struct key key_table[KEY_COUNT];

/**
 * key_set(k, cfg, value):
 * Set ${k} in ${cfg} to the value of the text ${value}.  Surrounding blanks
 * are ignored.
 *   Errors  ERR_FORMAT not as key_right() describes; the field is then
 *	     undefined
 */
CHECKED enum err key_set(const struct key *k, struct config *cfg,
    const char *value);

/**
 * key_right(k, b):
 * Append to ${b} the accepted values, such as "yes or no", to follow "must
 * be".
 */
void key_right(const struct key *k, struct buf *b);

/**
 * key_wrong(k, value):
 * Return what is wrong with the refused text ${value}, to follow "it", or NULL
 * if that is not known.
 */
const char *key_wrong(const struct key *k, const char *value);

/**
 * key_required(k):
 * Must ${k} be given because it has no default?
 */
bool key_required(const struct key *k);

/**
 * key_default(k, cfg, from):
 * Set ${k}, which is not required, in the zeroed ${cfg} to its default.  Set
 * ${from} to CONFIG_DEFAULT, or to CONFIG_UNSET if that default is empty.
 *   Errors  ERR_FORMAT the default in keys.def is wrong
 */
CHECKED enum err key_default(const struct key *k, struct config *cfg,
    enum config_from *from);

#endif /* !CONFIG_KEY_H_ */
