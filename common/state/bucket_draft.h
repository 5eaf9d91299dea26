#ifndef STATE_BUCKET_DRAFT_H_
#define STATE_BUCKET_DRAFT_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "state/bucket_index.h"

/*
 * A bucket index while it is made.  Only bucket-sync writes one.
 */
struct bucket_draft;

/**
 * bucket_draft_new(), bucket_draft_free(d):
 * Make an empty draft; free one.
 */
struct bucket_draft *bucket_draft_new(void);
void bucket_draft_free(struct bucket_draft *d);

/**
 * bucket_draft_add_folder(d, coldkey, source, seen_s, flags),
 * bucket_draft_add_miner(d, hotkey, seen_s, flags):
 * Add an entry, in any order.
 *   Errors  ERR_RANGE too many; ERR_FORMAT the ${source}
 */
CHECKED enum err bucket_draft_add_folder(struct bucket_draft *d,
    const uint8_t coldkey[32], const char *source, int64_t seen_s,
    uint32_t flags);
CHECKED enum err bucket_draft_add_miner(struct bucket_draft *d,
    const uint8_t hotkey[32], int64_t seen_s, uint32_t flags);

/**
 * bucket_draft_add_job(d, id, len):
 * Add a job to the miner added last, in any order.  A repeated job counts
 * once.
 *   Errors  ERR_FORMAT the ${id}; ERR_RANGE the miner, or the file, is full;
 *	     the miner is then marked as truncated
 */
CHECKED enum err bucket_draft_add_job(struct bucket_draft *d,
    const char *id, size_t len);

/**
 * bucket_draft_mark(d, flags):
 * Add ${flags} to those of the miner added last.
 */
void bucket_draft_mark(struct bucket_draft *d, uint32_t flags);

/**
 * bucket_draft_write(directory, info, d, h):
 * Replace the file in the state ${directory} by the content of ${d}, which is
 * sorted in place.  The caller sets the times, complete and ignored of
 * ${info}.  The rest is filled in.
 *   Errors  ERR_FORMAT an entry is there twice; ERR_IO
 */
CHECKED enum err bucket_draft_write(const char *directory,
    struct bucket_index_info *info, struct bucket_draft *d,
    struct hmac *h);

#endif /* !STATE_BUCKET_DRAFT_H_ */
