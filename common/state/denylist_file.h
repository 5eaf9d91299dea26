#ifndef STATE_DENYLIST_FILE_H_
#define STATE_DENYLIST_FILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "state/denylist_entry.h"

/* The denylist (denylist.h), for programs that print or change it. */

struct denylist_file {
	struct denylist_entry *entry;	/* in the order of adding */
	size_t n;
	struct file_map map;		/* holds the reasons */
};

/**
 * denylist_file_read(directory, f), denylist_file_free(f):
 * Read the denylist in the state ${directory}; it is empty if there is none.
 *   Errors  ERR_LEDGER damaged, or cannot be read; logged; nothing to free
 */
CHECKED enum err denylist_file_read(const char *directory,
    struct denylist_file *f);
void denylist_file_free(struct denylist_file *f);

/**
 * denylist_file_add(directory, entry, now_s, replaced),
 * denylist_file_remove(directory, entry, now_s, found):
 * Add ${entry} to the denylist in the state ${directory} in place of those
 * with its kind and value; or remove those.  Set ${replaced} or ${found} if
 * there were any.  The functions wait while another process changes the list.
 * If the list is full, entries that have ended at ${now_s} are dropped.
 *   Errors  ERR_FORMAT the reason or the end; ERR_RANGE full; ERR_LEDGER the
 *	     present file is damaged, it stays as it is; ERR_IO; the last two
 *	     are logged
 */
CHECKED enum err denylist_file_add(const char *directory,
    const struct denylist_entry *entry, int64_t now_s, bool *replaced);
CHECKED enum err denylist_file_remove(const char *directory,
    const struct denylist_entry *entry, int64_t now_s, bool *found);

#endif /* !STATE_DENYLIST_FILE_H_ */
