/* POST /get-file-upload-url: a miner asks to upload one new file of a job. */

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "net/http.h"
#include "s3/layout.h"
#include "s3/post_policy.h"
#include "s3/presign.h"
#include "s3/bucket.h"
#include "web/endpoint.h"

#define JOB_MAX 128
#define FILENAME_MAX_LEN 128

struct request {
	char job_id[JOB_MAX + 1], filename[FILENAME_MAX_LEN + 1];
	int64_t size;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(job_id, SCHEMA_TEXT, SCHEMA_REQUIRED, "The job it belongs to"),
	IN(filename, SCHEMA_TEXT, SCHEMA_REQUIRED,
	    "data_{YYYYMMDD}_{HHMMSS}_{rows}_{16 hex digits}.parquet"),
	IN(size, SCHEMA_INT, SCHEMA_NULLABLE, "Its bytes"),
	SCHEMA_END
};

struct response {
	const char *s3_key, *url;
	const struct emit_pairs *fields;
	int64_t expires_in_seconds;
	const char *method;
	const struct emit_pairs *headers;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(s3_key, EMIT_TEXT, NULL, "Where the file will be"),
	OUT(url, EMIT_TEXT, NULL, "Where to send it"),
	OUT(fields, EMIT_PAIRS, NULL, "Of the form, before the file"),
	OUT(expires_in_seconds, EMIT_INT, NULL, "How long the grant lives"),
	OUT(method, EMIT_TEXT, NULL, "POST: a form; PUT: the file alone"),
	OUT(headers, EMIT_PAIRS, NULL, "That were signed, with a size"),
	EMIT_END
};

static bool
are(const char **s, size_t n, const char *set)
{

	if (strspn(*s, set) < n)
		return (false);
	*s += n;
	return (true);
}

static bool
follows(const char **s, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*s, text, n) != 0)
		return (false);
	*s += n;
	return (true);
}

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define ALNUM HEX "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ"

/* Source: the regular expression by which validators judge names,
   ^data_\d{8}_\d{6}_(\d+)_[a-fA-F0-9]{16}\.parquet$ */
static bool
good_filename(const char *s)
{
	size_t rows;

	if (!follows(&s, "data_") || !are(&s, 8, DIGITS) ||
	    !follows(&s, "_") || !are(&s, 6, DIGITS) || !follows(&s, "_"))
		return (false);
	rows = strspn(s, DIGITS);
	return (rows > 0 && are(&s, rows, DIGITS) && follows(&s, "_") &&
	    are(&s, 16, HEX) && follows(&s, ".parquet") && *s == '\0');
}

/* What every client and every store takes to the letter. */
static bool
good_job(const char *s)
{

	return (s[0] != '\0' && s[strspn(s, ALNUM "_.-")] == '\0');
}

/* The bucket as programs reach it, to be asked. */
static struct asked {
	struct s3_bucket bucket;
	struct http *http;
	int64_t rests_until_ms;		/* after no answer: nobody waits */
} store;

#define REST_MS 5000

static enum err
is_asleep(const struct web *w)
{

	/* A clock that was set back must not make it sleep on. */
	return (w->now_ms < store.rests_until_ms &&
	    w->now_ms >= store.rests_until_ms - REST_MS ? ERR_STORE : ERR_OK);
}

static enum err
ask(const char *url, int *status)
{
	static const struct http_limits limits = {
		.total_s = 2, .max_bytes = 65536
	};
	bool etag;
	enum err e;

	if ((e = http_head(store.http, url, &limits, status, &etag)) != ERR_OK)
		return (ERR_STORE);

	/* A page that says 200 to everything is no object: those have one. */
	if (*status == 200 && etag)
		return (ERR_EXISTS);
	return (*status == 404 ? ERR_OK : ERR_STORE);
}

/* Does it hold ${key}?  One HEAD. */
static enum err
check_new(struct web *w, const char *key)
{
	char url[PRESIGN_OBJECT_MAX + 1];
	struct s3_signer signer;
	struct buf b;
	int status = 0;
	enum err e;

	if (store.http == NULL) {
		if ((e = s3_bucket_configure(&store.bucket, &w->cfg,
		    w->cfg.s3_endpoint)) != ERR_OK)
			return (e);
		store.http = http_new(NULL);
	}
	s3_signer_init(&signer, w->hmac, &w->read.key, &store.bucket);
	buf_init(&b, url, sizeof(url));
	if ((e = presign_object(&signer, w->auth.now_s, PRESIGN_HEAD, key,
	    strlen(key), 60, &b)) != ERR_OK)
		return (e);
	if ((e = ask(url, &status)) != ERR_STORE)
		return (e);
	LOG(LOG_ERROR, "store_not_asked", LOG_S("reason", status == 200 ?
	    "status 200, but no ETag" : http_reason(store.http)),
	    LOG_I("status", status));
	store.rests_until_ms = w->now_ms + REST_MS;
	return (e);
}

static enum err
sign_form(struct web *w, const char *key, struct response *out)
{
	struct post_policy *form = arena_alloc(w->arena, sizeof(*form));
	struct emit_pairs *fields = arena_alloc(w->arena, sizeof(*fields));
	const struct post_policy_grant grant = {
		.kind = POST_POLICY_EXACT,
		.key = key,
		.key_len = strlen(key),
		.min_bytes = w->cfg.access_min_bytes,
		.max_bytes = w->cfg.access_max_bytes,
		.expires_at = w->auth.now_s + w->cfg.access_file_ttl_s,
	};
	enum err e;

	if ((e = post_policy_make(&w->upload.signer, w->auth.now_s, &grant,
	    form)) != ERR_OK)
		return (e);
	fields->n = form->n;
	fields->pair = form->fields;
	out->fields = fields;
	out->url = w->bucket.url;
	out->expires_in_seconds = w->cfg.access_file_ttl_s;
	out->method = "POST";
	return (ERR_OK);
}

static enum err
sign_put(struct web *w, const char *key, int64_t size, struct response *out)
{
	static const struct emit_pairs none = { 0, NULL };
	static struct text_pair length = { "Content-Length", NULL };
	static const struct emit_pairs headers = { 1, &length };
	char *bytes = arena_alloc(w->arena, 21);
	char *url = arena_alloc(w->arena, PRESIGN_OBJECT_MAX + 1);
	struct buf b;

	if (size != 0) {
		snprintf(bytes, 21, "%lld", (long long)size);
		length.value = bytes;
		out->headers = &headers;
	}
	buf_init(&b, url, PRESIGN_OBJECT_MAX + 1);
	out->url = url;
	out->fields = &none;
	out->expires_in_seconds = w->cfg.access_file_ttl_s;
	out->method = "PUT";
	return (presign_put(&w->upload.signer, w->auth.now_s, key, strlen(key),
	    size == 0 ? PRESIGN_ANY_SIZE : size, &out->expires_in_seconds, &b));
}

/* data/hotkey=<signer>/job_id=<job>/<filename> */
static enum err
key_of(struct web *w, const struct auth_identity *id, const struct request *in,
    const char **key)
{
	char folder[LAYOUT_FOLDER_MAX + 1], text[S3_KEY_MAX + 1];
	struct buf b;
	enum err e;

	if ((e = layout_folder(&w->cfg, LAYOUT_HOTKEY, "", id->hotkey.text,
	    folder)) != ERR_OK)
		return (e);
	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, "%s" LAYOUT_JOB "%s/%s", folder, in->job_id, in->filename);
	*key = arena_text(w->arena, b.data, b.len);
	return (buf_end(&b));
}

static enum err
handle(struct web *w)
{
	struct response out = { 0 };
	struct auth_identity id;
	struct auth_caller who;
	struct request in;
	size_t which;
	enum err e;

	if (!w->cfg.access_file_uploads)
		return (ERR_OFF);

	/* Parse. */
	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	if (!good_job(in.job_id) || !good_filename(in.filename))
		return (ERR_JOB_FILENAME);
	if (in.size != 0 && (in.size < w->cfg.access_min_bytes ||
	    in.size > w->cfg.access_max_bytes))
		return (ERR_SIZE);
	if ((e = web_caller(w, NULL, 0, NULL, &who)) != ERR_OK)
		return (e);

	/* Authorise and authenticate: a miner, who signed this body. */
	if ((e = auth_miner(&w->auth, &who.hotkey, NULL, &id)) != ERR_OK)
		return (e);
	if ((e = web_proven(w, &who, NULL, 0, &id, &which)) != ERR_OK)
		return (e);
	if ((e = key_of(w, &id, &in, &out.s3_key)) != ERR_OK)
		return (e);

	if ((e = is_asleep(w)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_FILE_GRANT)) !=
	    ERR_OK)
		return (e);

	/* What is stored is not granted again.  To ask costs the store
	   something, so it was counted. */
	if ((e = check_new(w, out.s3_key)) != ERR_OK)
		return (e);

	/* Sign: for this key. */
	e = w->bucket.post_policy ? sign_form(w, out.s3_key, &out) :
	    sign_put(w, out.s3_key, in.size, &out);
	if (e != ERR_OK)
		return (e);
	web_granted(w, out.s3_key, w->bucket.post_policy ? "post_policy" :
	    "put", 1, out.expires_in_seconds);
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/get-file-upload-url", .method = "POST",
		.summary = "Upload of one new file, for a miner",
		.needs = NEED_GUARD | NEED_METAGRAPH | NEED_UPLOAD_KEY |
		    NEED_READ_KEY,
		.headers_only = true,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
