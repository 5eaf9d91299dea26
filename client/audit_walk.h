#ifndef CLIENT_AUDIT_WALK_H_
#define CLIENT_AUDIT_WALK_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "audit/chain.h"

/*
 * A walk along the lines of an audit log, file by file in their order.  What is
 * wrong is printed as FILE:LINE: TEXT.  After a fault the walk finds its way
 * back as soon as a line's MAC shows what it was chained to, so that a fault is
 * told once, where it is.
 */
struct audit_walk {
	bool quiet;			/* asked: print nothing */
	struct audit_walk_head {
		int64_t seq;		/* asked: a line to look for; 0 */
		uint8_t mac[HMAC_LEN];
		bool found;
	} kept, last;			/* --head, and the head file's */
	struct audit_chain chain;	/* behind the last good line */

	/* What was found. */
	bool begun;
	bool good;			/* is the last line? */
	int64_t first_seq;		/* of the chain, as far as seen */
	int64_t lines;			/* good ones */
	int64_t faults;

	/* Where we are, and what a line behind a fault may be chained to. */
	const char *file;
	int64_t line;
	int64_t cut_line;		/* where what is torn began */
	uint8_t claimed[HMAC_LEN], computed[HMAC_LEN];
};

/**
 * audit_walk_start(w, h, key):
 * Let ${w}, all zero but for what is asked of it, stand before the first line.
 * ${h} and ${key} must stay.
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
 * Count a fault, and print it as one of ${line}; 0: of no file.
 */
void audit_walk_fault(struct audit_walk *w, int64_t line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif /* !CLIENT_AUDIT_WALK_H_ */
