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
	const struct emit_call *folder_urls;
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
	OUT(folder_urls, EMIT_CALL, NULL,
	    "By hotkey: miner_path, job_folders, total_jobs"),
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
	enum err e;		/* of the first URL that could not be made */
};

/* {"job_id","path","presigned_url"} */
static void
write_job(struct folders *f, struct buf *b, const char *miner, const char *job,
    size_t len)
{
	char path[S3_KEY_MAX + LAYOUT_FOLDER_MAX + 16];
	struct presign_list list = { .max_keys = 0 };
	struct buf p;

	buf_init(&p, path, sizeof(path));
	buf_str(&p, miner);
	buf_str(&p, LAYOUT_JOB);
	buf_add(&p, job, len);
	buf_char(&p, '/');
	list.prefix.s = p.data;
	list.prefix.len = p.len;
	buf_str(b, "{\"job_id\":");
	buf_json(b, job, len);
	buf_str(b, ",\"path\":");
	buf_json(b, p.data, p.len);

	/* A URL holds nothing that JSON would escape. */
	buf_str(b, ",\"presigned_url\":\"");
	f->e = buf_end(&p);
	if (f->e == ERR_OK)
		f->e = presign_list(&f->w->read.signer, f->w->auth.now_s,
		    &list, f->ttl_s, b);
	buf_str(b, "\"}");
	f->urls++;
}

static void
write_miner(struct folders *f, struct buf *b,
    const struct bucket_index_miner *m)
{
	char folder[LAYOUT_FOLDER_MAX + 1];
	char hotkey[SS58_MAX + 1];
	const char *job;
	const size_t start = b->len;
	size_t len;
	uint32_t j, n;

	ss58_encode(m->hotkey, hotkey);
	f->e = layout_folder(&f->w->cfg, LAYOUT_HOTKEY, "", hotkey, folder);
	if (f->e != ERR_OK)
		return;
	buf_json(b, hotkey, strlen(hotkey));
	buf_str(b, ":{\"miner_path\":");
	buf_json(b, folder, strlen(folder));
	buf_str(b, ",\"job_folders\":[");
	for (j = n = 0; j < m->jobs && f->e == ERR_OK &&
	    b->len - start < f->share_bytes && b->len < FOLDERS_MAX_BYTES;
	    j++) {
		job = bucket_index_job(f->w->index, m, j, &len);

		/* One miner's names must not spoil the answer for all. */
		if (strlen(folder) + sizeof(LAYOUT_JOB) + len > S3_KEY_MAX)
			continue;
		buf_str(b, n++ > 0 ? "," : "");
		write_job(f, b, folder, job, len);
	}
	buf_str(b, "],\"total_jobs\":");
	buf_int(b, n);
	if (j < m->jobs || (m->flags & BUCKET_INDEX_TRUNCATED) != 0)
		buf_str(b, ",\"truncated\":true");
	buf_char(b, '}');
}

static void
write_folders(struct buf *b, void *with)
{
	struct folders *f = with;
	const struct bucket_index_info *info = bucket_index_info(f->w->index);
	const struct bucket_index_miner *m;
	uint32_t i, n = 0;

	buf_char(b, '{');
	for (i = 0; i < info->miners && f->e == ERR_OK; i++) {
		m = bucket_index_miner(f->w->index, i);
		if (m->jobs == 0)
			continue;
		buf_str(b, n++ > 0 ? "," : "");
		write_miner(f, b, m);
	}
	buf_char(b, '}');
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
	const struct emit_call urls = { write_folders, &folders };
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
	out.folder_urls = &urls;
	out.commitment_used = who.by_headers ? NULL : text.text;
	out.usage_info = &usage;
	if ((e = web_reply(w, response_fields, &out)) != ERR_OK)
		return (e);
	web_granted(w, LAYOUT_HOTKEY_PREFIX, "list", folders.urls,
	    folders.ttl_s);
	return (folders.e);
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
