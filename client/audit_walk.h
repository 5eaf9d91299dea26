#ifndef CLIENT_AUDIT_WALK_H_
#define CLIENT_AUDIT_WALK_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "audit/chain.h"

/*
 * A walk along the lines of an audit log, file by file in order.  Faults are
 * printed as FILE:LINE: TEXT.  After a fault the walk continues as soon as a
 * line's MAC shows what it was chained to, so that each fault is reported
 * once, at its place.
 */
struct audit_walk {
	bool quiet;			/* input: print nothing */
	struct audit_walk_head {
		int64_t seq;		/* input: a line to look for; 0: none */
		uint8_t mac[HMAC_LEN];
		bool found;
	} kept, last;			/* --head, and the head file's */
	struct audit_chain chain;	/* after the last good line */

	/* Results. */
	bool begun;
	bool good;			/* is the last line good? */
	int64_t first_seq;		/* of the chain that was seen */
	int64_t lines;			/* number of good lines */
	int64_t faults;

	/* The position, and what a line after a fault may be chained to. */
	const char *file;
	int64_t line;
	int64_t cut_line;		/* where the torn part began */
	uint8_t claimed[HMAC_LEN], computed[HMAC_LEN];
};

/**
 * audit_walk_start(w, h, key):
 * Start ${w} before the first line.  Its inputs are set, the rest is zero.
 * ${h} and ${key} must stay valid.
 */
void audit_walk_start(struct audit_walk *w, struct hmac *h,
    const struct secret *key);

/**
 * audit_walk_file(w, name, f, size):
 * Walk over the first ${size} bytes of ${f} (-1: all), named ${name}.
 */
void audit_walk_file(struct audit_walk *w, const char *name, FILE *f,
    int64_t size);

/**
 * audit_walk_fault(w, line, fmt, ...):
 * Count a fault, and print it as one of ${line}.  A ${line} of 0 belongs to no
 * file.
 */
void audit_walk_fault(struct audit_walk *w, int64_t line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif /* !CLIENT_AUDIT_WALK_H_ */
