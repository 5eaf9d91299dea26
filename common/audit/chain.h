#ifndef AUDIT_CHAIN_H_
#define AUDIT_CHAIN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hmac.h"

struct audit_entry;
struct secret;

/*
 * The lines of the audit log and their chain.  This file touches no files.
 *
 *	{"time":"2026-11-22T15:17:11.123Z","seq":12,...,"mac":"<64 digits>"}
 *
 * mac = HMAC-SHA256(key, the mac before, 32 bytes || the line up to ,"mac").
 * For the first line, seq 1, the mac before is HMAC-SHA256(key,
 * AUDIT_CHAIN_START).
 *
 * Some lines are about the log instead of a request, with an "event":
 *
 *	rotated, resumed	the first line of a further file: a writer
 *				renamed the last file; or the file was gone.
 *				"from_seq", "prev": number and MAC of the line
 *				before.
 *	torn_line		a kill or a power cut left an incomplete line
 *				before this one: "bytes".  No MAC covers these
 *				bytes.
 *	broken			the log is not as the writer left it;
 *				"reason": tail (the end of the file is foreign;
 *				the chain continues from the head file), head
 *				(no good head file; it continues from the end of
 *				the file, and lines may be missing), both (it
 *				begins again).  "from_seq", "prev" as above.
 */
#define AUDIT_CHAIN_START "foldergate audit chain, version 1\n"
#define AUDIT_CHAIN_LINE_MAX 16384	/* bytes of a line, newline included */
#define AUDIT_CHAIN_SEQ_MAX INT64_C(999999999999)

enum audit_chain_event {
	AUDIT_CHAIN_NONE, AUDIT_CHAIN_ROTATED, AUDIT_CHAIN_RESUMED,
	AUDIT_CHAIN_TORN, AUDIT_CHAIN_BROKEN_TAIL, AUDIT_CHAIN_BROKEN_HEAD,
	AUDIT_CHAIN_BROKEN_BOTH
};

/* The position in a chain: what the next line is chained to. */
struct audit_chain {
	struct hmac *h;
	const struct secret *key;
	int64_t seq;			/* of the last line; 0: none yet */
	uint8_t mac[HMAC_LEN];
	int64_t torn;			/* bytes after it that are not a line */
};

/* A line of the right form.  Only its MAC shows whether it is genuine. */
struct audit_chain_line {
	int64_t seq;
	enum audit_chain_event event;
	int64_t number;			/* from_seq, or bytes; else 0 */
	bool has_prev;
	uint8_t prev[HMAC_LEN];		/* the MAC before, if the line has it */
	uint8_t mac[HMAC_LEN];
	size_t covered;			/* bytes that the MAC covers */
};

/**
 * audit_chain_start(c, h, key):
 * Set ${c} before its first line.  ${h} and ${key} must stay valid.
 */
void audit_chain_start(struct audit_chain *c, struct hmac *h,
    const struct secret *key);

/**
 * audit_chain_mac(c, prev, text, len, out):
 * ${out} = the MAC of the ${len} <= AUDIT_CHAIN_LINE_MAX bytes at ${text}
 * after a line whose MAC is ${prev}.
 */
void audit_chain_mac(const struct audit_chain *c, const uint8_t prev[HMAC_LEN],
    const char *text, size_t len, uint8_t out[HMAC_LEN]);

/**
 * audit_chain_entry(c, entry, b), audit_chain_event(c, time_ms, event, b):
 * Append the next line to ${b}, newline included, and move ${c} after it.
 * ${b} needs room for AUDIT_CHAIN_LINE_MAX bytes.
 */
void audit_chain_entry(struct audit_chain *c, const struct audit_entry *entry,
    struct buf *b);
void audit_chain_event(struct audit_chain *c, int64_t time_ms,
    enum audit_chain_event event, struct buf *b);

/**
 * audit_chain_sample(entry, b):
 * Append a line without number and MAC.
 */
void audit_chain_sample(const struct audit_entry *entry, struct buf *b);

/**
 * audit_chain_parse(text, len, line):
 * Parse the ${len} bytes at ${text}, a line without its newline.  A line has
 * only one spelling: a change of any byte changes the form, the MAC, or the
 * bytes under it.
 *   Errors  ERR_FORMAT
 */
CHECKED enum err audit_chain_parse(const char *text, size_t len,
    struct audit_chain_line *line);

/**
 * audit_chain_fits(c, prev, text, line):
 * Is the MAC of ${line}, parsed from ${text}, correct after the MAC ${prev}?
 */
bool audit_chain_fits(const struct audit_chain *c,
    const uint8_t prev[HMAC_LEN], const char *text,
    const struct audit_chain_line *line);

/**
 * audit_chain_take(c, text, len, line):
 * Move ${c} over the next line of a file (given without its newline).
 *	AUDIT_CHAIN_GOOD	the next of the chain
 *	AUDIT_CHAIN_MISFIT	the next of the chain, but the torn bytes before
 *				it are not those that it reports
 *	AUDIT_CHAIN_CUT		the beginning of a line: counted in c->torn
 *	AUDIT_CHAIN_ODD		anything else; ${c} is unchanged
 * ${line} is set if the form is that of a line; otherwise its seq is 0.
 */
enum audit_chain_verdict {
	AUDIT_CHAIN_GOOD, AUDIT_CHAIN_MISFIT, AUDIT_CHAIN_CUT, AUDIT_CHAIN_ODD
};
enum audit_chain_verdict audit_chain_take(struct audit_chain *c,
    const char *text, size_t len, struct audit_chain_line *line);

#endif /* !AUDIT_CHAIN_H_ */
