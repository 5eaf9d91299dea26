#ifndef STATE_DENYLIST_ENTRY_H_
#define STATE_DENYLIST_ENTRY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "crypto/ss58.h"

struct buf;

/* An entry of the denylist, and the file's text (denylist.h). */

enum denylist_entry_kind {
	DENYLIST_ENTRY_HOTKEY, DENYLIST_ENTRY_COLDKEY, DENYLIST_ENTRY_ADDRESS
};

struct denylist_entry {
	enum denylist_entry_kind kind;
	uint8_t key[SS58_KEY_LEN];	/* of a hotkey, a coldkey */
	struct address_range range;	/* of an address */
	int64_t end_s;			/* or DENYLIST_NEVER */
	const char *reason;		/* without a NUL */
	size_t reason_len;
};

/* The longest value as text. */
#define DENYLIST_ENTRY_VALUE_MAX (ADDRESS_RANGE_TEXT_MAX > SS58_MAX ?	\
    ADDRESS_RANGE_TEXT_MAX : SS58_MAX)

/**
 * denylist_entry_kind(kind), denylist_entry_value(entry, out):
 * Return the word for a kind.  Write the value of ${entry} as text.
 */
const char *denylist_entry_kind(enum denylist_entry_kind kind);
void denylist_entry_value(const struct denylist_entry *entry,
    char out[DENYLIST_ENTRY_VALUE_MAX + 1]);

/**
 * denylist_entry_set(entry, kind, text, len):
 * Make ${entry} one of ${kind} with the value in the ${len} bytes at ${text}.
 * End and reason stay.
 *   Errors  ERR_FORMAT not an SS58 address, not an address or range; the value
 *	     is then unspecified
 */
CHECKED enum err denylist_entry_set(struct denylist_entry *entry,
    enum denylist_entry_kind kind, const char *text, size_t len);

/**
 * denylist_entry_reason(s, len):
 * May the ${len} bytes at ${s} be a reason: 1 to DENYLIST_REASON_MAX bytes of
 * UTF-8 without control characters?  So a reason may go to a terminal as it is.
 */
bool denylist_entry_reason(const char *s, size_t len);

/**
 * denylist_entry_same(a, b):
 * Do ${a} and ${b} have the same kind and value?
 */
bool denylist_entry_same(const struct denylist_entry *a,
    const struct denylist_entry *b);

/**
 * denylist_entry_new(n):
 * Return an array of ${n} entries.  The caller frees it.
 */
struct denylist_entry *denylist_entry_new(size_t n);

/**
 * denylist_entry_parse(text, len, entries, n):
 * Parse the file whose ${len} bytes are at ${text}.  Set ${entries} to an
 * array of its ${n} entries, which the caller frees, and return NULL.  The
 * reasons stay in ${text}.  On failure return the fault, a static string.
 * Below DENYLIST_ENTRIES_MAX the array has room for one more.
 */
const char *denylist_entry_parse(const char *text, size_t len,
    struct denylist_entry **entries, size_t *n);

/**
 * denylist_entry_write(entries, n, b):
 * Append the text of a file with ${n} ${entries} to ${b}.
 */
void denylist_entry_write(const struct denylist_entry *entries, size_t n,
    struct buf *b);

#endif /* !STATE_DENYLIST_ENTRY_H_ */
