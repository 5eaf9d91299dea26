#ifndef CLIENT_SELFTEST_LOOK_H_
#define CLIENT_SELFTEST_LOOK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "s3/listing.h"
#include "selftest_report.h"

struct service;

/*
 * What a folder or the bucket holds, by a presigned list, and what changed
 * since the last look.  It starts with service and url, the rest zero.
 */
struct selftest_look {
	struct service *service;
	const char *url;	/* NULL: nobody can look */
	const char *except[2];	/* changes below these do not count, or NULL */
	struct listing was;
	bool begun, truncated;
	bool partial;		/* the list begins at the run's job */

	/* Set by selftest_look_again(). */
	struct listing_item found;	/* the first change; until the next
					   look; no key: an object that the
					   list cannot show, or one less */
};

/**
 * selftest_look_again(l):
 * Return whether something changed since the last look; SELFTEST_SAME at the
 * first look.  A page that cannot be had or read, or after which there are
 * more, is SELFTEST_UNSEEN.
 */
enum selftest_seen selftest_look_again(struct selftest_look *l);

/**
 * selftest_look_find(l, key):
 * Return the object ${key} as it was at the last look, or NULL.
 */
const struct listing_item *selftest_look_find(const struct selftest_look *l,
    const char *key);

/**
 * selftest_look_free(l):
 * Free what ${l} holds.
 */
void selftest_look_free(struct selftest_look *l);

#endif /* !CLIENT_SELFTEST_LOOK_H_ */
