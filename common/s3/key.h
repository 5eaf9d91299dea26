#ifndef S3_KEY_H_
#define S3_KEY_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;

/*
 * The rules of keys: which keys are vended, and the names of a job's files.
 */

/**
 * key_is_plain(key, len):
 * Is this a key that every client and store uses unchanged: at most S3_KEY_MAX
 * bytes, no control bytes, no segment that is empty, "." or ".."?
 */
bool key_is_plain(const char *key, size_t len);

/**
 * key_is_job(id), key_is_job_file(name):
 * May a job have this id: letters, digits, "_", "." and "-"?  May a file of it
 * have this name?  Source: the regular expression that validators check names
 * with, ^data_\d{8}_\d{6}_(\d+)_[a-fA-F0-9]{16}\.parquet$
 */
bool key_is_job(const char *id);
bool key_is_job_file(const char *name);

/* The requested keys, and the decision on each. */
struct key_choice {
	size_t n;
	const struct text_span *key;	/* the caller's */
	bool *below, *again;		/* below a folder; a repeated key */
	size_t n_below, n_vended;	/* below and not again: vended */
};

/**
 * key_choose(c, key, n, folder, folders, a):
 * Decide on ${n} keys.  Those that are plain and below one of the ${folders}
 * are vended, each once.  Arrays are made in ${a}.
 */
void key_choose(struct key_choice *c, const struct text_span *key, size_t n,
    const struct text_span *folder, size_t folders, struct arena *a);

/**
 * key_next(c, vended, i):
 * Return the next key from ${i} on that is vended, or (${vended} false) that
 * is not below any folder, and set ${i} to the index after it.  Return NULL if
 * there is none.
 */
const struct text_span *key_next(const struct key_choice *c, bool vended,
    size_t *i);

#endif /* !S3_KEY_H_ */
