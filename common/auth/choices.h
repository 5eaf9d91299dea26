#ifndef AUTH_CHOICES_H_
#define AUTH_CHOICES_H_

#include <stdint.h>

#include "auth/signed_text.h"
#include "base/err.h"
#include "s3/layout.h"

struct auth_identity;
struct config;

/*
 * The layout that a miner's request means.  The signed text decides it.  This
 * file lists the texts that the miner may have signed, in the order of trial.
 */
#define AUTH_CHOICES 2

struct auth_choices {
	enum layout layout[AUTH_CHOICES];
	struct signed_text text[AUTH_CHOICES];
};

/**
 * auth_choices(c, coldkey, hotkey, source, timestamp):
 * With a ${source}: the text of the coldkey layout, then that of the hotkey
 * layout, whose later clients send a source without a meaning.  With an empty
 * one: the hotkey layout, then the coldkey layout with LAYOUT_SOURCE_DEFAULT.
 */
void auth_choices(struct auth_choices *c, const struct ss58 *coldkey,
    const struct ss58 *hotkey, const char *source, int64_t timestamp);

/**
 * auth_choices_folder(cfg, layout, id, source, out):
 * Write the folder of the proven ${id}: layout_folder() of the key that owns
 * it in ${layout}.  Call this only after the signature was verified.
 *   Errors  as layout_folder()
 */
CHECKED enum err auth_choices_folder(const struct config *cfg,
    enum layout layout, const struct auth_identity *id, const char *source,
    char out[LAYOUT_FOLDER_MAX + 1]);

#endif /* !AUTH_CHOICES_H_ */
