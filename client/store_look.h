#ifndef CLIENT_STORE_LOOK_H_
#define CLIENT_STORE_LOOK_H_

#include <stdbool.h>
#include <stddef.h>

#include "s3/listing.h"
#include "store.h"

/*
 * The effect of a trial, read back from the store with the read key.  A status
 * alone proves nothing.
 */

/* The file of the other miner, which nothing may change. */
#define STORE_LOOK_VICTIM "other/victim"

/* A name that a listing must encode. */
#define STORE_LOOK_ODD "own/a b+c%41&d"

/* A store that applies encoding-type=url writes this. */
#define STORE_LOOK_ENCODED "<EncodingType>url</EncodingType>"

struct store_look_effect {
	bool stored;	/* the file is there, by the name that was sent */
	bool moved;	/* it is there by another name, in its own folder */
	bool escaped;	/* something else was made, changed or removed */
	char where[STORE_NAME_MAX + 1];	/* moved, escaped: the name */
};

/**
 * store_look_list(s, l):
 * List the scratch folder.  The caller frees ${l} in any case.  On failure
 * return false; s->lost is then set.
 */
bool store_look_list(struct store *s, struct listing *l);

/**
 * store_look_again(s):
 * Record the present objects as the expected ones.
 */
void store_look_again(struct store *s);

/**
 * store_look_holds(s, name, bytes):
 * Does the read key get the file that store_fill() makes of ${bytes} bytes?
 */
bool store_look_holds(struct store *s, const char *name, size_t bytes);

/**
 * store_look_effect(s, sent, home, bytes, effect):
 * A client with a grant for ${home}, a folder or a file, tried to store a file
 * of ${bytes} bytes as ${sent}.  Find out what happened, and record the present
 * objects as the expected ones.
 */
void store_look_effect(struct store *s, const char *sent, const char *home,
    size_t bytes, struct store_look_effect *effect);

/**
 * store_look_is(item, s, name):
 * Is this item of a listing the object ${name}?
 */
bool store_look_is(const struct listing_item *item, const struct store *s,
    const char *name);

#endif /* !CLIENT_STORE_LOOK_H_ */
