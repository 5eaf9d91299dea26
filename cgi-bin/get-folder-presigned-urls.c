/* POST /get-folder-presigned-urls: a validator gets a listing for every job of
   every miner, or of the one that it names. */

#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/list_jobs.h"
#include "web/program.h"

struct request {
	struct endpoint_by by;
	struct ss58 miner_hotkey;	/* empty: all miners */
};

static const struct schema_field request_fields[] = {
	ENDPOINT_HOTKEY,
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
	SCHEMA_FIELD(struct request, miner_hotkey, SCHEMA_SS58,
	    SCHEMA_NULLABLE, "The one miner to list; not given: all"),
	SCHEMA_END
};

struct usage {
	const char *description, *folder_structure;
	const char *const *validation_flow;
};

static const struct emit_field usage_fields[] = {
	EMIT_FIELD(struct usage, description, EMIT_TEXT, NULL,
	    "Description of the URLs"),
	EMIT_FIELD(struct usage, folder_structure, EMIT_TEXT, NULL,
	    "Layout of miners' files"),
	EMIT_FIELD(struct usage, validation_flow, EMIT_TEXTS, NULL,
	    "Steps to follow"),
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
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(validator_hotkey, EMIT_TEXT, NULL, "The validator that asked"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(expiry_seconds, EMIT_INT, NULL, "Lifetime of the URLs in seconds"),
	OUT(expiry_time, EMIT_TEXT, NULL, "Time when the URLs expire"),
	OUT(total_miners, EMIT_INT, NULL, "Miners in folder_urls"),
	OUT(index_age_s, EMIT_INT, NULL, "Age of the bucket index in seconds"),
	OUT(folder_urls, EMIT_MAP, list_jobs_fields,
	    "Jobs by hotkey"),
	OUT_MAYBE(commitment_used, EMIT_TEXT, NULL, "The text that was signed"),
	OUT(usage_info, EMIT_OBJECT, usage_fields, "How to use the URLs"),
	EMIT_END
};

static enum err
plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct endpoint_by *by = in;

	p->n = 1;
	signed_text_make(SIGNED_TEXT_FOLDERS, &(struct signed_parts){
	    .hotkey = &by->hotkey, .timestamp = by->timestamp },
	    &p->choice[0].text);
	p->choice[0].verdict = w->cfg.access_layouts.hotkey ?
	    bucket_index_refresh(w->index) : ERR_LAYOUT;
	return (ERR_OK);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	static const char *const flow[] = {
		"GET presigned_url of a job to list its files",
		"Ask /get-file-presigned-urls for the files you want to check",
		"GET the files and check them",
		"Ask again when the URLs have expired", NULL
	};
	static const struct usage usage = {
		"Listings of every miner's job folders",
		LAYOUT_HOTKEY_STRUCTURE, flow
	};
	const int64_t ttl_s = w->cfg.access_list_ttl_s;
	const struct request *r = in;
	struct response *o = out;

	o->validator_hotkey = p->id->hotkey.text;
	o->bucket = w->bucket.name;
	o->expiry_seconds = ttl_s;
	o->expiry_time = endpoint_time(w, w->auth.now_s + ttl_s);
	o->index_age_s = w->auth.now_s -
	    bucket_index_as_of(bucket_index_info(w->index));
	o->commitment_used = p->signed_text;
	o->usage_info = &usage;
	return (list_jobs_make(w, p, r->miner_hotkey.text[0] != '\0' ?
	    &r->miner_hotkey : NULL, ttl_s, &o->folder_urls,
	    &o->total_miners));
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_index, &need_keyring, &need_read_key, NULL
	};
	static const enum err refuses[] = { ERR_LAYOUT, ERR_NO_INDEX, ERR_OK };
	static const struct endpoint ep = {
		.path = "/get-folder-presigned-urls", .method = "POST",
		.summary = "Listings of every miner's jobs, for a validator",
		.who = &endpoint_validator, .counts = ADMIT_VALIDATOR_URL,
		.proofs = ENDPOINT_TEXT | ENDPOINT_BTAUTH, .needs = needs,
		.request = request_fields,
		.request_size = sizeof(struct request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = plan, .vend = vend,
	};

	return (program_main(&ep));
}
