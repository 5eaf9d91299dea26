#ifndef STATE_BUCKET_FORM_H_
#define STATE_BUCKET_FORM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/bucket_index.h"

struct hmac;

/*
 * The form of the bucket index's bytes, for its reader (bucket_index) and its
 * writer (bucket_draft).
 */
#define BUCKET_FORM_MAGIC "fgate-b\n"
#define BUCKET_FORM_VERSION 1
#define BUCKET_FORM_BYTE_ORDER 0x01020304u
#define BUCKET_FORM_FLAGS (BUCKET_INDEX_DAMAGED | BUCKET_INDEX_TRUNCATED)

/* The most bytes for all jobs.  Folders and miners always have their room. */
#define BUCKET_FORM_JOBS_BYTES_MAX (BUCKET_INDEX_BYTES_MAX / 4 * 3)

/* The place of a job's id, relative to its miner's text_at. */
struct bucket_form_job {
	uint32_t at, len;
};

/**
 * bucket_form_folders(info), bucket_form_miners(info), bucket_form_jobs(info),
 * bucket_form_text(info):
 * The parts that follow ${info}, whose counts are within their limits.
 */
const struct bucket_index_folder *bucket_form_folders(
    const struct bucket_index_info *info);
const struct bucket_index_miner *bucket_form_miners(
    const struct bucket_index_info *info);
const struct bucket_form_job *bucket_form_jobs(
    const struct bucket_index_info *info);
const char *bucket_form_text(const struct bucket_index_info *info);

/**
 * bucket_form_bytes(info):
 * Return the length of a file with these counts, which must be within their
 * limits.
 */
uint64_t bucket_form_bytes(const struct bucket_index_info *info);

/**
 * bucket_form_sum(info, h, out):
 * Set ${out} to the checksum of the ${info->file_bytes} bytes at ${info}.
 */
void bucket_form_sum(const struct bucket_index_info *info, struct hmac *h,
    uint8_t out[32]);

/**
 * bucket_form_by_coldkey(a, b), bucket_form_by_hotkey(a, b):
 * The order of folders, and of miners, as qsort() asks for it.
 * bucket_form_by_text(a, a_len, b, b_len):
 * The order of job ids: by bytes, a shorter one before those it begins.
 */
int bucket_form_by_coldkey(const void *a, const void *b);
int bucket_form_by_hotkey(const void *a, const void *b);
int bucket_form_by_text(const char *a, size_t a_len, const char *b,
    size_t b_len);

/**
 * bucket_form_is_source(s, size):
 * Is there a source's name with its NUL in the ${size} bytes at ${s}?
 * bucket_form_is_id(s, len):
 * May these ${len} bytes be a job id?
 */
bool bucket_form_is_source(const char *s, size_t size);
bool bucket_form_is_id(const char *s, size_t len);

/**
 * bucket_form_wrong(info):
 * Check every index, length and order.  Return NULL, or the fault as a static
 * string.
 */
const char *bucket_form_wrong(const struct bucket_index_info *info);

#endif /* !STATE_BUCKET_FORM_H_ */
