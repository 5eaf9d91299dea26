#ifndef S3_LAYOUT_H_
#define S3_LAYOUT_H_

#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "crypto/ss58.h"

struct config;

/*
 * The layout of keys in the bucket.  A miner owns one folder in each layout:
 *
 *	data/<source>/<coldkey>/
 *	data/hotkey=<hotkey>/job_id=<job>/<file>
 *
 * A key or a prefix is made here and nowhere else.
 */
enum layout {
	LAYOUT_COLDKEY,		/* G1 */
	LAYOUT_HOTKEY		/* G2 */
};

/* Both layouts, as clients read them. */
#define LAYOUT_COLDKEY_STRUCTURE "data/{source}/{coldkey}/"
#define LAYOUT_HOTKEY_STRUCTURE "data/hotkey={hotkey_id}/job_id={job_id}/"

/* The prefix of all folders, of the hotkey layout's folders, and of a job. */
#define LAYOUT_PREFIX "data/"
#define LAYOUT_HOTKEY_PREFIX "data/hotkey="
#define LAYOUT_JOB "job_id="

/* The source of a request that names none; the original's default. */
#define LAYOUT_SOURCE_DEFAULT "x"

#define LAYOUT_SOURCE_MAX TEXT_NAME_MAX
#define LAYOUT_FOLDER_MAX						\
	(sizeof("data//") + LAYOUT_SOURCE_MAX + 2 * SS58_MAX)

/**
 * layout_folder(cfg, layout, source, key, out):
 * Write the folder of the miner whose address is ${key}.  In the coldkey
 * layout it is the coldkey's, and an empty ${source} means
 * LAYOUT_SOURCE_DEFAULT.  In the hotkey layout it is the hotkey's, and
 * ${source} is ignored.
 *   Shape   key: an SS58 address, as text
 *   Errors  ERR_LAYOUT not enabled; ERR_SOURCE not configured
 */
CHECKED enum err layout_folder(const struct config *cfg, enum layout layout,
    const char *source, const char *key, char out[LAYOUT_FOLDER_MAX + 1]);

/**
 * layout_folder_len(layout, source):
 * Return the length of such a folder.  It is the same for every key, since all
 * addresses have the same length.
 */
size_t layout_folder_len(enum layout layout, const char *source);

/**
 * layout_source_prefix(source, out):
 * Write the prefix of all folders of ${source}: data/<source>/
 * layout_jobs_prefix(hotkey, out):
 * Write the prefix of all jobs of ${hotkey}: data/hotkey=<hotkey>/job_id=
 */
void layout_source_prefix(const char *source, char out[LAYOUT_FOLDER_MAX + 1]);
void layout_jobs_prefix(const char *hotkey, char out[LAYOUT_FOLDER_MAX + 1]);

/**
 * layout_scratch(id, out):
 * Write the folder in which foldergate check-store tries a store.  It can never
 * be a miner's: a source has no capitals, and the other folders begin with
 * LAYOUT_HOTKEY_PREFIX.  It has an "=", as those have.
 *   Shape   id: letters and digits, at most SS58_MAX
 */
void layout_scratch(const char *id, char out[LAYOUT_FOLDER_MAX + 1]);

/**
 * layout_structure(cfg):
 * Return the structure to show to clients: the hotkey layout's if it is
 * enabled.
 */
const char *layout_structure(const struct config *cfg);

/**
 * layout_examples(cfg):
 * Return two example keys of that structure, then NULL.
 */
const char *const *layout_examples(const struct config *cfg);

#endif /* !S3_LAYOUT_H_ */
