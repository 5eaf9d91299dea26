#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/chain.h"
#include "base/hex.h"
#include "base/num.h"
#include "base/secret.h"
#include "base/timefmt.h"

/* The fixed pieces of a line, in order. */
#define TIME_IS "{\"time\":\""
#define SEQ_IS "\",\"seq\":"
#define MAC_IS ",\"mac\":\""
#define END "\"}"
#define PREV_IS ",\"prev\":\""

#define LEN(s) (sizeof(s) - 1)
#define TIME_LEN LEN("2026-11-22T15:17:11.123Z")
#define DIGITS ((size_t)2 * HMAC_LEN)
#define TAIL_LEN (LEN(MAC_IS) + DIGITS + LEN(END))

/* Eight texts and the scope, with each byte escaped at its longest.  The
   rest is fixed, or numbers. */
static_assert(6 * (8 * AUDIT_TEXT_MAX + AUDIT_SCOPE_MAX) + 1024 <
    AUDIT_CHAIN_LINE_MAX, "every line fits");

static const struct {
	const char *name, *reason;
} events[] = {
	[AUDIT_CHAIN_ROTATED] = { "rotated", NULL },
	[AUDIT_CHAIN_RESUMED] = { "resumed", NULL },
	[AUDIT_CHAIN_TORN] = { "torn_line", NULL },
	[AUDIT_CHAIN_BROKEN_TAIL] = { "broken", "tail" },
	[AUDIT_CHAIN_BROKEN_HEAD] = { "broken", "head" },
	[AUDIT_CHAIN_BROKEN_BOTH] = { "broken", "both" },
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

void
audit_chain_start(struct audit_chain *c, struct hmac *h,
    const struct secret *key)
{

	c->h = h;
	c->key = key;
	c->seq = 0;
	c->torn = 0;
	hmac_sha256(h, secret_bytes(key), secret_len(key), AUDIT_CHAIN_START,
	    LEN(AUDIT_CHAIN_START), c->mac);
}

void
audit_chain_mac(const struct audit_chain *c, const uint8_t prev[HMAC_LEN],
    const char *text, size_t len, uint8_t out[HMAC_LEN])
{
	char data[HMAC_LEN + AUDIT_CHAIN_LINE_MAX];

	assert(len <= AUDIT_CHAIN_LINE_MAX);
	memcpy(data, prev, HMAC_LEN);
	memcpy(data + HMAC_LEN, text, len);
	hmac_sha256(c->h, secret_bytes(c->key), secret_len(c->key), data,
	    HMAC_LEN + len, out);
}

static void
add_time(struct buf *b, int64_t time_ms)
{
	char when[TIMEFMT_ZULU_MAX + 1];
	int64_t ms = time_ms > 0 ? time_ms : 0;

	timefmt_zulu(ms / 1000, when);
	buf_fmt(b, TIME_IS "%.19s.%03dZ\"", when, (int)(ms % 1000));
}

static void
add_text(struct buf *b, const char *name, const char *value, size_t max)
{

	if (value == NULL || value[0] == '\0')
		return;
	buf_fmt(b, ",\"%s\":", name);
	buf_json(b, value, strnlen(value, max));
}

static void
add_number(struct buf *b, const char *name, int64_t value)
{

	if (value > 0)
		buf_fmt(b, ",\"%s\":%lld", name, (long long)value);
}

static void
add_entry(struct buf *b, const struct audit_entry *e)
{
	const bool granted = e->outcome == ERR_OK;

	add_text(b, "request_id", e->request_id, AUDIT_TEXT_MAX);
	add_text(b, "given_id", e->given_id, AUDIT_TEXT_MAX);
	add_text(b, "endpoint", e->endpoint, AUDIT_TEXT_MAX);
	add_text(b, "role", e->role, AUDIT_TEXT_MAX);
	add_text(b, "hotkey", e->hotkey, AUDIT_TEXT_MAX);
	add_text(b, "coldkey", e->coldkey, AUDIT_TEXT_MAX);
	add_text(b, "address", e->address, AUDIT_TEXT_MAX);
	add_text(b, "decision", granted ? "granted" : "refused",
	    AUDIT_TEXT_MAX);
	add_text(b, "code", err_code(e->outcome), AUDIT_TEXT_MAX);
	add_text(b, "scope", e->scope, AUDIT_SCOPE_MAX);
	add_text(b, "kind", e->kind, AUDIT_TEXT_MAX);
	add_number(b, "urls", e->urls);
	add_number(b, "until", granted ? e->until_s : 0);
	add_number(b, "duration_us", e->duration_us);
}

static void
add_mac(struct buf *b, const char *is, const uint8_t mac[HMAC_LEN])
{
	char digits[DIGITS + 1];

	hex_encode(digits, mac, HMAC_LEN);
	buf_fmt(b, "%s%s\"", is, digits);
}

/* The line from ${from} on is complete except for its end. */
static void
finish(struct audit_chain *c, struct buf *b, size_t from)
{

	audit_chain_mac(c, c->mac, b->data + from, b->len - from, c->mac);
	add_mac(b, MAC_IS, c->mac);
	buf_str(b, "}\n");
	c->seq++;
	c->torn = 0;
}

void
audit_chain_entry(struct audit_chain *c, const struct audit_entry *entry,
    struct buf *b)
{
	const size_t from = b->len;

	add_time(b, entry->time_ms);
	buf_fmt(b, ",\"seq\":%lld", (long long)c->seq + 1);
	add_entry(b, entry);
	finish(c, b, from);
}

void
audit_chain_event(struct audit_chain *c, int64_t time_ms,
    enum audit_chain_event event, struct buf *b)
{
	const size_t from = b->len;

	add_time(b, time_ms);
	buf_fmt(b, ",\"seq\":%lld,\"event\":\"%s\"", (long long)c->seq + 1,
	    events[event].name);
	add_text(b, "reason", events[event].reason, AUDIT_TEXT_MAX);
	if (event == AUDIT_CHAIN_TORN) {
		buf_fmt(b, ",\"bytes\":%lld", (long long)c->torn - 1);
	} else {
		buf_fmt(b, ",\"from_seq\":%lld", (long long)c->seq);
		add_mac(b, PREV_IS, c->mac);
	}
	finish(c, b, from);
}

void
audit_chain_sample(const struct audit_entry *entry, struct buf *b)
{

	add_time(b, entry->time_ms);
	add_entry(b, entry);
	buf_str(b, "}\n");
}

/* Skip ${s} if it is at ${at}. */
static bool
skip(const char **at, const char *end, const char *s)
{
	const size_t len = strlen(s);

	if ((size_t)(end - *at) < len || memcmp(*at, s, len) != 0)
		return (false);
	*at += len;
	return (true);
}

static bool
number(const char **at, const char *end, int64_t *n)
{
	const char *from = *at;

	while (*at < end && **at >= '0' && **at <= '9')
		(*at)++;
	return (num_parse(from, (size_t)(*at - from), 0, AUDIT_CHAIN_SEQ_MAX,
	    n) == ERR_OK);
}

/* Lower-case digits and a quote, so that a MAC has only one spelling. */
static bool
mac_at(const char **at, const char *end, uint8_t mac[HMAC_LEN])
{
	char again[DIGITS + 1];

	if ((size_t)(end - *at) < DIGITS ||
	    hex_decode(mac, HMAC_LEN, *at, DIGITS) != ERR_OK)
		return (false);
	hex_encode(again, mac, HMAC_LEN);
	return (skip(at, end, again) && skip(at, end, "\""));
}

/* Parse the value after ,"event": */
static bool
parse_event(const char *at, const char *end, struct audit_chain_line *line)
{
	const char *p;
	size_t i;

	for (i = AUDIT_CHAIN_NONE + 1; i < EVENTS; i++) {
		p = at;
		if (!skip(&p, end, events[i].name) || !skip(&p, end, "\"") ||
		    (events[i].reason != NULL &&
		    (!skip(&p, end, ",\"reason\":\"") ||
		    !skip(&p, end, events[i].reason) || !skip(&p, end, "\""))))
			continue;
		line->event = (enum audit_chain_event)i;
		if (i == AUDIT_CHAIN_TORN)
			return (skip(&p, end, ",\"bytes\":") &&
			    number(&p, end, &line->number) && p == end);
		if (!skip(&p, end, ",\"from_seq\":") ||
		    !number(&p, end, &line->number) ||
		    !skip(&p, end, PREV_IS))
			return (false);
		line->has_prev = true;
		return (mac_at(&p, end, line->prev) && p == end);
	}
	return (false);
}

static bool
parse(const char *text, size_t len, struct audit_chain_line *line)
{
	const char *at = text, *end = text + len, *tail;

	if (len < LEN(TIME_IS) + TIME_LEN + TAIL_LEN ||
	    len >= AUDIT_CHAIN_LINE_MAX || !skip(&at, end, TIME_IS))
		return (false);
	tail = end - TAIL_LEN;
	line->covered = (size_t)(tail - text);
	at += TIME_LEN;
	if (!skip(&at, tail, SEQ_IS) || !number(&at, tail, &line->seq) ||
	    line->seq == 0)
		return (false);
	if (skip(&at, tail, ",\"event\":\"")) {
		if (!parse_event(at, tail, line))
			return (false);
	} else if (at == tail || *at != ',') {
		return (false);
	}
	return (skip(&tail, end, MAC_IS) && mac_at(&tail, end, line->mac) &&
	    skip(&tail, end, "}") && tail == end);
}

enum err
audit_chain_parse(const char *text, size_t len, struct audit_chain_line *line)
{

	memset(line, 0, sizeof(*line));
	if (parse(text, len, line))
		return (ERR_OK);
	memset(line, 0, sizeof(*line));
	return (ERR_FORMAT);
}

bool
audit_chain_fits(const struct audit_chain *c, const uint8_t prev[HMAC_LEN],
    const char *text, const struct audit_chain_line *line)
{
	uint8_t mac[HMAC_LEN];

	audit_chain_mac(c, prev, text, line->covered, mac);
	return (memcmp(mac, line->mac, HMAC_LEN) == 0);
}

/* A line that was cut begins like a line, but does not end like one.  A
   complete line of another program does not look like that. */
static bool
is_cut(const char *text, size_t len)
{
	const size_t begin = len < LEN(TIME_IS) ? len : LEN(TIME_IS);

	return (len > 0 && len < AUDIT_CHAIN_LINE_MAX &&
	    memcmp(text, TIME_IS, begin) == 0 && text[len - 1] != '}');
}

enum audit_chain_verdict
audit_chain_take(struct audit_chain *c, const char *text, size_t len,
    struct audit_chain_line *line)
{
	int64_t torn;

	if (audit_chain_parse(text, len, line) != ERR_OK) {
		if (!is_cut(text, len))
			return (AUDIT_CHAIN_ODD);
		c->torn += (int64_t)len + 1;
		return (AUDIT_CHAIN_CUT);
	}
	if (line->seq != c->seq + 1 ||
	    !audit_chain_fits(c, c->mac, text, line))
		return (AUDIT_CHAIN_ODD);
	torn = line->event == AUDIT_CHAIN_TORN ? line->number + 1 : 0;
	torn -= c->torn;
	c->seq = line->seq;
	memcpy(c->mac, line->mac, HMAC_LEN);
	c->torn = 0;
	return (torn == 0 ? AUDIT_CHAIN_GOOD : AUDIT_CHAIN_MISFIT);
}
