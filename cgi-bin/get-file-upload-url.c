/* POST /get-file-upload-url: a miner asks to upload one new file of a job. */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "s3/key.h"
#include "web/endpoint.h"
#include "web/meter.h"
#include "web/program.h"
#include "web/upload.h"

#define JOB_MAX 128
#define FILENAME_MAX_LEN 128

struct request {
	struct endpoint_by by;
	char job_id[JOB_MAX + 1], filename[FILENAME_MAX_LEN + 1];
	struct schema_int size;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(job_id, SCHEMA_TEXT, SCHEMA_REQUIRED, "The job of the file"),
	IN(filename, SCHEMA_TEXT, SCHEMA_REQUIRED,
	    "data_{YYYYMMDD}_{HHMMSS}_{rows}_{16 hex digits}.parquet"),
	SCHEMA_BOUND(struct request, size, SCHEMA_INT, SCHEMA_NULLABLE,
	    SCHEMA_INT_MIN, SCHEMA_INT_MAX, ERR_SIZE,
	    "Size of the file in bytes"),
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
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(s3_key, EMIT_TEXT, NULL, "The key of the file"),
	OUT(url, EMIT_TEXT, NULL, "URL that receives the file"),
	OUT(fields, EMIT_PAIRS, NULL, "Form fields, sent before the file"),
	OUT(expires_in_seconds, EMIT_INT, NULL,
	    "Lifetime of the grant in seconds"),
	OUT(method, EMIT_TEXT, NULL, "POST: a form; PUT: the file alone"),
	OUT_MAYBE(headers, EMIT_PAIRS, NULL, "Headers that were signed"),
	EMIT_END
};

/* Refuse at once while the probe pauses requests to the store: see
   s3/probe.h. */
static enum err
plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct request *r = in;
	enum err e;

	if (!key_is_job(r->job_id) || !key_is_job_file(r->filename))
		return (ERR_JOB_FILENAME);
	if ((e = upload_check_size(w, &r->size)) != ERR_OK)
		return (e);
	p->n = 1;
	p->choice[0].layout = LAYOUT_HOTKEY;
	p->choice[0].source = "";
	p->choice[0].verdict = probe_rests(&w->probe);
	return (ERR_OK);
}

/* data/hotkey=<hotkey>/job_id=<job>/<filename> */
static const char *
key_of(struct web *w, const struct request *r, const struct endpoint_plan *p)
{
	const size_t size = strlen(p->folder) + sizeof(LAYOUT_JOB "/") +
	    JOB_MAX + FILENAME_MAX_LEN;
	char *key = arena_alloc(w->arena, size);

	snprintf(key, size, "%s" LAYOUT_JOB "%s/%s", p->folder, r->job_id,
	    r->filename);
	return (key);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct emit_pairs *pairs = arena_alloc(w->arena, 2 * sizeof(*pairs));
	const struct request *r = in;
	const struct grant_upload *u;
	struct response *o = out;
	int64_t began_us;
	enum err e;

	/* A file that is stored gets no second grant.  The look-up costs
	   the store a request, so this request was counted.  The frame
	   takes that back if the store does not answer. */
	o->s3_key = key_of(w, r, p);
	began_us = meter_start();
	e = probe_new_key(&w->probe, o->s3_key);
	meter_store(w, e, began_us);
	if (e != ERR_OK)
		return (e);
	if ((e = upload_make(w, p, GRANT_FILE, o->s3_key,
	    upload_size(&r->size), w->auth.now_s + w->cfg.access_file_ttl_s,
	    &u)) != ERR_OK)
		return (e);
	pairs[0] = (struct emit_pairs){ u->n_fields, u->fields };
	pairs[1] = (struct emit_pairs){ u->n_headers, u->headers };
	o->url = u->url;
	o->method = u->method;
	o->fields = &pairs[0];
	o->headers = u->n_headers > 0 ? &pairs[1] : NULL;
	o->expires_in_seconds = u->ttl_s;
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_keyring, &need_upload_key, &need_read_key,
		&need_probe, NULL
	};
	static const enum err refuses[] = {
		ERR_JOB_FILENAME, ERR_SIZE, ERR_LAYOUT, ERR_EXISTS, ERR_STORE,
		ERR_OK
	};
	static const struct endpoint ep = {
		.path = "/get-file-upload-url", .method = "POST",
		.summary = "Upload of one new file, for a miner",
		.who = &endpoint_miner, .counts = ADMIT_FILE_GRANT,
		.proofs = ENDPOINT_TAO | ENDPOINT_BTAUTH, .needs = needs,
		.switched_by = offsetof(struct config, access_file_uploads),
		.request = request_fields,
		.request_size = sizeof(struct request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = plan, .vend = vend,
	};

	return (program_main(&ep));
}
