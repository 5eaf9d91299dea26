#include <string.h>

#include "base/arena.h"
#include "s3/presign.h"
#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/list_jobs.h"

struct job {
	struct text_span job_id, path;
	struct emit_url presigned_url;
};

static const struct emit_field job_fields[] = {
	EMIT_FIELD(struct job, job_id, EMIT_SPAN, NULL, "The job"),
	EMIT_FIELD(struct job, path, EMIT_SPAN, NULL,
	    "Prefix of the job's keys"),
	EMIT_FIELD(struct job, presigned_url, EMIT_URL, NULL,
	    "GET: the list of its files"),
	EMIT_END
};

struct miner {
	const char *miner_path;
	struct emit_rows job_folders;
	int64_t total_jobs;
	const bool *truncated;
};

const struct emit_field list_jobs_fields[] = {
	EMIT_FIELD(struct miner, miner_path, EMIT_TEXT, NULL,
	    "Folder of the miner"),
	EMIT_FIELD(struct miner, job_folders, EMIT_ROWS, job_fields,
	    "Jobs of the miner"),
	EMIT_FIELD(struct miner, total_jobs, EMIT_INT, NULL,
	    "Jobs in job_folders"),
	EMIT_FIELD(struct miner, truncated, EMIT_FLAG_IF, NULL,
	    "true: there are more jobs; see get-miner-list"),
	EMIT_END
};

/* The most bytes in an answer, with an equal share for each miner.  Without
   shares, one miner with very many jobs could make the answer too large.  A
   miner's share ends with the URL that exceeds it, so the sum is checked,
   too. get-miner-list has no such bound. */
#define ANSWER_MAX_BYTES ((size_t)160 << 20)

/* The miners that have jobs, and the jobs of the current one. */
struct list_jobs {
	struct web *w;
	const struct bucket_index_miner *only;	/* NULL: all of the index */
	uint32_t next_miner, miners;
	size_t share_bytes;

	const struct bucket_index_miner *m;
	uint32_t next_job;
	size_t began;			/* start of this miner; 0: not yet */
	struct ss58 hotkey;
	char folder[LAYOUT_FOLDER_MAX + 1];
	struct miner miner;
	bool truncated;

	char path[S3_KEY_MAX + 1];
	struct presign_list_url url;
	struct job job;
};

/* Is there room for another job of this miner if the answer has ${len}
   bytes so far? */
static bool
has_room(struct list_jobs *f, size_t len)
{

	if (f->began == 0)
		f->began = len;
	return (len - f->began < f->share_bytes && len < ANSWER_MAX_BYTES);
}

static enum err
next_job(void *with, struct emit_row *row)
{
	struct list_jobs *f = with;
	const char *id;
	struct buf b;
	size_t len;

	while (f->next_job < f->m->jobs && has_room(f, row->written)) {
		id = bucket_index_job(f->w->index, f->m, f->next_job++, &len);
		buf_init(&b, f->path, sizeof(f->path));
		buf_fmt(&b, "%s" LAYOUT_JOB, f->folder);
		buf_add(&b, id, len);
		buf_char(&b, '/');

		/* A bad name of one miner must not spoil the answer. */
		if (buf_end(&b) != ERR_OK)
			continue;
		f->url.list.prefix = (struct text_span){ f->path, b.len };
		f->job = (struct job){
			{ id, len }, f->url.list.prefix,
			{ presign_list_write, &f->url }
		};
		f->miner.total_jobs++;
		f->w->granted.urls++;
		row->value = &f->job;
		return (ERR_OK);
	}
	if (f->next_job < f->m->jobs)
		f->truncated = true;
	if (f->truncated)
		f->miner.truncated = &f->truncated;
	return (ERR_OK);
}

static const struct bucket_index_miner *
miner_at(const struct list_jobs *f, uint32_t i)
{

	return (f->only != NULL ? f->only : bucket_index_miner(f->w->index, i));
}

static enum err
next_miner(void *with, struct emit_row *row)
{
	struct list_jobs *f = with;
	enum err e;

	do {
		if (f->next_miner == f->miners)
			return (ERR_OK);
		f->m = miner_at(f, f->next_miner++);
	} while (f->m->jobs == 0);
	ss58_encode(f->m->hotkey, f->hotkey.text);
	if ((e = layout_folder(&f->w->cfg, LAYOUT_HOTKEY, "",
	    f->hotkey.text, f->folder)) != ERR_OK)
		return (e);
	f->next_job = 0;
	f->began = 0;
	f->truncated = (f->m->flags & BUCKET_INDEX_TRUNCATED) != 0;
	f->miner = (struct miner){ .miner_path = f->folder,
	    .job_folders = { next_job, f, 0 } };
	row->name = text_span(f->hotkey.text);
	row->value = &f->miner;
	return (ERR_OK);
}

static int64_t
count_miners(const struct list_jobs *f)
{
	int64_t n = 0;
	uint32_t i;

	for (i = 0; i < f->miners; i++)
		n += miner_at(f, i)->jobs > 0;
	return (n);
}

enum err
list_jobs_make(struct web *w, const struct endpoint_plan *p,
    const struct ss58 *only, int64_t ttl_s, struct emit_rows *rows,
    int64_t *miners)
{
	struct list_jobs *f = arena_alloc(w->arena, sizeof(*f));
	const char *scope = LAYOUT_HOTKEY_PREFIX;
	enum err e;

	memset(f, 0, sizeof(*f));
	f->w = w;
	if (only == NULL) {
		f->miners = bucket_index_info(w->index)->miners;
	} else {
		f->only = bucket_index_find(w->index, only->key);
		f->miners = f->only != NULL ? 1 : 0;
		if ((e = layout_folder(&w->cfg, LAYOUT_HOTKEY, "", only->text,
		    f->folder)) != ERR_OK)
			return (e);
		scope = f->folder;
	}
	*miners = count_miners(f);
	f->share_bytes = ANSWER_MAX_BYTES /
	    (size_t)(*miners > 0 ? *miners : 1);
	f->url = (struct presign_list_url){ .signer = p->read,
	    .now = w->auth.now_s, .ttl_s = ttl_s };

	/* Rows add the URLs that they sign. */
	endpoint_granted(w, scope, "list", 0, w->auth.now_s + ttl_s);
	*rows = (struct emit_rows){ next_miner, f, 0 };
	return (ERR_OK);
}
