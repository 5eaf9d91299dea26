#ifndef STATE_BUCKET_INDEX_H_
#define STATE_BUCKET_INDEX_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct hmac;

/*
 * The bucket index: who has a folder in the bucket.  bucket-sync writes it,
 * whole; endpoints map it and walk through it.  An endpoint:
 *
 *	struct bucket_index *b = bucket_index_new(state_directory, hmac);
 *	...	at the start of each request:
 *	if ((e = bucket_index_refresh(b)) != ERR_OK)
 *		return (e);
 *	info = bucket_index_info(b);
 *	for (i = 0; i < info->folders; i++)
 *		f = bucket_index_folder(b, i);	 f->coldkey, f->source
 *	for (i = 0; i < info->miners; i++) {
 *		m = bucket_index_miner(b, i);	 m->hotkey, m->jobs, m->flags
 *		for (j = 0; j < m->jobs; j++)
 *			id = bucket_index_job(b, m, j, &len);
 *	}
 *
 * The file, in the machine's byte order: struct bucket_index_info; the folders,
 * ascending by coldkey, then source; the miners, ascending by hotkey; their
 * jobs, miner by miner; the text of the job ids, without gaps.
 */
#define BUCKET_INDEX_FILE "bucket.index"
#define BUCKET_INDEX_ENTRIES_MAX 1000000	/* folders, and miners */
#define BUCKET_INDEX_SOURCE_MAX TEXT_NAME_MAX
#define BUCKET_INDEX_JOB_MAX 1024	/* bytes of a job id */
#define BUCKET_INDEX_JOBS_MAX 10000	/* of a miner */
#define BUCKET_INDEX_TEXT_MAX 1048576	/* bytes of a miner's job ids */
#define BUCKET_INDEX_BYTES_MAX ((size_t)1 << 30)

#define BUCKET_INDEX_DAMAGED 1u		/* part of it could not be read */
#define BUCKET_INDEX_TRUNCATED 2u	/* some of it was left out */

struct bucket_index_info {
	char magic[8];
	uint32_t version, byte_order;
	uint64_t file_bytes;
	int64_t written_at_s;		/* when this file was made */
	int64_t complete_at_s;		/* when one was last complete; 0 */
	int64_t walk_ms;		/* how long the last walk took */
	uint32_t complete;		/* was all of it seen? 0 or 1 */
	uint32_t ignored;		/* seen folders that belong to nobody */
	uint32_t folders, miners;	/* how many there are */
	uint64_t jobs, text_bytes;
	uint8_t checksum[32];		/* SHA-256(all above, SHA-256(rest)) */
};

/* data/<source>/<coldkey>/ */
struct bucket_index_folder {
	uint8_t coldkey[32];
	int64_t last_seen_s;
	uint32_t flags;
	char source[BUCKET_INDEX_SOURCE_MAX + 4];	/* NUL to its end */
};

/* data/hotkey=<hotkey>/, and in it job_id=<job>/ */
struct bucket_index_miner {
	uint8_t hotkey[32];
	int64_t last_seen_s;
	uint64_t job_first, text_at;	/* for bucket_index_job() */
	uint32_t jobs;			/* how many; ids ascend bytewise */
	uint32_t flags;
};

struct bucket_index;

/**
 * bucket_index_new(directory, h), bucket_index_free(b):
 * Return a reader of the index in the state ${directory}.  Nothing is mapped
 * yet.  ${h} must stay valid.
 */
struct bucket_index *bucket_index_new(const char *directory, struct hmac *h);
void bucket_index_free(struct bucket_index *b);

/**
 * bucket_index_refresh(b):
 * One stat().  If the file is not the mapped one, check it and map it
 * instead.  A damaged or foreign file is logged once and refused, and the
 * mapped one stays.  Call this at the start of a request.  Pointers that the
 * functions below return are valid until the next call.
 *   Errors  ERR_NO_INDEX nothing is mapped; of the functions below, only
 *	     bucket_index_info() may then be called
 */
CHECKED enum err bucket_index_refresh(struct bucket_index *b);

/**
 * bucket_index_as_of(info):
 * Return the time as of which ${info}'s index is complete: when a walk was
 * last complete or, if none ever was, when the index was made.
 */
int64_t bucket_index_as_of(const struct bucket_index_info *info);

/**
 * bucket_index_info(b):
 * Return the mapped index's info, or NULL if there is none.  Its age is now
 * less written_at_s: a failed walk leaves the file alone.
 */
const struct bucket_index_info *bucket_index_info(
    const struct bucket_index *b);

/**
 * bucket_index_folder(b, i), bucket_index_miner(b, i):
 * Return the ${i}-th, ${i} < info->folders, info->miners.
 */
const struct bucket_index_folder *bucket_index_folder(
    const struct bucket_index *b, uint32_t i);
const struct bucket_index_miner *bucket_index_miner(
    const struct bucket_index *b, uint32_t i);

/**
 * bucket_index_find(b, hotkey):
 * Return the miner with ${hotkey}, or NULL.
 */
const struct bucket_index_miner *bucket_index_find(
    const struct bucket_index *b, const uint8_t hotkey[32]);

/**
 * bucket_index_job(b, m, j, len):
 * Return the id of the ${j}-th job of miner ${m}, ${j} < m->jobs: ${len}
 * bytes, 0 to BUCKET_INDEX_JOB_MAX, any but NUL and "/", without a NUL after
 * them.  Its folder is data/hotkey=<hotkey>/job_id=<id>/.
 */
const char *bucket_index_job(const struct bucket_index *b,
    const struct bucket_index_miner *m, uint32_t j, size_t *len);

#endif /* !STATE_BUCKET_INDEX_H_ */
