#ifndef S3_KEY_H_
#define S3_KEY_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;

/*
 * The rules of keys: which are vended, and how files of a job are called.
 */

/**
 * key_is_plain(key, len):
 * Is this a key that every client and store takes as it is: at most S3_KEY_MAX
 * bytes, no control bytes, no segment that is empty, "." or ".."?
 */
bool key_is_plain(const char *key, size_t len);

/**
 * key_is_job(id), key_is_job_file(name):
 * May a job have this id: letters, digits, "_", "." and "-"?  And a file of it
 * this name?  Source: the regular expression by which validators judge names,
 * ^data_\d{8}_\d{6}_(\d+)_[a-fA-F0-9]{16}\.parquet$
 */
bool key_is_job(const char *id);
bool key_is_job_file(const char *name);

/* Keys that somebody asks for, and what becomes of each. */
struct key_choice {
	size_t n;
	const struct text_span *key;	/* the caller's */
	bool *below, *again;		/* below a folder; there before */
	size_t n_below, n_vended;	/* below and not again: vended */
};

/**
 * key_choose(c, key, n, folder, folders, a):
 * Look at ${n} keys: those that are plain and below one of the ${folders} are
 * vended, each once.  Arrays are made in ${a}.
 */
void key_choose(struct key_choice *c, const struct text_span *key, size_t n,
    const struct text_span *folder, size_t folders, struct arena *a);

/**
 * key_next(c, vended, i):
 * The next key from ${i} on that is vended, or (${vended} false) not below any
 * folder; ${i} is then the index behind it.  NULL: there is none any more.
 */
const struct text_span *key_next(const struct key_choice *c, bool vended,
    size_t *i);

#endif /* !S3_KEY_H_ */
