#ifndef CLIENT_MINER_H_
#define CLIENT_MINER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "crypto/ss58.h"
#include "s3/listing.h"
#include "service_read.h"

/*
 * A miner as a person names it, and the objects in its folder.
 */
struct miner {
	char name[TEXT_NAME_MAX + 1 + SS58_MAX + 1];	/* as below */
	char source[TEXT_NAME_MAX + 1];	/* "": the hotkey layout */
	struct ss58 key;
};

/**
 * miner_read(text, m):
 * Read "HOTKEY" or "SOURCE/COLDKEY".  Return NULL, or why it is wrong, to
 * follow the name of what it is.
 */
const char *miner_read(const char *text, struct miner *m);

/**
 * miner_of(m):
 * Return what service_list() and service_files() take.  It is valid as long as
 * ${m}.
 */
struct service_miner miner_of(const struct miner *m);

/**
 * miner_each(s, found, user):
 * Call ${found} with each miner that has a folder, until it returns false.
 * Faults are printed.  Return the exit status; COMMAND_PARTLY if the service
 * does not list all of them.
 */
int miner_each(struct service *s, bool (*found)(void *user,
    const struct miner *m), void *user);

/* The pages of a folder.  It starts as all zero but service and miner. */
struct miner_folder {
	struct service *service;
	const struct miner *miner;

	char prefix[LISTING_KEY_MAX + 1];	/* of the keys */
	struct listing page;
	size_t dropped;		/* items that cannot be read */
	int status;		/* why there are no more pages; COMMAND_OK */

	char last[LISTING_KEY_MAX];	/* key of the pages so far */
	size_t last_len;
	unsigned empty;		/* pages in a row */
	bool begun, ended;
};

/**
 * miner_next(f), miner_free(f):
 * Read the next page into f->page.  Return false after the last one, or after
 * a fault, which is printed and in f->status.
 */
bool miner_next(struct miner_folder *f);
void miner_free(struct miner_folder *f);

/**
 * miner_prefix(f):
 * Ask only for f->prefix.  Return f->status.
 */
int miner_prefix(struct miner_folder *f);

/**
 * miner_below(f, item, len):
 * Return the name of ${item} below the folder, and its length, or NULL if the
 * item is no object there.  It may have any bytes, also NUL.
 */
const char *miner_below(const struct miner_folder *f,
    const struct listing_item *item, size_t *len);

#endif /* !CLIENT_MINER_H_ */
