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
 * The lines of the audit log and how they hang together; no files here.
 *
 *	{"time":"2026-11-22T15:17:11.123Z","seq":12,...,"mac":"<64 digits>"}
 *
 * mac = HMAC-SHA256(key, the mac before, 32 bytes || the line up to ,"mac");
 * before the first line, seq 1, stands HMAC-SHA256(key, AUDIT_CHAIN_START).
 *
 * Some lines are not of a request, but of the log, as "event":
 *
 *	rotated, resumed	the first line of a further file: we renamed the
 *				last one; or it was gone.  "from_seq", "prev":
 *				number and MAC of the line before.
 *	torn_line		what stands before is a line cut short by a
 *				kill or a power cut: "bytes".  They themselves
 *				are under no MAC.
 *	broken			the writer found something else than it left;
 *				"reason": tail (the end of the file is not ours;
 *				the chain goes on from the head file), head (no
 *				good head file; it goes on from the end of the
 *				file: some of it may be cut off), both (it
 *				begins anew).  "from_seq", "prev" as above.
 */
#define AUDIT_CHAIN_START "foldergate audit chain, version 1\n"
#define AUDIT_CHAIN_LINE_MAX 16384	/* bytes of a line, newline included */
#define AUDIT_CHAIN_SEQ_MAX INT64_C(999999999999)

enum audit_chain_event {
	AUDIT_CHAIN_NONE, AUDIT_CHAIN_ROTATED, AUDIT_CHAIN_RESUMED,
	AUDIT_CHAIN_TORN, AUDIT_CHAIN_BROKEN_TAIL, AUDIT_CHAIN_BROKEN_HEAD,
	AUDIT_CHAIN_BROKEN_BOTH
};

/* Where a chain stands: what the next line is chained to. */
struct audit_chain {
	struct hmac *h;
	const struct secret *key;
	int64_t seq;			/* of the last line; 0: none yet */
	uint8_t mac[HMAC_LEN];
	int64_t torn;			/* bytes behind it that are no line */
};

/* A line that has the form of ours; whether it is, its MAC says. */
struct audit_chain_line {
	int64_t seq;
	enum audit_chain_event event;
	int64_t number;			/* from_seq, or bytes; else 0 */
	bool has_prev;
	uint8_t prev[HMAC_LEN];		/* the MAC before, if it tells */
	uint8_t mac[HMAC_LEN];
	size_t covered;			/* bytes that the MAC covers */
};

/**
 * audit_chain_start(c, h, key):
 * Set ${c} before its first line.  ${h} and ${key} must stay.
 */
void audit_chain_start(struct audit_chain *c, struct hmac *h,
    const struct secret *key);

/**
 * audit_chain_mac(c, prev, text, len, out):
 * ${out} = the MAC of the ${len} <= AUDIT_CHAIN_LINE_MAX bytes at ${text}
 * behind a line whose MAC is ${prev}.
 */
void audit_chain_mac(const struct audit_chain *c, const uint8_t prev[HMAC_LEN],
    const char *text, size_t len, uint8_t out[HMAC_LEN]);

/**
 * audit_chain_entry(c, entry, b), audit_chain_event(c, time_ms, event, b):
 * Append the next line to ${b}, newline included; ${c} stands behind it then.
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
 * Take the ${len} bytes at ${text}, a line without its newline, apart.  There
 * is one way to write a line: what differs in any byte has another form,
 * another MAC, or other bytes under it.
 *   Errors  ERR_FORMAT
 */
CHECKED enum err audit_chain_parse(const char *text, size_t len,
    struct audit_chain_line *line);

/**
 * audit_chain_fits(c, prev, text, line):
 * Is the MAC of ${line}, parsed from ${text}, the one behind the MAC ${prev}?
 */
bool audit_chain_fits(const struct audit_chain *c,
    const uint8_t prev[HMAC_LEN], const char *text,
    const struct audit_chain_line *line);

/**
 * audit_chain_take(c, text, len, line):
 * Move ${c} over the line (its newline not counted) that stands next in a file.
 *   AUDIT_CHAIN_GOOD	the next of the chain
 *   AUDIT_CHAIN_MISFIT	likewise, but what was torn before it is not what it
 *			says
 *   AUDIT_CHAIN_CUT	the beginning of a line: counted in c->torn
 *   AUDIT_CHAIN_ODD	anything else; ${c} is as before
 * ${line} is set if the form is that of a line, and else has the seq 0.
 */
enum audit_chain_verdict {
	AUDIT_CHAIN_GOOD, AUDIT_CHAIN_MISFIT, AUDIT_CHAIN_CUT, AUDIT_CHAIN_ODD
};
enum audit_chain_verdict audit_chain_take(struct audit_chain *c,
    const char *text, size_t len, struct audit_chain_line *line);

#endif /* !AUDIT_CHAIN_H_ */
