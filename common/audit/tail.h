#ifndef AUDIT_TAIL_H_
#define AUDIT_TAIL_H_

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "audit/chain.h"
#include "base/err.h"

/*
 * Where a chain goes on: the end of the log, and the head file beside it, which
 * tells of the last line even if the log is gone.  To be used under the lock.
 */

/* A line and its place in the log. */
struct audit_mark {
	int64_t seq;
	uint8_t prev[HMAC_LEN], mac[HMAC_LEN];
	int64_t start, end;		/* equal: it is in an earlier file */
};

/* What may stand behind the line that the head file tells of: one append, and
   more to be on the safe side. */
#define AUDIT_TAIL_MAX ((int64_t)4 * AUDIT_CHAIN_LINE_MAX)

struct audit_tail {
	struct audit_chain chain;
	uint8_t first[HMAC_LEN];	/* the MAC before the first line */
	struct audit_mark head;		/* what the head file says */
	struct audit_mark last;		/* the line to go on from */
	enum audit_chain_event event;	/* what is to be told before */
	enum err trouble;		/* met with while reading */
	const char *reason;		/* behind an error */
	char text[AUDIT_TAIL_MAX];
};

/**
 * audit_tail_init(t, h, key):
 * Prepare ${t}.  ${h} and ${key} must stay.
 */
void audit_tail_init(struct audit_tail *t, struct hmac *h,
    const struct secret *key);

/**
 * audit_tail_head(t, head):
 * Set t->head to what the head file tells.
 *   Errors  ERR_FORMAT damaged, or nothing in it; ERR_IO cannot be read
 */
CHECKED enum err audit_tail_head(struct audit_tail *t, int head);

/**
 * audit_tail_settle(t, log, size, head):
 * Look at the two open files, the log of ${size} bytes; set t->last and
 * t->event, with t->chain.torn where that is AUDIT_CHAIN_TORN.  t->last.end is
 * size + 1 if only the newline of that line lacks.
 *   Errors  ERR_IO cannot be read; ERR_RANGE the log was cut meanwhile
 */
CHECKED enum err audit_tail_settle(struct audit_tail *t, int log, off_t size,
    int head);

/**
 * audit_tail_keep(t, head):
 * Let the head file tell of t->last.
 *   Errors  ERR_IO cannot be written
 */
CHECKED enum err audit_tail_keep(struct audit_tail *t, int head);

#endif /* !AUDIT_TAIL_H_ */
