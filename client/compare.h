#ifndef CLIENT_COMPARE_H_
#define CLIENT_COMPARE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect.h"
#include "crypto/md5.h"
#include "hub_list.h"
#include "miner.h"

/*
 * foldergate compare, in steps: list both sides, look for each file of the Hub
 * in the bucket, read what only its content can tell, report.
 */

struct progress;

enum compare_result {
	COMPARE_SAME,		/* the content */
	COMPARE_SIZE,		/* name and size; the content is not compared */
	COMPARE_HUB,		/* only at the Hub */
	COMPARE_BUCKET,		/* only in the bucket */
	COMPARE_DIFFERS,	/* in size or content */
	COMPARE_ODD,		/* a name that cannot be compared */
	COMPARE_UNREAD,		/* the content could not be read */
	COMPARE_RESULTS
};

/* An object of the bucket. */
struct compare_object {
	char *key;
	const char *name;	/* below the folder */
	int64_t bytes;
	bool has_md5;
	uint8_t md5[MD5_LEN];
	bool seen;		/* a file of the Hub has this name */
};

/* An object whose content must be read. */
struct compare_read {
	const struct hub_item *item;
	const struct compare_object *object;
	const struct compare_object *other;	/* if that differs; or NULL */
	bool done;
	const char *why;
};

struct compare {
	struct connect *c;
	const struct miner *miner;	/* NULL: the own folder */
	bool content;
	struct hub_list list;
	struct compare_object *object;	/* by name */
	size_t n, size;
	struct compare_read *read;
	size_t reads, reads_size;
	size_t dropped;			/* keys that cannot be read */
	bool blind;
	struct progress *progress;
	size_t count[COMPARE_RESULTS];
	int64_t bytes;			/* read */
	int ended;			/* not 0: it ended early */
};

/**
 * compare_bucket(p):
 * List the folder.  A fault is printed.  Return the exit status.
 */
int compare_bucket(struct compare *p);

/**
 * compare_content(p):
 * Read p->read, and report each.
 */
void compare_content(struct compare *p);

/**
 * compare_say(p, result, name, bytes, why):
 * Count and report one file.
 */
void compare_say(struct compare *p, enum compare_result result,
    const char *name, int64_t bytes, const char *why);

/**
 * compare_sum(p):
 * Report the sum.  Return the exit status.
 */
int compare_sum(struct compare *p);

#endif /* !CLIENT_COMPARE_H_ */
