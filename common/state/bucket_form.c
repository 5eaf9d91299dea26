#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "crypto/hmac.h"
#include "base/timefmt.h"
#include "state/bucket_form.h"

static_assert(BUCKET_FORM_JOBS_BYTES_MAX + (size_t)BUCKET_INDEX_ENTRIES_MAX *
    (sizeof(struct bucket_index_folder) + sizeof(struct bucket_index_miner)) <
    BUCKET_INDEX_BYTES_MAX - 4096, "an index is never too large to be read");
static_assert(sizeof(struct bucket_index_info) == 112, "no padding");
static_assert(sizeof(struct bucket_index_folder) == 80, "no padding");
static_assert(sizeof(struct bucket_index_miner) == 64, "no padding");

const struct bucket_index_folder *
bucket_form_folders(const struct bucket_index_info *info)
{

	return ((const void *)(info + 1));
}

const struct bucket_index_miner *
bucket_form_miners(const struct bucket_index_info *info)
{

	return ((const void *)(bucket_form_folders(info) + info->folders));
}

const struct bucket_form_job *
bucket_form_jobs(const struct bucket_index_info *info)
{

	return ((const void *)(bucket_form_miners(info) + info->miners));
}

const char *
bucket_form_text(const struct bucket_index_info *info)
{

	return ((const void *)(bucket_form_jobs(info) + info->jobs));
}

uint64_t
bucket_form_bytes(const struct bucket_index_info *info)
{

	return (sizeof(*info) +
	    info->folders * sizeof(struct bucket_index_folder) +
	    info->miners * sizeof(struct bucket_index_miner) +
	    info->jobs * sizeof(struct bucket_form_job) + info->text_bytes);
}

void
bucket_form_sum(const struct bucket_index_info *info, struct hmac *h,
    uint8_t out[32])
{
	uint8_t in[offsetof(struct bucket_index_info, checksum) + HMAC_LEN];

	memcpy(in, info, offsetof(struct bucket_index_info, checksum));
	hmac_hash(h, info + 1, (size_t)info->file_bytes - sizeof(*info),
	    in + offsetof(struct bucket_index_info, checksum));
	hmac_hash(h, in, sizeof(in), out);
}

/* --- order --------------------------------------------------------------- */

int
bucket_form_by_coldkey(const void *a, const void *b)
{
	const struct bucket_index_folder *x = a, *y = b;
	int c = memcmp(x->coldkey, y->coldkey, 32);

	return (c != 0 ? c : strcmp(x->source, y->source));
}

int
bucket_form_by_hotkey(const void *a, const void *b)
{

	return (memcmp(((const struct bucket_index_miner *)a)->hotkey,
	    ((const struct bucket_index_miner *)b)->hotkey, 32));
}

int
bucket_form_by_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return (c != 0 ? c : (a_len > b_len) - (a_len < b_len));
}

/* --- validity ------------------------------------------------------------ */

bool
bucket_form_is_source(const char *s, size_t size)
{
	const char *end = memchr(s, '\0', size);

	return (end != NULL && text_is_name(s, (size_t)(end - s)));
}

bool
bucket_form_is_id(const char *s, size_t len)
{

	return (len <= BUCKET_INDEX_JOB_MAX && memchr(s, '/', len) == NULL &&
	    memchr(s, '\0', len) == NULL);
}

/* Is it a time that can be subtracted from another one, and be written? */
static bool
is_time(int64_t s)
{

	return (s >= 0 && s <= TIMEFMT_S_MAX);
}

static bool
folders_valid(const struct bucket_index_folder *f, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (!bucket_form_is_source(f[i].source, sizeof(f[i].source)) ||
		    (f[i].flags & ~BUCKET_FORM_FLAGS) != 0 ||
		    !is_time(f[i].last_seen_s))
			return (false);
		if (i > 0 && bucket_form_by_coldkey(&f[i - 1], &f[i]) >= 0)
			return (false);
	}
	return (true);
}

/* Are the jobs of one miner valid?  Their ids have no gaps and ascend. */
static bool
jobs_valid(const struct bucket_form_job *job, uint32_t n, const char *text,
    uint64_t left, uint64_t *used)
{
	uint32_t i;

	*used = 0;
	for (i = 0; i < n; i++) {
		if (job[i].at != *used || job[i].len > left - *used ||
		    !bucket_form_is_id(text + *used, job[i].len))
			return (false);
		*used += job[i].len;
		if (i > 0 && bucket_form_by_text(text + job[i - 1].at,
		    job[i - 1].len, text + job[i].at, job[i].len) >= 0)
			return (false);
	}
	return (*used <= BUCKET_INDEX_TEXT_MAX);
}

static bool
miners_valid(const struct bucket_index_info *info)
{
	const struct bucket_index_miner *m = bucket_form_miners(info);
	uint64_t job = 0, at = 0, used;
	uint32_t i;

	for (i = 0; i < info->miners; i++) {
		if ((i > 0 && bucket_form_by_hotkey(&m[i - 1], &m[i]) >= 0) ||
		    (m[i].flags & ~BUCKET_FORM_FLAGS) != 0 ||
		    !is_time(m[i].last_seen_s) ||
		    m[i].job_first != job || m[i].text_at != at ||
		    m[i].jobs > BUCKET_INDEX_JOBS_MAX ||
		    m[i].jobs > info->jobs - job ||
		    !jobs_valid(bucket_form_jobs(info) + job, m[i].jobs,
		    bucket_form_text(info) + at, info->text_bytes - at, &used))
			return (false);
		job += m[i].jobs;
		at += used;
	}
	return (job == info->jobs && at == info->text_bytes);
}

const char *
bucket_form_wrong(const struct bucket_index_info *info)
{

	if (!is_time(info->written_at_s) || !is_time(info->complete_at_s) ||
	    info->walk_ms < 0 || !is_time(info->walk_ms / 1000))
		return ("a time out of range");
	if (!folders_valid(bucket_form_folders(info), info->folders))
		return ("folders out of order");
	return (miners_valid(info) ? NULL : "miners out of order");
}
