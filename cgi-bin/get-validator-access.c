/* POST /get-validator-access: a validator gets listings of everything. */

#include "base/arena.h"
#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/list_all.h"
#include "web/program.h"
#include "web/structure.h"

struct request {
	struct endpoint_by by;
	int64_t miners;			/* -1: false */
	struct schema_texts sources;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	ENDPOINT_HOTKEY,
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
	IN(miners, SCHEMA_FLAG, SCHEMA_NULLABLE,
	    "false: no listings of single miners"),
	IN(sources, SCHEMA_TEXTS, SCHEMA_NULLABLE, "Only these sources"),
	SCHEMA_END
};

struct response {
	const char *bucket, *region, *validator_hotkey, *expiry;
	int64_t expiry_seconds, expires_in_seconds;
	const int64_t *index_age_s;
	const struct list_all *urls;
	const struct structure *structure_info;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(region, EMIT_TEXT, NULL, "Region used in signatures"),
	OUT(validator_hotkey, EMIT_TEXT, NULL, "The validator that asked"),
	OUT(expiry, EMIT_TEXT, NULL, "Time when the URLs expire"),
	OUT(expiry_seconds, EMIT_INT, NULL, "Seconds until the URLs expire"),
	OUT(expires_in_seconds, EMIT_INT, NULL, "Same as expiry_seconds"),
	OUT(index_age_s, EMIT_INT_IF, NULL,
	    "Age of the bucket index in seconds; absent: there is none yet"),
	OUT(urls, EMIT_OBJECT, list_all_fields, "Listings, to GET"),
	OUT_MAYBE(structure_info, EMIT_OBJECT, structure_fields,
	    "The hotkey layout"),
	EMIT_END
};

static enum err
plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct bucket_index_info *info;
	const struct request *r = in;

	p->n = 1;
	signed_text_make(SIGNED_TEXT_EVERYTHING, &(struct signed_parts){
	    .timestamp = r->by.timestamp }, &p->choice[0].text);

	/* If the bucket cannot be reached, the last index is used. */
	(void)!bucket_index_refresh(w->index);
	info = bucket_index_info(w->index);
	if (info != NULL && r->miners >= 0 &&
	    info->folders > LIST_ALL_FOLDERS_MAX)
		p->choice[0].verdict = ERR_TOO_MANY;
	return (ERR_OK);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	static const struct structure structure = {
		LAYOUT_HOTKEY_STRUCTURE,
		"Miners' files are in job_id folders within their hotkey "
		    "directory under data/ prefix"
	};
	const struct bucket_index_info *info = bucket_index_info(w->index);
	const int64_t ttl_s = w->cfg.access_validator_ttl_s;
	const struct request *r = in;
	struct response *o = out;
	int64_t *age_s = arena_alloc(w->arena, sizeof(*age_s));

	if (info != NULL) {
		*age_s = w->auth.now_s - bucket_index_as_of(info);
		o->index_age_s = age_s;
	}
	o->bucket = w->bucket.name;
	o->region = w->bucket.region;
	o->validator_hotkey = p->id->hotkey.text;
	o->expiry = endpoint_time(w, w->auth.now_s + ttl_s);
	o->expiry_seconds = o->expires_in_seconds = ttl_s;
	o->urls = list_all_make(w, p, &r->sources, r->miners >= 0);
	if (w->cfg.access_layouts.hotkey)
		o->structure_info = &structure;
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_index, &need_keyring, &need_read_key, NULL
	};
	static const enum err refuses[] = { ERR_TOO_MANY, ERR_OK };
	static const struct endpoint ep = {
		.path = "/get-validator-access", .method = "POST",
		.summary = "Listings of everything, for a validator",
		.who = &endpoint_validator, .counts = ADMIT_VALIDATOR_ANSWER,
		.proofs = ENDPOINT_TEXT | ENDPOINT_TAO_WIDE | ENDPOINT_BTAUTH,
		.needs = needs,
		.request = request_fields,
		.request_size = sizeof(struct request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = plan, .vend = vend,
	};

	return (program_main(&ep));
}
