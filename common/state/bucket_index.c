#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "state/bucket_index.h"
#include "state/snapshot.h"

#define MAGIC "fgate-b\n"
#define VERSION 1
#define BYTE_ORDER_MARK 0x01020304u
#define FLAGS (BUCKET_INDEX_DAMAGED | BUCKET_INDEX_TRUNCATED)

/* What all jobs may take; folders and miners always have their room. */
#define JOBS_BYTES_MAX (BUCKET_INDEX_BYTES_MAX / 4 * 3)

/* Blocks of job ids in a draft. */
#define TEXT_FIRST 65536

/* Where the id of a job lies, from its miner's text_at on. */
struct job {
	uint32_t at, len;
};

static_assert(JOBS_BYTES_MAX + (size_t)BUCKET_INDEX_ENTRIES_MAX *
    (sizeof(struct bucket_index_folder) + sizeof(struct bucket_index_miner)) <
    BUCKET_INDEX_BYTES_MAX - 4096, "an index is never too large to be read");
static_assert(sizeof(struct bucket_index_info) == 112, "no padding");
static_assert(sizeof(struct bucket_index_folder) == 80, "no padding");
static_assert(sizeof(struct bucket_index_miner) == 64, "no padding");

struct bucket_index {
	struct hmac *h;
	struct snapshot file;
};

/* A job id before it is written. */
struct id {
	const char *s;
	size_t len;
};

/* An array that grows. */
struct rows {
	void *row;
	size_t n, size;
};

struct bucket_index_draft {
	struct rows folders, miners, ids;
	struct arena *text;
	size_t text_len;	/* of the miner added last */
	size_t bytes;		/* of all jobs, as they will be written */
};

/* Parts of an index's bytes. */
static const struct bucket_index_folder *
folders_of(const struct bucket_index_info *info)
{

	return ((const void *)(info + 1));
}

static const struct bucket_index_miner *
miners_of(const struct bucket_index_info *info)
{

	return ((const void *)(folders_of(info) + info->folders));
}

static const struct job *
jobs_of(const struct bucket_index_info *info)
{

	return ((const void *)(miners_of(info) + info->miners));
}

static const char *
text_of(const struct bucket_index_info *info)
{

	return ((const void *)(jobs_of(info) + info->jobs));
}

/* The counts are within their limits. */
static uint64_t
file_bytes(const struct bucket_index_info *info)
{

	return (sizeof(*info) +
	    info->folders * sizeof(struct bucket_index_folder) +
	    info->miners * sizeof(struct bucket_index_miner) +
	    info->jobs * sizeof(struct job) + info->text_bytes);
}

static void
checksum(const struct bucket_index_info *info, struct hmac *h, uint8_t out[32])
{
	uint8_t in[offsetof(struct bucket_index_info, checksum) + HMAC_LEN];

	memcpy(in, info, offsetof(struct bucket_index_info, checksum));
	hmac_hash(h, info + 1, (size_t)info->file_bytes - sizeof(*info),
	    in + offsetof(struct bucket_index_info, checksum));
	hmac_hash(h, in, sizeof(in), out);
}

/* --- order --------------------------------------------------------------- */

static int
by_coldkey(const void *a, const void *b)
{
	const struct bucket_index_folder *x = a, *y = b;
	int c = memcmp(x->coldkey, y->coldkey, 32);

	return (c != 0 ? c : strcmp(x->source, y->source));
}

static int
by_hotkey(const void *a, const void *b)
{

	return (memcmp(((const struct bucket_index_miner *)a)->hotkey,
	    ((const struct bucket_index_miner *)b)->hotkey, 32));
}

static int
by_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return (c != 0 ? c : (a_len > b_len) - (a_len < b_len));
}

static int
by_id(const void *a, const void *b)
{
	const struct id *x = a, *y = b;

	return (by_text(x->s, x->len, y->s, y->len));
}

/* --- what is good -------------------------------------------------------- */

static bool
is_source(const char *s, size_t size)
{
	const char *end = memchr(s, '\0', size);

	return (end != NULL && text_is_name(s, (size_t)(end - s)));
}

static bool
is_id(const char *s, size_t len)
{

	return (len <= BUCKET_INDEX_JOB_MAX && memchr(s, '/', len) == NULL &&
	    memchr(s, '\0', len) == NULL);
}

static bool
folders_valid(const struct bucket_index_folder *f, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (!is_source(f[i].source, sizeof(f[i].source)) ||
		    (f[i].flags & ~FLAGS) != 0)
			return (false);
		if (i > 0 && by_coldkey(&f[i - 1], &f[i]) >= 0)
			return (false);
	}
	return (true);
}

/* The jobs of one miner: ids without gaps, ascending. */
static bool
jobs_valid(const struct job *job, uint32_t n, const char *text, uint64_t left,
    uint64_t *used)
{
	uint32_t i;

	*used = 0;
	for (i = 0; i < n; i++) {
		if (job[i].at != *used || job[i].len > left - *used ||
		    !is_id(text + *used, job[i].len))
			return (false);
		*used += job[i].len;
		if (i > 0 && by_text(text + job[i - 1].at, job[i - 1].len,
		    text + job[i].at, job[i].len) >= 0)
			return (false);
	}
	return (*used <= BUCKET_INDEX_TEXT_MAX);
}

static bool
miners_valid(const struct bucket_index_info *info)
{
	const struct bucket_index_miner *m = miners_of(info);
	uint64_t job = 0, at = 0, used;
	uint32_t i;

	for (i = 0; i < info->miners; i++) {
		if ((i > 0 && by_hotkey(&m[i - 1], &m[i]) >= 0) ||
		    (m[i].flags & ~FLAGS) != 0 || m[i].job_first != job ||
		    m[i].text_at != at || m[i].jobs > BUCKET_INDEX_JOBS_MAX ||
		    m[i].jobs > info->jobs - job ||
		    !jobs_valid(jobs_of(info) + job, m[i].jobs, text_of(info) +
		    at, info->text_bytes - at, &used))
			return (false);
		job += m[i].jobs;
		at += used;
	}
	return (job == info->jobs && at == info->text_bytes);
}

/* Is it a whole index?  NULL, or what is wrong.  The checksum is no signature:
   what is used as an index or a length is checked. */
static const char *
check(const struct file_map *map, void *user)
{
	const struct bucket_index_info *info = map->data;
	struct bucket_index *b = user;
	uint8_t sum[32];

	if (map->len < sizeof(*info) ||
	    memcmp(info->magic, MAGIC, sizeof(info->magic)) != 0 ||
	    info->version != VERSION || info->byte_order != BYTE_ORDER_MARK)
		return ("not a bucket index of this version");
	if (info->folders > BUCKET_INDEX_ENTRIES_MAX ||
	    info->miners > BUCKET_INDEX_ENTRIES_MAX || info->complete > 1 ||
	    info->jobs > BUCKET_INDEX_BYTES_MAX ||
	    info->text_bytes > BUCKET_INDEX_BYTES_MAX ||
	    info->file_bytes != map->len ||
	    info->file_bytes != file_bytes(info))
		return ("sizes do not agree");
	checksum(info, b->h, sum);
	if (memcmp(sum, info->checksum, sizeof(sum)) != 0)
		return ("checksum does not match");
	if (!folders_valid(folders_of(info), info->folders))
		return ("folders out of order");
	return (miners_valid(info) ? NULL : "miners out of order");
}

/* --- reading ------------------------------------------------------------- */

struct bucket_index *
bucket_index_new(const char *directory, struct hmac *h)
{
	struct bucket_index *b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		log_die("out_of_memory", "bucket_index");
	snapshot_path(directory, BUCKET_INDEX_FILE, b->file.path);
	b->file.optional = true;
	b->h = h;
	return (b);
}

void
bucket_index_free(struct bucket_index *b)
{

	if (b == NULL)
		return;
	file_map_close(&b->file.map);
	free(b);
}

enum err
bucket_index_refresh(struct bucket_index *b)
{

	snapshot_refresh(&b->file, BUCKET_INDEX_BYTES_MAX, check, b);
	return (b->file.map.data == NULL ? ERR_NO_INDEX : ERR_OK);
}

int64_t
bucket_index_as_of(const struct bucket_index_info *info)
{

	return (info->complete_at_s != 0 ? info->complete_at_s :
	    info->written_at_s);
}

const struct bucket_index_info *
bucket_index_info(const struct bucket_index *b)
{

	return (b->file.map.data);
}

const struct bucket_index_folder *
bucket_index_folder(const struct bucket_index *b, uint32_t i)
{

	return (folders_of(b->file.map.data) + i);
}

const struct bucket_index_miner *
bucket_index_miner(const struct bucket_index *b, uint32_t i)
{

	return (miners_of(b->file.map.data) + i);
}

const struct bucket_index_miner *
bucket_index_find(const struct bucket_index *b, const uint8_t hotkey[32])
{
	const struct bucket_index_info *info = b->file.map.data;
	struct bucket_index_miner key;

	memcpy(key.hotkey, hotkey, sizeof(key.hotkey));
	return (bsearch(&key, miners_of(info), info->miners, sizeof(key),
	    by_hotkey));
}

const char *
bucket_index_job(const struct bucket_index *b,
    const struct bucket_index_miner *m, uint32_t j, size_t *len)
{
	const struct bucket_index_info *info = b->file.map.data;
	const struct job *job = jobs_of(info) + m->job_first + j;

	*len = job->len;
	return (text_of(info) + m->text_at + job->at);
}

/* --- writing ------------------------------------------------------------- */

/* Room for one more row of so many bytes, behind all others. */
static void *
row_add(struct rows *r, size_t bytes)
{
	void *rows;

	if (r->n == r->size) {
		r->size = r->size == 0 ? 256 : r->size * 2;
		if ((rows = reallocarray(r->row, r->size, bytes)) == NULL)
			log_die("out_of_memory", "bucket_index");
		r->row = rows;
	}
	return (memset((char *)r->row + r->n++ * bytes, 0, bytes));
}

static void
rows_sort(struct rows *r, size_t bytes,
    int (*by)(const void *, const void *))
{

	if (r->n > 0)
		qsort(r->row, r->n, bytes, by);
}

struct bucket_index_draft *
bucket_index_draft_new(void)
{
	struct bucket_index_draft *d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		log_die("out_of_memory", "bucket_index");
	d->text = arena_new(TEXT_FIRST);
	return (d);
}

void
bucket_index_draft_free(struct bucket_index_draft *d)
{

	if (d == NULL)
		return;
	free(d->folders.row);
	free(d->miners.row);
	free(d->ids.row);
	arena_free(d->text);
	free(d);
}

enum err
bucket_index_add_folder(struct bucket_index_draft *d,
    const uint8_t coldkey[32], const char *source, int64_t seen_s,
    uint32_t flags)
{
	struct bucket_index_folder *f;
	size_t len = strlen(source);

	if (len > BUCKET_INDEX_SOURCE_MAX || !is_source(source, len + 1))
		return (ERR_FORMAT);
	if (d->folders.n == BUCKET_INDEX_ENTRIES_MAX)
		return (ERR_RANGE);
	f = row_add(&d->folders, sizeof(*f));
	memcpy(f->coldkey, coldkey, sizeof(f->coldkey));
	memcpy(f->source, source, len);
	f->last_seen_s = seen_s;
	f->flags = flags & FLAGS;
	return (ERR_OK);
}

enum err
bucket_index_add_miner(struct bucket_index_draft *d, const uint8_t hotkey[32],
    int64_t seen_s, uint32_t flags)
{
	struct bucket_index_miner *m;

	if (d->miners.n == BUCKET_INDEX_ENTRIES_MAX)
		return (ERR_RANGE);
	m = row_add(&d->miners, sizeof(*m));
	memcpy(m->hotkey, hotkey, sizeof(m->hotkey));
	m->last_seen_s = seen_s;
	m->flags = flags & FLAGS;
	m->job_first = d->ids.n;
	d->text_len = 0;
	return (ERR_OK);
}

static struct bucket_index_miner *
last_miner(struct bucket_index_draft *d)
{

	assert(d->miners.n > 0);
	return ((struct bucket_index_miner *)d->miners.row + d->miners.n - 1);
}

enum err
bucket_index_add_job(struct bucket_index_draft *d, const char *id, size_t len)
{
	struct bucket_index_miner *m = last_miner(d);
	struct id *row;

	if (!is_id(id, len))
		return (ERR_FORMAT);
	if (m->jobs == BUCKET_INDEX_JOBS_MAX ||
	    len > BUCKET_INDEX_TEXT_MAX - d->text_len ||
	    d->bytes > JOBS_BYTES_MAX) {
		m->flags |= BUCKET_INDEX_TRUNCATED;
		return (ERR_RANGE);
	}
	row = row_add(&d->ids, sizeof(*row));
	row->s = arena_text(d->text, id, len);
	row->len = len;
	d->text_len += len;
	d->bytes += sizeof(struct job) + len;
	m->jobs++;
	return (ERR_OK);
}

void
bucket_index_mark(struct bucket_index_draft *d, uint32_t flags)
{

	last_miner(d)->flags |= flags & FLAGS;
}

/* Sort each miner's ids and drop what is there twice; count what is left. */
static void
settle(struct bucket_index_draft *d, struct bucket_index_info *info)
{
	struct bucket_index_miner *m = d->miners.row;
	struct id *id;
	uint32_t n, j;
	size_t i;

	info->folders = (uint32_t)d->folders.n;
	info->miners = (uint32_t)d->miners.n;
	info->jobs = info->text_bytes = 0;
	for (i = 0; i < d->miners.n; i++) {
		if (m[i].jobs == 0)
			continue;
		id = (struct id *)d->ids.row + m[i].job_first;
		qsort(id, m[i].jobs, sizeof(*id), by_id);
		for (n = j = 0; j < m[i].jobs; j++) {
			if (n > 0 && by_id(&id[n - 1], &id[j]) == 0)
				continue;
			id[n++] = id[j];
			info->text_bytes += id[j].len;
		}
		m[i].jobs = n;
		info->jobs += n;
	}
	rows_sort(&d->folders, sizeof(struct bucket_index_folder), by_coldkey);
	rows_sort(&d->miners, sizeof(*m), by_hotkey);
}

/* Copy the draft behind ${out}, which has its counts. */
static void
fill(struct bucket_index_info *out, const struct bucket_index_draft *d)
{
	struct bucket_index_folder *f = (void *)(out + 1);
	struct bucket_index_miner *m = (void *)(f + out->folders);
	struct job *job = (void *)(m + out->miners);
	char *start = (void *)(job + out->jobs), *text = start;
	const struct id *id;
	uint64_t n = 0;
	uint32_t i, j;

	if (out->folders > 0)
		memcpy(f, d->folders.row, out->folders * sizeof(*f));
	if (out->miners > 0)
		memcpy(m, d->miners.row, out->miners * sizeof(*m));
	for (i = 0; i < out->miners; i++) {
		id = m[i].jobs == 0 ? NULL :
		    (const struct id *)d->ids.row + m[i].job_first;
		m[i].job_first = n;
		m[i].text_at = (uint64_t)(text - start);
		for (j = 0; j < m[i].jobs; j++, n++) {
			job[n].at = (uint32_t)((uint64_t)(text - start) -
			    m[i].text_at);
			job[n].len = (uint32_t)id[j].len;
			memcpy(text, id[j].s, id[j].len);
			text += id[j].len;
		}
	}
}

enum err
bucket_index_write(const char *directory, struct bucket_index_info *info,
    struct bucket_index_draft *d, struct hmac *h)
{
	struct bucket_index_info *out;
	char path[PATH_MAX];
	enum err e = ERR_FORMAT;

	settle(d, info);
	memcpy(info->magic, MAGIC, sizeof(info->magic));
	info->version = VERSION;
	info->byte_order = BYTE_ORDER_MARK;
	info->file_bytes = file_bytes(info);
	if ((out = calloc(1, (size_t)info->file_bytes)) == NULL)
		log_die("out_of_memory", "bucket_index");
	*out = *info;
	fill(out, d);
	checksum(out, h, out->checksum);
	memcpy(info->checksum, out->checksum, sizeof(info->checksum));
	snapshot_path(directory, BUCKET_INDEX_FILE, path);
	if (folders_valid(folders_of(out), out->folders) && miners_valid(out))
		e = file_replace(path, out, (size_t)out->file_bytes, 0644);
	free(out);
	return (e);
}
