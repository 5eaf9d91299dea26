#ifndef CLIENT_AUDIT_WALK_H_
#define CLIENT_AUDIT_WALK_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "state/audit_chain.h"

/*
 * A walk along the lines of an audit log, file by file in their order.  What is
 * wrong is printed as FILE:LINE: TEXT.  After a fault the walk finds its way
 * back as soon as a line's MAC shows what it was chained to, so that a fault is
 * told once, where it is.
 */
struct audit_walk {
	bool quiet;			/* asked: print nothing */
	int64_t head_seq;		/* asked: a head to look for; 0 */
	uint8_t head_mac[HMAC_LEN];
	struct audit_chain chain;	/* behind the last good line */

	/* What was found. */
	bool begun;
	bool good;			/* is the last line? */
	int64_t first_seq;		/* of the chain, as far as seen */
	int64_t lines;			/* good ones */
	int64_t faults;
	bool head_found;

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
