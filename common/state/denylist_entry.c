#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/address_read.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "state/denylist.h"
#include "state/denylist_entry.h"

#define HEADER "foldergate denylist 1"
#define COUNT "entries"

/* The fewest bytes of an entry's line. */
#define ENTRY_LEAST (sizeof("hotkey :: 0 r\n") - 1)

static_assert((size_t)DENYLIST_ENTRIES_MAX * (sizeof("address ") +
    DENYLIST_ENTRY_VALUE_MAX + sizeof(" 253402300799 \n") +
    DENYLIST_REASON_MAX) + 100 < DENYLIST_BYTES_MAX,
    "a full list is never too long to be read");

static const char *const kinds[] = { "hotkey", "coldkey", "address" };

const char *
denylist_entry_kind(enum denylist_entry_kind kind)
{

	return (kinds[kind]);
}

void
denylist_entry_value(const struct denylist_entry *entry,
    char out[DENYLIST_ENTRY_VALUE_MAX + 1])
{

	if (entry->kind == DENYLIST_ENTRY_ADDRESS)
		address_range_text(&entry->range, out);
	else
		ss58_encode(entry->key, out);
}

enum err
denylist_entry_set(struct denylist_entry *entry,
    enum denylist_entry_kind kind, const char *text, size_t len)
{

	entry->kind = kind;
	if (kind == DENYLIST_ENTRY_ADDRESS)
		return (address_read_range(text, len, &entry->range));
	return (ss58_decode(text, len, entry->key));
}

/* C0, DEL, and C1 in UTF-8.  Terminals obey all three. */
static bool
is_control(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	return (p[0] < 0x20 || p[0] == 0x7f ||
	    (len == 2 && p[0] == 0xc2 && p[1] < 0xa0));
}

bool
denylist_entry_reason(const char *s, size_t len)
{
	size_t n;

	if (len < 1 || len > DENYLIST_REASON_MAX)
		return (false);
	for (; len > 0; s += n, len -= n) {
		if ((n = text_utf8_next(s, len)) == 0 || is_control(s, n))
			return (false);
	}
	return (true);
}

bool
denylist_entry_same(const struct denylist_entry *a,
    const struct denylist_entry *b)
{

	if (a->kind != b->kind)
		return (false);
	if (a->kind != DENYLIST_ENTRY_ADDRESS)
		return (memcmp(a->key, b->key, sizeof(a->key)) == 0);
	return (a->range.bits == b->range.bits &&
	    address_in(&a->range, &b->range.base));
}

/* --- text ---------------------------------------------------------------- */

/* Cut off the text before the next ${end}.  Return false if there is none. */
static bool
cut(const char **s, size_t *len, char end, const char **head, size_t *head_len)
{
	const char *p = memchr(*s, end, *len);

	if (p == NULL)
		return (false);
	*head = *s;
	*head_len = (size_t)(p - *s);
	*len -= *head_len + 1;
	*s = p + 1;
	return (true);
}

static bool
parse_kind(const char *s, size_t len, enum denylist_entry_kind *kind)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (text_equal(s, len, kinds[i])) {
			*kind = (enum denylist_entry_kind)i;
			return (true);
		}
	}
	return (false);
}

static bool
parse_end(const char *s, size_t len, int64_t *end_s)
{
	uint64_t n;

	if (text_equal(s, len, "never")) {
		*end_s = DENYLIST_NEVER;
		return (true);
	}
	if (num_parse_u64(s, len, TIMEFMT_S_MAX, &n) != ERR_OK)
		return (false);
	*end_s = (int64_t)n;
	return (true);
}

static bool
parse_entry(const char *s, size_t len, struct denylist_entry *e)
{
	enum denylist_entry_kind kind;
	const char *word;
	size_t n;

	if (!cut(&s, &len, ' ', &word, &n) || !parse_kind(word, n, &kind) ||
	    !cut(&s, &len, ' ', &word, &n) ||
	    denylist_entry_set(e, kind, word, n) != ERR_OK ||
	    !cut(&s, &len, ' ', &word, &n) || !parse_end(word, n, &e->end_s))
		return (false);
	e->reason = s;
	e->reason_len = len;
	return (denylist_entry_reason(s, len));
}

/* Is it the last line, of a file with ${n} entries? */
static bool
is_count(const char *s, size_t len, size_t n)
{
	const char *word;
	size_t word_len;
	uint64_t said;

	return (cut(&s, &len, ' ', &word, &word_len) &&
	    text_equal(word, word_len, COUNT) &&
	    num_parse_u64(s, len, DENYLIST_ENTRIES_MAX, &said) == ERR_OK &&
	    said == n);
}

/* The most entries in ${len} bytes, plus one.  The last line is no entry,
   so a list that is not full has room for one more. */
static size_t
room_for(size_t len)
{
	size_t n = len / ENTRY_LEAST + 1;

	return (n < DENYLIST_ENTRIES_MAX ? n : DENYLIST_ENTRIES_MAX);
}

struct denylist_entry *
denylist_entry_new(size_t n)
{
	struct denylist_entry *e;

	if ((e = calloc(n, sizeof(*e))) == NULL)
		log_die("out_of_memory", "denylist");
	return (e);
}

const char *
denylist_entry_parse(const char *text, size_t len,
    struct denylist_entry **entries, size_t *n)
{
	const char *line, *wrong = "cut off";
	size_t line_len, room = room_for(len);

	if (!cut(&text, &len, '\n', &line, &line_len) ||
	    !text_equal(line, line_len, HEADER))
		return ("not a denylist of this version");
	*entries = denylist_entry_new(room);
	for (*n = 0; cut(&text, &len, '\n', &line, &line_len); (*n)++) {
		if (len == 0 && is_count(line, line_len, *n))
			return (NULL);
		wrong = "too many entries";
		if (*n == room)
			break;
		wrong = "an entry or the count is malformed";
		if (!parse_entry(line, line_len, &(*entries)[*n]))
			break;
		wrong = "cut off";
	}
	free(*entries);
	*entries = NULL;
	return (wrong);
}

void
denylist_entry_write(const struct denylist_entry *entry, size_t n,
    struct buf *b)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1];
	size_t i;

	buf_str(b, HEADER "\n");
	for (i = 0; i < n; i++) {
		denylist_entry_value(&entry[i], value);
		buf_fmt(b, "%s %s ", kinds[entry[i].kind], value);
		if (entry[i].end_s == DENYLIST_NEVER)
			buf_str(b, "never");
		else
			buf_int(b, entry[i].end_s);
		buf_char(b, ' ');
		buf_add(b, entry[i].reason, entry[i].reason_len);
		buf_char(b, '\n');
	}
	buf_fmt(b, COUNT " %zu\n", n);
}
