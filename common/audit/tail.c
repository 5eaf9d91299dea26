#include <string.h>
#include <unistd.h>

#include "audit/tail.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"

/*
 * The head file: seq, prev, mac, start, end and a MAC over them, in columns.
 * The label is where a line's MAC covers the MAC before, and a line never
 * begins with a digit, so a line and a head cannot be confused.
 */
static const uint8_t head_label[HMAC_LEN] = "foldergate audit head, version 1";
#define SEQ_DIGITS 12
#define PLACE_DIGITS 19
#define MAC_DIGITS ((size_t)2 * HMAC_LEN)

#define PREV_AT (SEQ_DIGITS + 1)
#define MAC_AT (PREV_AT + MAC_DIGITS + 1)
#define START_AT (MAC_AT + MAC_DIGITS + 1)
#define END_AT (START_AT + PLACE_DIGITS + 1)
#define HEAD_COVERED (END_AT + PLACE_DIGITS + 1)
#define HEAD_LEN (HEAD_COVERED + MAC_DIGITS + 1)

enum head { HEAD_NONE, HEAD_DAMAGED, HEAD_GOOD };

void
audit_tail_init(struct audit_tail *t, struct hmac *h, const struct secret *key)
{

	memset(t, 0, sizeof(*t));
	audit_chain_start(&t->chain, h, key);
	memcpy(t->first, t->chain.mac, HMAC_LEN);
}

enum err
audit_tail_keep(struct audit_tail *t, int head)
{
	char prev[MAC_DIGITS + 1], mac[MAC_DIGITS + 1], text[HEAD_LEN + 1];
	const struct audit_mark *m = &t->last;
	uint8_t check[HMAC_LEN];
	struct buf b;

	hex_encode(prev, m->prev, HMAC_LEN);
	hex_encode(mac, m->mac, HMAC_LEN);
	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, "%012lld %s %s %019lld %019lld ", (long long)m->seq, prev,
	    mac, (long long)m->start, (long long)m->end);
	audit_chain_mac(&t->chain, head_label, text, b.len, check);
	hex_encode(mac, check, HMAC_LEN);
	buf_fmt(&b, "%s\n", mac);

	/* The file never becomes shorter, so its content is good or
	   damaged. */
	if (buf_end(&b) != ERR_OK ||
	    pwrite(head, text, HEAD_LEN, 0) != (ssize_t)HEAD_LEN ||
	    (t->head.seq == 0 && ftruncate(head, (off_t)HEAD_LEN) != 0)) {
		t->reason = "the head file cannot be written";
		return (ERR_IO);
	}
	t->head = *m;
	return (ERR_OK);
}

static bool
parse_head(const struct audit_tail *t, const char *text, struct audit_mark *m)
{
	uint8_t is[HMAC_LEN], ought[HMAC_LEN];

	audit_chain_mac(&t->chain, head_label, text, HEAD_COVERED, ought);
	return (hex_decode(is, HMAC_LEN, text + HEAD_COVERED, MAC_DIGITS) ==
	    ERR_OK && memcmp(is, ought, HMAC_LEN) == 0 &&
	    num_parse(text, SEQ_DIGITS, 0, AUDIT_CHAIN_SEQ_MAX, &m->seq) ==
	    ERR_OK &&
	    hex_decode(m->prev, HMAC_LEN, text + PREV_AT, MAC_DIGITS) ==
	    ERR_OK &&
	    hex_decode(m->mac, HMAC_LEN, text + MAC_AT, MAC_DIGITS) ==
	    ERR_OK &&
	    num_parse(text + START_AT, PLACE_DIGITS, 0, INT64_MAX -
	    AUDIT_CHAIN_LINE_MAX, &m->start) == ERR_OK &&
	    num_parse(text + END_AT, PLACE_DIGITS, m->start, m->start +
	    AUDIT_CHAIN_LINE_MAX, &m->end) == ERR_OK);
}

static enum head
read_head(struct audit_tail *t, int head)
{
	char text[HEAD_LEN + 1];
	struct audit_mark m;
	ssize_t n;

	memset(&t->head, 0, sizeof(t->head));
	n = pread(head, text, sizeof(text), 0);
	if (n < 0) {
		t->trouble = ERR_IO;
		t->reason = "the head file cannot be read";
	}
	if (n == 0)
		return (HEAD_NONE);
	if (n != (ssize_t)HEAD_LEN || !parse_head(t, text, &m))
		return (HEAD_DAMAGED);
	t->head = m;
	return (HEAD_GOOD);
}

enum err
audit_tail_head(struct audit_tail *t, int head)
{

	t->trouble = ERR_OK;
	if (read_head(t, head) == HEAD_GOOD)
		return (ERR_OK);
	return (t->trouble != ERR_OK ? t->trouble : ERR_FORMAT);
}

/* Read ${len} bytes of the log.  Fewer bytes mean that it was cut since. */
static bool
read_log(struct audit_tail *t, int log, int64_t at, int64_t len)
{
	ssize_t n;

	n = pread(log, t->text, (size_t)len, (off_t)at);
	if (n == len)
		return (true);
	t->trouble = n < 0 ? ERR_IO : ERR_RANGE;
	t->reason = n < 0 ? "the log cannot be read" :
	    "the log was cut meanwhile";
	return (false);
}

/* Is the line of t->last, unaltered, the one that ends at ${end}? */
static bool
ends_with(struct audit_tail *t, int log, int64_t end)
{
	const struct audit_mark *m = &t->last;
	const int64_t len = m->end - m->start;
	struct audit_chain_line line;

	if (len == 0)
		return (end == m->end);
	return (len <= end && read_log(t, log, end - len, len) &&
	    t->text[len - 1] == '\n' &&
	    audit_chain_parse(t->text, (size_t)len - 1, &line) == ERR_OK &&
	    line.seq == m->seq && memcmp(line.mac, m->mac, HMAC_LEN) == 0 &&
	    audit_chain_fits(&t->chain, m->prev, t->text, &line));
}

/*
 * Move t->last over the lines that follow from it up to the end of the log,
 * and set t->chain.torn to the number of bytes after them that are not a
 * line.  Return false if no writer can have left what is there.
 */
static bool
catch_up(struct audit_tail *t, int log, int64_t size)
{
	const int64_t from = t->last.end, len = size - from;
	struct audit_chain *c = &t->chain;
	struct audit_mark *m = &t->last;
	struct audit_chain_line line;
	enum audit_chain_verdict verdict;
	const char *p, *end, *stop;

	if (len == 0)
		return (true);
	if (len > AUDIT_TAIL_MAX || !read_log(t, log, from, len))
		return (false);
	c->seq = m->seq;
	memcpy(c->mac, m->mac, HMAC_LEN);
	for (p = t->text, end = p + len; p < end; p = stop + 1) {
		if ((stop = memchr(p, '\n', (size_t)(end - p))) == NULL)
			stop = end;
		verdict = audit_chain_take(c, p, (size_t)(stop - p), &line);
		if (verdict == AUDIT_CHAIN_ODD)
			return (false);
		if (verdict == AUDIT_CHAIN_CUT)
			continue;
		memcpy(m->prev, m->mac, HMAC_LEN);
		memcpy(m->mac, c->mac, HMAC_LEN);
		m->seq = c->seq;
		m->start = from + (p - t->text);
		m->end = from + (stop - t->text) + 1;
	}
	return (true);
}

/* Find the MAC before ${line}: the line has it, or it is the first one, or
   a line is before it in t->text, which ends at ${end}. */
static bool
mac_before(const struct audit_tail *t, const struct audit_chain_line *line,
    const char *end, uint8_t prev[HMAC_LEN])
{
	struct audit_chain_line before;
	const char *p;

	if (line->has_prev) {
		memcpy(prev, line->prev, HMAC_LEN);
		return (true);
	}
	if (line->seq == 1) {
		memcpy(prev, t->first, HMAC_LEN);
		return (true);
	}
	if (end == t->text)
		return (false);
	end--;
	p = memrchr(t->text, '\n', (size_t)(end - t->text));
	p = p == NULL ? t->text : p + 1;
	if (audit_chain_parse(p, (size_t)(end - p), &before) != ERR_OK)
		return (false);
	memcpy(prev, before.mac, HMAC_LEN);
	return (true);
}

/* Does the log's last line prove, without the head file, that it is
   genuine? */
static bool
stands_alone(struct audit_tail *t, int log, int64_t size,
    struct audit_mark *m)
{
	const int64_t len = size < AUDIT_TAIL_MAX ? size : AUDIT_TAIL_MAX;
	struct audit_chain_line line;
	const char *p, *end;

	if (len == 0 || !read_log(t, log, size - len, len))
		return (false);
	end = t->text + len - 1;
	p = memrchr(t->text, '\n', (size_t)(end - t->text));
	p = p == NULL ? t->text : p + 1;
	if (*end != '\n' ||
	    audit_chain_parse(p, (size_t)(end - p), &line) != ERR_OK ||
	    !mac_before(t, &line, p, m->prev))
		return (false);
	memcpy(m->mac, line.mac, HMAC_LEN);
	m->seq = line.seq;
	m->start = size - (end + 1 - p);
	m->end = size;
	return (audit_chain_fits(&t->chain, m->prev, p, &line));
}

/* The head file is good.  Decide what happened to the log. */
static enum audit_chain_event
settle_by_head(struct audit_tail *t, int log, int64_t size)
{
	struct audit_mark *last = &t->last, alone;

	/* The log is gone, was cut to nothing, or has not begun yet. */
	if (size == 0) {
		last->start = last->end = 0;
		return (last->seq > 0 ? AUDIT_CHAIN_RESUMED :
		    AUDIT_CHAIN_NONE);
	}
	if (last->end <= size && ends_with(t, log, last->end) &&
	    catch_up(t, log, size))
		return (t->chain.torn > 0 ? AUDIT_CHAIN_TORN :
		    AUDIT_CHAIN_NONE);

	/* The log was cut to nothing just before the last line was written. */
	if (last->end > size && ends_with(t, log, size)) {
		last->start += size - last->end;
		last->end = size;
		return (AUDIT_CHAIN_NONE);
	}

	/* After a power cut the head file may be older than the log. */
	if (stands_alone(t, log, size, &alone) && alone.seq > last->seq) {
		LOG(LOG_WARN, "audit_head_old", LOG_I("seq", last->seq),
		    LOG_I("last", alone.seq));
		*last = alone;
		return (AUDIT_CHAIN_NONE);
	}
	return (AUDIT_CHAIN_BROKEN_TAIL);
}

enum err
audit_tail_settle(struct audit_tail *t, int log, off_t size, int head)
{
	enum head found;

	t->trouble = ERR_OK;
	t->chain.torn = 0;
	found = read_head(t, head);
	t->last = t->head;
	if (found == HEAD_GOOD) {
		t->event = settle_by_head(t, log, size);
	} else if (stands_alone(t, log, size, &t->last)) {
		t->event = AUDIT_CHAIN_BROKEN_HEAD;
	} else {
		memset(&t->last, 0, sizeof(t->last));
		memcpy(t->last.mac, t->first, HMAC_LEN);
		t->event = found == HEAD_NONE && size == 0 ?
		    AUDIT_CHAIN_NONE : AUDIT_CHAIN_BROKEN_BOTH;
	}
	return (t->trouble);
}
