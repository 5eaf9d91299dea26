#ifndef CLIENT_STORE_TRIAL_H_
#define CLIENT_STORE_TRIAL_H_

#include <stddef.h>

#include "store.h"

/*
 * One row of foldergate check-store: something that a grant must not allow, or
 * that a store must be able to do.
 */
enum store_trial_result {
	STORE_TRIAL_OK,
	STORE_TRIAL_FAILED,
	STORE_TRIAL_ABSENT,	/* this store cannot do it */
	STORE_TRIAL_WIDE,	/* a key may do more than it needs to */
	STORE_TRIAL_UNKNOWN	/* some request had no answer */
};

/* The kinds of grants that rely on a row.  Nothing relies on a row with 0,
   which is only reported. */
enum store_trial_use {
	STORE_TRIAL_FOLDER = 1,	/* a form for a folder */
	STORE_TRIAL_FILE = 2,	/* a form for one file */
	STORE_TRIAL_PUT = 4,	/* a presigned PUT */
	STORE_TRIAL_ASK = 8,	/* get-file-upload-url */
	STORE_TRIAL_ALL = STORE_TRIAL_FOLDER | STORE_TRIAL_FILE |
	    STORE_TRIAL_PUT
};

#define STORE_TRIAL_NOTE_MAX 255

struct store_trial {
	const char *name;
	unsigned used_by;	/* store_trial_use, or-ed */
	const char *tries;	/* what the row is about */
	const char *harm;	/* what follows if it fails */

	/* Write a sentence, or nothing, to ${note}. */
	enum store_trial_result (*run)(struct store *s,
	    char note[STORE_TRIAL_NOTE_MAX + 1]);
};

/* The rows, in the order in which they must run: client/store_NAME.c.  Each
   list ends with a row that has no name. */
extern const struct store_trial store_read_trials[];
extern const struct store_trial store_form_trials[];
extern const struct store_trial store_put_trials[];
extern const struct store_trial store_keys_trials[];

#endif /* !CLIENT_STORE_TRIAL_H_ */
