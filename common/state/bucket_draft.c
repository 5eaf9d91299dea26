#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "state/bucket_draft.h"
#include "state/bucket_form.h"
#include "state/snapshot.h"

/* Blocks of job ids. */
#define TEXT_FIRST 65536

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

struct bucket_draft {
	struct rows folders, miners, ids;
	struct arena *text;
	size_t text_len;	/* of the miner added last */
	size_t bytes;		/* of all jobs, in the file's form */
};

static int
by_id(const void *a, const void *b)
{
	const struct id *x = a, *y = b;

	return (bucket_form_by_text(x->s, x->len, y->s, y->len));
}

/* Return room for one more row of ${size} bytes, after all others. */
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

struct bucket_draft *
bucket_draft_new(void)
{
	struct bucket_draft *d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		log_die("out_of_memory", "bucket_index");
	d->text = arena_new(TEXT_FIRST);
	return (d);
}

void
bucket_draft_free(struct bucket_draft *d)
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
bucket_draft_add_folder(struct bucket_draft *d,
    const uint8_t coldkey[32], const char *source, int64_t seen_s,
    uint32_t flags)
{
	struct bucket_index_folder *f;
	size_t len = strlen(source);

	if (len > BUCKET_INDEX_SOURCE_MAX ||
	    !bucket_form_is_source(source, len + 1))
		return (ERR_FORMAT);
	if (d->folders.n == BUCKET_INDEX_ENTRIES_MAX)
		return (ERR_RANGE);
	f = row_add(&d->folders, sizeof(*f));
	memcpy(f->coldkey, coldkey, sizeof(f->coldkey));
	memcpy(f->source, source, len);
	f->last_seen_s = seen_s;
	f->flags = flags & BUCKET_FORM_FLAGS;
	return (ERR_OK);
}

enum err
bucket_draft_add_miner(struct bucket_draft *d, const uint8_t hotkey[32],
    int64_t seen_s, uint32_t flags)
{
	struct bucket_index_miner *m;

	if (d->miners.n == BUCKET_INDEX_ENTRIES_MAX)
		return (ERR_RANGE);
	m = row_add(&d->miners, sizeof(*m));
	memcpy(m->hotkey, hotkey, sizeof(m->hotkey));
	m->last_seen_s = seen_s;
	m->flags = flags & BUCKET_FORM_FLAGS;
	m->job_first = d->ids.n;
	d->text_len = 0;
	return (ERR_OK);
}

static struct bucket_index_miner *
last_miner(struct bucket_draft *d)
{

	assert(d->miners.n > 0);
	return ((struct bucket_index_miner *)d->miners.row + d->miners.n - 1);
}

enum err
bucket_draft_add_job(struct bucket_draft *d, const char *id, size_t len)
{
	struct bucket_index_miner *m = last_miner(d);
	struct id *row;

	if (!bucket_form_is_id(id, len))
		return (ERR_FORMAT);
	if (m->jobs == BUCKET_INDEX_JOBS_MAX ||
	    len > BUCKET_INDEX_TEXT_MAX - d->text_len ||
	    d->bytes > BUCKET_FORM_JOBS_BYTES_MAX) {
		m->flags |= BUCKET_INDEX_TRUNCATED;
		return (ERR_RANGE);
	}
	row = row_add(&d->ids, sizeof(*row));
	row->s = arena_text(d->text, id, len);
	row->len = len;
	d->text_len += len;
	d->bytes += sizeof(struct bucket_form_job) + len;
	m->jobs++;
	return (ERR_OK);
}

void
bucket_draft_mark(struct bucket_draft *d, uint32_t flags)
{

	last_miner(d)->flags |= flags & BUCKET_FORM_FLAGS;
}

/* Sort each miner's ids and drop repeated ones.  Count the rest. */
static void
settle(struct bucket_draft *d, struct bucket_index_info *info)
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
	rows_sort(&d->folders, sizeof(struct bucket_index_folder),
	    bucket_form_by_coldkey);
	rows_sort(&d->miners, sizeof(*m), bucket_form_by_hotkey);
}

/* Copy the draft after ${out}, which has its counts. */
static void
fill(struct bucket_index_info *out, const struct bucket_draft *d)
{
	struct bucket_index_folder *f = (void *)(out + 1);
	struct bucket_index_miner *m = (void *)(f + out->folders);
	struct bucket_form_job *job = (void *)(m + out->miners);
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
bucket_draft_write(const char *directory, struct bucket_index_info *info,
    struct bucket_draft *d, struct hmac *h)
{
	struct bucket_index_info *out;
	char path[PATH_MAX];
	enum err e = ERR_FORMAT;

	settle(d, info);
	memcpy(info->magic, BUCKET_FORM_MAGIC, sizeof(info->magic));
	info->version = BUCKET_FORM_VERSION;
	info->byte_order = BUCKET_FORM_BYTE_ORDER;
	info->file_bytes = bucket_form_bytes(info);
	if ((out = calloc(1, (size_t)info->file_bytes)) == NULL)
		log_die("out_of_memory", "bucket_index");
	*out = *info;
	fill(out, d);
	bucket_form_sum(out, h, out->checksum);
	memcpy(info->checksum, out->checksum, sizeof(info->checksum));
	snapshot_path(directory, BUCKET_INDEX_FILE, path);
	if (bucket_form_wrong(out) == NULL)
		e = file_replace(path, out, (size_t)out->file_bytes, 0644);
	free(out);
	return (e);
}
