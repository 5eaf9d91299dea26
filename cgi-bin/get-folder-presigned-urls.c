/* POST /get-folder-presigned-urls: a validator gets a listing for every job of
   every miner. */

#include <string.h>

#include "s3/layout.h"
#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/vend.h"

struct request {
	struct ss58 hotkey;
	char signature[AUTH_SIGNATURE_MAX + 1];
	int64_t timestamp;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "Validator hotkey, the signer"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the signed text"),
	SCHEMA_END
};

struct job {
	struct text_span job_id, path;
	struct emit_url presigned_url;
};

static const struct emit_field job_fields[] = {
	EMIT_FIELD(struct job, job_id, EMIT_SPAN, NULL, "The job"),
	EMIT_FIELD(struct job, path, EMIT_SPAN, NULL, "Its folder"),
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

#define MINER(...) EMIT_FIELD(struct miner, __VA_ARGS__)
static const struct emit_field miner_fields[] = {
	MINER(miner_path, EMIT_TEXT, NULL, "The miner's folder"),
	MINER(job_folders, EMIT_ROWS, job_fields, "Its jobs"),
	MINER(total_jobs, EMIT_INT, NULL, "Jobs in job_folders"),
	MINER(truncated, EMIT_FLAG_IF, NULL, "true: it has more than these"),
	EMIT_END
};

struct usage {
	const char *description, *folder_structure;
	const char *const *validation_flow;
};

static const struct emit_field usage_fields[] = {
	EMIT_FIELD(struct usage, description, EMIT_TEXT, NULL, "In words"),
	EMIT_FIELD(struct usage, folder_structure, EMIT_TEXT, NULL,
	    "Where miners' files are"),
	EMIT_FIELD(struct usage, validation_flow, EMIT_TEXTS, NULL,
	    "Step by step"),
	EMIT_END
};

struct response {
	const char *validator_hotkey, *bucket;
	int64_t expiry_seconds;
	const char *expiry_time;
	int64_t total_miners, index_age_s;
	struct emit_rows folder_urls;
	const char *commitment_used;
	const struct usage *usage_info;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(validator_hotkey, EMIT_TEXT, NULL, "Who asked"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(expiry_seconds, EMIT_INT, NULL, "How long the URLs live"),
	OUT(expiry_time, EMIT_TEXT, NULL, "When they end"),
	OUT(total_miners, EMIT_INT, NULL, "Miners in folder_urls"),
	OUT(index_age_s, EMIT_INT, NULL, "Age of what is known of the bucket"),
	OUT(folder_urls, EMIT_MAP, miner_fields, "By hotkey"),
	OUT(commitment_used, EMIT_TEXT, NULL, "What was signed"),
	OUT(usage_info, EMIT_OBJECT, usage_fields, "How to use the URLs"),
	EMIT_END
};

/* Room for all miners, and each has its share: one with jobs without end must
   not make the answer too large for everybody.  A share ends behind the URL
   that exceeds it, so all of them together are looked at, too.  get-miner-list
   has no such bound. */
#define FOLDERS_MAX_BYTES ((size_t)160 << 20)

struct folders {
	struct web *w;
	size_t share_bytes;
	int64_t ttl_s, urls;

	/* The miner and the job that are being written. */
	uint32_t next_miner, next_job;
	const struct bucket_index_miner *of;
	size_t start;			/* of the miner, in the answer */
	char hotkey[SS58_MAX + 1], folder[LAYOUT_FOLDER_MAX + 1];
	char path[S3_KEY_MAX + LAYOUT_FOLDER_MAX + 16];
	struct presign_list_url url;
	struct miner miner;
	struct job job;
};

static enum err
set_job(struct folders *f, const char *id, size_t len)
{
	struct buf p;

	buf_init(&p, f->path, sizeof(f->path));
	buf_str(&p, f->folder);
	buf_str(&p, LAYOUT_JOB);
	buf_add(&p, id, len);
	buf_char(&p, '/');
	f->url = (struct presign_list_url){
		.signer = &f->w->read.signer,
		.now = f->w->auth.now_s,
		.ttl_s = f->ttl_s,
		.list = { .prefix = { p.data, p.len } },
	};
	f->job = (struct job){ { id, len }, { p.data, p.len },
	    { presign_list_write, &f->url } };
	f->miner.total_jobs++;
	f->urls++;
	return (buf_end(&p));
}

static enum err
next_job(void *with, struct emit_row *row)
{
	static const bool yes = true;
	struct folders *f = with;
	const char *id;
	size_t len;

	while (f->next_job < f->of->jobs &&
	    row->written - f->start < f->share_bytes &&
	    row->written < FOLDERS_MAX_BYTES) {
		id = bucket_index_job(f->w->index, f->of, f->next_job++, &len);

		/* One miner's names must not spoil the answer for all. */
		if (strlen(f->folder) + sizeof(LAYOUT_JOB) + len > S3_KEY_MAX)
			continue;
		row->value = &f->job;
		return (set_job(f, id, len));
	}
	if (f->next_job < f->of->jobs ||
	    (f->of->flags & BUCKET_INDEX_TRUNCATED) != 0)
		f->miner.truncated = &yes;
	return (ERR_OK);
}

static enum err
next_miner(void *with, struct emit_row *row)
{
	struct folders *f = with;
	const uint32_t miners = bucket_index_info(f->w->index)->miners;

	do {
		if (f->next_miner == miners)
			return (ERR_OK);
		f->of = bucket_index_miner(f->w->index, f->next_miner++);
	} while (f->of->jobs == 0);
	ss58_encode(f->of->hotkey, f->hotkey);
	f->next_job = 0;
	f->start = row->written;
	f->miner = (struct miner){ f->folder, { next_job, f, 0 }, 0, NULL };
	row->name = text_span(f->hotkey);
	row->value = &f->miner;
	return (layout_folder(&f->w->cfg, LAYOUT_HOTKEY, "", f->hotkey,
	    f->folder));
}

static int64_t
count_miners(const struct web *w)
{
	const struct bucket_index_info *info = bucket_index_info(w->index);
	int64_t n = 0;
	uint32_t i;

	for (i = 0; i < info->miners; i++)
		n += bucket_index_miner(w->index, i)->jobs > 0;
	return (n);
}

static enum err
handle(struct web *w)
{
	static const char *const flow[] = {
		"GET presigned_url of a job: the list of its files",
		"Ask /get-file-presigned-urls for those you want to look at",
		"GET the files, check them",
		"Ask again when the URLs have ended", NULL
	};
	static const struct usage usage = {
		"Listings of every miner's job folders",
		LAYOUT_HOTKEY_STRUCTURE, flow
	};
	struct folders folders = { .w = w, .ttl_s = w->cfg.access_list_ttl_s };
	struct response out = { 0 };
	struct auth_identity id;
	struct auth_caller who;
	struct signed_text text;
	struct request in;
	enum err e;

	/* Parse. */
	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	if ((e = web_caller(w, &in.hotkey, in.timestamp, in.signature, &who)) !=
	    ERR_OK)
		return (e);

	/* Authorise and authenticate: a validator. */
	signed_text_folders(&text, &who.hotkey, in.timestamp);
	if ((e = web_validator(w, &who, &text, &id)) != ERR_OK)
		return (e);
	if (!w->cfg.access_layouts.hotkey)
		return (ERR_LAYOUT);
	if ((e = bucket_index_refresh(w->index)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_VALIDATOR_ANSWER)) !=
	    ERR_OK)
		return (e);

	/* Sign, while the answer is written. */
	out.validator_hotkey = id.hotkey.text;
	out.bucket = w->bucket.name;
	out.expiry_seconds = folders.ttl_s;
	out.expiry_time = vend_time(w, w->auth.now_s + folders.ttl_s);
	out.total_miners = count_miners(w);
	folders.share_bytes = FOLDERS_MAX_BYTES /
	    (size_t)(out.total_miners > 0 ? out.total_miners : 1);
	out.index_age_s = w->auth.now_s -
	    bucket_index_as_of(bucket_index_info(w->index));
	out.folder_urls = (struct emit_rows){ next_miner, &folders, 0 };
	out.commitment_used = who.by_headers ? NULL : text.text;
	out.usage_info = &usage;
	if ((e = web_reply(w, response_fields, &out)) != ERR_OK)
		return (e);
	web_granted(w, LAYOUT_HOTKEY_PREFIX, "list", folders.urls,
	    folders.ttl_s);
	return (ERR_OK);
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/get-folder-presigned-urls", .method = "POST",
		.summary = "Listings of every miner's jobs, for a validator",
		.needs = NEED_GUARD | NEED_METAGRAPH | NEED_INDEX |
		    NEED_READ_KEY,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
