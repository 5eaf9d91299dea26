#ifndef AUDIT_AUDIT_H_
#define AUDIT_AUDIT_H_

#include <stdint.h>

#include "base/err.h"

struct hmac;

/*
 * The audit log: one JSON line for every grant, and for every refusal of a
 * caller with a verified signature.  Each line carries a MAC over itself and
 * the MAC before it (audit/chain.h), so that `foldergate audit verify` finds
 * lines that were altered, removed, inserted or moved.
 *
 *	PATH			the log
 *	PATH.000000000120	the former log, renamed when it was too large;
 *				the number is that of its last line
 *	PATH.lock		held while a line is written
 *	PATH.head		the last line's number, MAC and place: the
 *				chain continues from it if the log is gone
 *
 * Other programs may rename, truncate or delete PATH at any time.  The chain
 * then continues in the next file.  When audit_write() returns, the kernel has
 * the line, but perhaps not the disk: a power cut may lose the last seconds.
 */
#define AUDIT_LOCK ".lock"
#define AUDIT_HEAD ".head"

/* Suffix of the file that audit_sample() renamed. */
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

/* Texts are cut at this length in bytes.  They are escaped, so any bytes
   are allowed. */
#define AUDIT_TEXT_MAX 128
#define AUDIT_SCOPE_MAX 1024

/* The facts about a request.  It never holds a signature, a URL, a policy
   or a key.  Members that are NULL, empty or 0 are left out of the line. */
struct audit_entry {
	int64_t time_ms;		/* Unix, when the request arrived */
	const char *request_id;		/* ours: one line has it */
	const char *given_id;		/* the request's own: any may have it */
	const char *endpoint, *role;
	const char *hotkey, *coldkey, *address;
	enum err outcome;		/* ERR_OK: granted */
	const char *scope, *kind;	/* place and form of the grant */
	int64_t urls, until_s;		/* a refusal has no until_s */
	int64_t duration_us;
};

/**
 * audit_open(o, h, a):
 * Load the key.  No other file is touched before the first line.  ${h} must
 * stay valid.  Without a path ${a} is NULL, which the other functions accept.
 *   Errors  ERR_IO, ERR_UNSAFE, ERR_FORMAT the key file or the path cannot be
 *	     used; logged
 */
CHECKED enum err audit_open(const struct audit_options *o, struct hmac *h,
    struct audit **a);

/**
 * audit_write(a, entry):
 * Append the line of ${entry}.  Files are made with mode 0600.  A log that is
 * a link, not a regular file, or writable by group or others is not used.
 *   Errors  ERR_AUDIT nothing was written: the lock was held for too long, the
 *	     disk is full, a file cannot be used.  Logged when it begins and
 *	     when it ends; the next call tries again.
 */
CHECKED enum err audit_write(struct audit *a, const struct audit_entry *entry);

/**
 * audit_ready(a):
 * Would audit_write() succeed now?  If the last attempt succeeded, check only
 * that the disk has room.  Otherwise try everything except the writing.
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
 * for refusals of callers that proved nothing.  If it would grow above
 * ${max_bytes}, it is first renamed to ${path}.old, replacing that file.
 * Processes that write at the same moment may exceed the limit by one line
 * each.  Best effort: it never waits, and a failure is logged once in a
 * process's life.
 */
void audit_sample(const char *path, int64_t max_bytes,
    const struct audit_entry *entry);

#endif /* !AUDIT_AUDIT_H_ */
