#ifndef AUTH_LAYOUT_H_
#define AUTH_LAYOUT_H_

#include <stddef.h>
#include <stdint.h>

#include "auth/signed_text.h"
#include "base/err.h"
#include "crypto/ss58.h"

struct auth_identity;
struct config;

/*
 * The two layouts of miners' folders, and how a request tells which it means:
 * by the text that was signed.
 */
enum layout {
	LAYOUT_COLDKEY,		/* G1: data/<source>/<coldkey>/ */
	LAYOUT_HOTKEY		/* G2: data/hotkey=<hotkey>/ */
};

/* What follows the folder in the hotkey layout, as clients are told it. */
#define LAYOUT_COLDKEY_STRUCTURE "data/{source}/{coldkey}/"
#define LAYOUT_HOTKEY_STRUCTURE "data/hotkey={hotkey_id}/job_id={job_id}/"

/* What all folders start with, those of the hotkey layout, and a job's. */
#define LAYOUT_PREFIX "data/"
#define LAYOUT_HOTKEY_PREFIX "data/hotkey="
#define LAYOUT_JOB "job_id="

/* The source that a request means which names none; the original's default. */
#define LAYOUT_SOURCE_DEFAULT "x"

#define LAYOUT_SOURCE_MAX 32
#define LAYOUT_FOLDER_MAX (sizeof("data//") + LAYOUT_SOURCE_MAX + 2 * SS58_MAX)

/* What a request may mean, in the order in which to try it. */
#define LAYOUT_CHOICES 2
struct layout_choices {
	enum layout layout[LAYOUT_CHOICES];
	struct signed_text texts[LAYOUT_CHOICES];
};

/**
 * layout_choices(c, id, source, timestamp):
 * With a ${source}: the text of the coldkey layout, then of the hotkey layout,
 * whose later clients send a source that means nothing.  With an empty one: the
 * hotkey layout, then the coldkey layout with LAYOUT_SOURCE_DEFAULT.
 */
void layout_choices(struct layout_choices *c, const struct auth_identity *id,
    const char *source, int64_t timestamp);

/**
 * layout_folder(cfg, layout, id, source, out):
 * Write the folder of the proven ${id}.  Ask only once its signature of the
 * text is known to be good.
 *   Errors  ERR_LAYOUT not enabled; ERR_SOURCE not configured
 */
CHECKED enum err layout_folder(const struct config *cfg, enum layout layout,
    const struct auth_identity *id, const char *source,
    char out[LAYOUT_FOLDER_MAX + 1]);

/**
 * layout_source_prefix(source, out):
 * Write what all folders of ${source} start with: data/<source>/
 */
void layout_source_prefix(const char *source, char out[LAYOUT_FOLDER_MAX + 1]);

/**
 * layout_structure(cfg):
 * The structure to tell clients of: the hotkey layout's if it is enabled.
 */
const char *layout_structure(const struct config *cfg);

/**
 * layout_examples(cfg):
 * Two keys of that structure, then NULL.
 */
const char *const *layout_examples(const struct config *cfg);

#endif /* !AUTH_LAYOUT_H_ */
