#ifndef STATE_DENYLIST_H_
#define STATE_DENYLIST_H_

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"

/*
 * The denied: hotkeys, coldkeys with all their hotkeys, and address ranges,
 * each until a time or forever.  One file in the state directory, replaced as
 * a whole (denylist_file.h).  Every endpoint reads it, and a change takes
 * effect with the next request.  Lines of text, each ended by a newline, with
 * words separated by one space:
 *
 *	foldergate denylist 1
 *	hotkey 5Grw... never sells its uploads
 *	address 198.51.100.0/24 1774000123 scans
 *	entries 2
 *
 * An entry is kind, value, end (Unix seconds, or "never") and reason.  The
 * last line shows that the file is complete.  An entry that is there twice
 * denies until the later of its ends.
 */
#define DENYLIST_FILE "denylist"
#define DENYLIST_ENTRIES_MAX 10000	/* ranges take a request 13 ns each */
#define DENYLIST_BYTES_MAX ((size_t)4 << 20)
#define DENYLIST_REASON_MAX 200		/* bytes */
#define DENYLIST_NEVER INT64_MAX	/* an end */

struct denylist;

/**
 * denylist_new(directory), denylist_free(d):
 * Return a reader of the denylist in the state ${directory}.  Nothing is read
 * yet.
 */
struct denylist *denylist_new(const char *directory);
void denylist_free(struct denylist *d);

/**
 * denylist_refresh(d):
 * One stat().  If the file is not the one in use, read it.  Call this at the
 * start of a request.  If there is no file and never was one, nobody is
 * denied.  A file that is damaged or cannot be read is logged and refused, and
 * the list in use stays.  The list also stays if the file vanishes: an
 * operator can write an empty list, and a list lost by accident must not open
 * the door.  A process started after that has no list.
 *   Errors  ERR_LEDGER there is a file, but this process never read a good one
 */
CHECKED enum err denylist_refresh(struct denylist *d);

/**
 * denylist_address(d, a, now_s), denylist_key(d, hotkey, coldkey, now_s):
 * Is the address ${a}, or the key ${hotkey} whose owner is ${coldkey}, denied
 * at ${now_s} by the list that denylist_refresh() left?  An entry whose end is
 * ${now_s} or before denies nothing.
 *   Errors  ERR_DENIED denied; ERR_LEDGER as denylist_refresh(), also before
 *	     its first call
 */
CHECKED enum err denylist_address(const struct denylist *d,
    const struct address *a, int64_t now_s);
CHECKED enum err denylist_key(const struct denylist *d,
    const uint8_t hotkey[32], const uint8_t coldkey[32], int64_t now_s);

#endif /* !STATE_DENYLIST_H_ */
