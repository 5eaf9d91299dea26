#ifndef AUDIT_AUDIT_H_
#define AUDIT_AUDIT_H_

#include <stdint.h>

#include "base/err.h"

struct hmac;

/*
 * The audit log: one JSON line for every grant, and for every refusal of
 * somebody who has proven who he is.  Each line carries a MAC over itself and
 * the MAC before it (audit/chain.h), so that `foldergate audit verify`
 * finds what was altered, taken out, put in or moved.
 *
 *	PATH			the log
 *	PATH.000000000120	what was the log until it grew too large; the
 *				number is that of its last line
 *	PATH.lock		held while a line is written
 *	PATH.head		the last line's number, MAC and place: what the
 *				chain goes on from if the log is gone
 *
 * Somebody else may rename, truncate or delete PATH at any time; the chain
 * goes on in the next file.  A line is with the kernel when audit_write()
 * returns, not yet on the disk: a power cut may take the last seconds.
 */
#define AUDIT_LOCK ".lock"
#define AUDIT_HEAD ".head"

/* Of the other log, of audit_sample(): the one before. */
#define AUDIT_OLD ".old"

struct audit;

struct audit_options {
	const char *path;		/* "": no audit log */
	const char *key_file;		/* AUDIT_KEY_MIN to SECRET_MAX bytes */
	int64_t max_bytes;		/* a larger log is renamed; 0: never */
	int64_t wait_ms;		/* longest wait for the lock */
};

#define AUDIT_KEY_MIN 16
#define AUDIT_WAIT_MS 200

/* Texts are cut at these many bytes; they are escaped, so they may be any. */
#define AUDIT_TEXT_MAX 128
#define AUDIT_SCOPE_MAX 1024

/* What is to be known about a request.  Never a signature, a URL, a policy, a
   key.  What is NULL, empty or 0 is left out of the line. */
struct audit_entry {
	int64_t time_ms;		/* Unix, when the request was there */
	const char *request_id, *endpoint, *role;
	const char *hotkey, *coldkey, *address;
	enum err outcome;		/* ERR_OK: granted */
	const char *scope, *kind;	/* where, and in what form */
	int64_t urls, until_s;		/* a refusal has no until */
	int64_t duration_us;
};

/**
 * audit_open(o, h, a):
 * Load the key.  No other file is touched before the first line.  ${h} must
 * stay.  Without a path ${a} is NULL, which the others take, too.
 *   Errors  ERR_IO, ERR_UNSAFE, ERR_FORMAT the key file or the path cannot be
 *	     used; logged
 */
CHECKED enum err audit_open(const struct audit_options *o, struct hmac *h,
    struct audit **a);

/**
 * audit_write(a, entry):
 * Append the line of ${entry}.  Files are made with mode 0600; a log that is a
 * link, no regular file, or that group or others may write is not used.
 *   Errors  ERR_AUDIT nothing was written: the lock was not to be had, the disk
 *	     is full, a file cannot be used.  Logged when it begins and when it
 *	     ends; the next call tries again.
 */
CHECKED enum err audit_write(struct audit *a, const struct audit_entry *entry);

/**
 * audit_ready(a):
 * Will audit_write() take a line now?  As long as it did the last time, this
 * asks for room on the disk only; else it tries everything but the writing.
 *   Errors  ERR_AUDIT, logged as by audit_write()
 */
CHECKED enum err audit_ready(struct audit *a);

/**
 * audit_close(a):
 * Wipe and free.
 */
void audit_close(struct audit *a);

/**
 * audit_sample(path, max_bytes, entry):
 * Append the line of ${entry}, without number and MAC, to another log ${path}:
 * for refusals of who has proven nothing.  One that would grow above
 * ${max_bytes} is renamed to ${path}.old first, over the one of that name;
 * processes that write at the same moment may pass that by a line each.
 * Best effort: never waits; what goes wrong is logged once in a process's life.
 */
void audit_sample(const char *path, int64_t max_bytes,
    const struct audit_entry *entry);

#endif /* !AUDIT_AUDIT_H_ */
