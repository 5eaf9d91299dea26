#ifndef AUDIT_TAIL_H_
#define AUDIT_TAIL_H_

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "audit/chain.h"
#include "base/err.h"

/*
 * Where a chain continues: the end of the log, and the head file beside it,
 * which has the last line's data even if the log is gone.  Call all functions
 * under the lock.
 */

/* A line and its place in the log. */
struct audit_mark {
	int64_t seq;
	uint8_t prev[HMAC_LEN], mac[HMAC_LEN];
	int64_t start, end;		/* equal: it is in an earlier file */
};

/* The most bytes after the line of the head file: one append, with a
   margin. */
#define AUDIT_TAIL_MAX ((int64_t)4 * AUDIT_CHAIN_LINE_MAX)

struct audit_tail {
	struct audit_chain chain;
	uint8_t first[HMAC_LEN];	/* the MAC before the first line */
	struct audit_mark head;		/* content of the head file */
	struct audit_mark last;		/* the line to continue from */
	enum audit_chain_event event;	/* the event to write first */
	enum err trouble;		/* error while reading */
	const char *reason;		/* reason of an error */
	char text[AUDIT_TAIL_MAX];
};

/**
 * audit_tail_init(t, h, key):
 * Prepare ${t}.  ${h} and ${key} must stay valid.
 */
void audit_tail_init(struct audit_tail *t, struct hmac *h,
    const struct secret *key);

/**
 * audit_tail_head(t, head):
 * Set t->head from the head file.
 *   Errors  ERR_FORMAT damaged, or empty; ERR_IO cannot be read
 */
CHECKED enum err audit_tail_head(struct audit_tail *t, int head);

/**
 * audit_tail_settle(t, log, size, head):
 * Inspect the two open files, the log of ${size} bytes, and set t->last and
 * t->event, with t->chain.torn if that is AUDIT_CHAIN_TORN. t->last.end is
 * size + 1 if that line lacks only its newline.
 *   Errors  ERR_IO cannot be read; ERR_RANGE the log was cut meanwhile
 */
CHECKED enum err audit_tail_settle(struct audit_tail *t, int log, off_t size,
    int head);

/**
 * audit_tail_keep(t, head):
 * Write t->last to the head file.
 *   Errors  ERR_IO cannot be written
 */
CHECKED enum err audit_tail_keep(struct audit_tail *t, int head);

#endif /* !AUDIT_TAIL_H_ */
