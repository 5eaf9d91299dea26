/* POST /get-file-presigned-urls: a validator asks for downloads of one miner's
   files. */

#include "base/arena.h"
#include "web/download.h"
#include "web/miner.h"
#include "web/program.h"
#include "web/transport.h"

#define KEYS_MAX 1000
#define HOURS_DEFAULT 3
#define HOURS_MAX 168		/* seven days, as stores allow */

struct request {
	struct miner_request of;
	struct schema_texts file_keys;
	struct schema_int expiry_hours;
};

#define IN(...) SCHEMA_BOUND(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	ENDPOINT_HOTKEY,
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
	MINER_HOTKEY,
	MINER_COLDKEY,
	IN(file_keys, SCHEMA_TEXTS, SCHEMA_REQUIRED, 0, KEYS_MAX, ERR_TOO_MANY,
	    "Keys of the files"),
	IN(expiry_hours, SCHEMA_INT, SCHEMA_NULLABLE, 0, HOURS_MAX,
	    ERR_EXPIRY_HOURS, "Lifetime of the URLs in hours; 0 means 3"),
	SCHEMA_END
};

struct usage {
	const char *description;
	const char *const *miner_validation_flow;
};

static const struct emit_field usage_fields[] = {
	EMIT_FIELD(struct usage, description, EMIT_TEXT, NULL,
	    "Description of the URLs"),
	EMIT_FIELD(struct usage, miner_validation_flow, EMIT_TEXTS, NULL,
	    "Steps to follow"),
	EMIT_END
};

struct response {
	const char *validator_hotkey, *miner_hotkey, *miner_coldkey, *bucket;
	int64_t expiry_hours;
	const char *expiry_time;
	int64_t total_requested_files, valid_files_count, invalid_files_count;
	int64_t successful_urls, failed_files;
	struct emit_rows file_urls, invalid_files;
	const char *const *failed_files_details;
	const char *commitment_used;
	const struct usage *usage_info;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(validator_hotkey, EMIT_TEXT, NULL, "The validator that asked"),
	OUT_MAYBE(miner_hotkey, EMIT_TEXT, NULL,
	    "The miner, if named by hotkey"),
	OUT_MAYBE(miner_coldkey, EMIT_TEXT, NULL,
	    "The miner, if named by coldkey"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(expiry_hours, EMIT_INT, NULL, "Lifetime of the URLs in hours"),
	OUT(expiry_time, EMIT_TEXT, NULL, "Time when the URLs expire"),
	OUT(total_requested_files, EMIT_INT, NULL, "Keys in the request"),
	OUT(valid_files_count, EMIT_INT, NULL, "Keys of the miner's files"),
	OUT(invalid_files_count, EMIT_INT, NULL, "Keys of other files"),
	OUT(successful_urls, EMIT_INT, NULL, "URLs in file_urls"),
	OUT(failed_files, EMIT_INT, NULL, "Always 0: see invalid_files"),
	OUT(file_urls, EMIT_MAP, download_fields, "A download for each key"),
	OUT(invalid_files, EMIT_ROWS, NULL, "Keys without a download"),
	OUT(failed_files_details, EMIT_TEXTS, NULL, "Always empty"),
	OUT_MAYBE(commitment_used, EMIT_TEXT, NULL, "The text that was signed"),
	OUT(usage_info, EMIT_OBJECT, usage_fields, "How to use the URLs"),
	EMIT_END
};

/* Split the keys into the miner's and others.  The miner's keys are below
   its hotkey folder or, for a coldkey, below its folder in any source. */
static enum err
choose(const struct web *w, const struct request *r, struct key_choice *c)
{
	const struct config_list *sources = &w->cfg.access_sources;
	const size_t n = r->of.miner_hotkey.text[0] != '\0' ? 1 : sources->n;
	struct text_span folder[CONFIG_ITEMS_MAX];
	const char *text;
	size_t i;
	enum err e;

	for (i = 0; i < n; i++) {
		if ((e = miner_folder(w, &r->of, sources->item[i], &text)) !=
		    ERR_OK)
			return (e);
		folder[i] = text_span(text);
	}
	key_choose(c, r->file_keys.text, r->file_keys.n, folder, n, w->arena);
	return (c->n_below > 0 ? ERR_OK : ERR_NO_FILES);
}

static enum err
plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct request *r = in;
	struct key_choice *keys = arena_alloc(w->arena, sizeof(*keys));
	const struct ss58 *miner;
	enum err e;

	if ((e = miner_key(&r->of, &miner)) != ERR_OK)
		return (e);
	p->n = 1;
	signed_text_make(SIGNED_TEXT_FILES, &(struct signed_parts){
	    .miner = miner, .hotkey = &r->of.by.hotkey,
	    .timestamp = r->of.by.timestamp }, &p->choice[0].text);
	p->choice[0].verdict = choose(w, r, keys);
	p->with = keys;
	return (ERR_OK);
}

static void
count(const struct key_choice *c, struct response *o)
{

	o->total_requested_files = (int64_t)c->n;
	o->valid_files_count = (int64_t)c->n_below;
	o->invalid_files_count = o->total_requested_files -
	    o->valid_files_count;
	o->successful_urls = (int64_t)c->n_vended;
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	static const char *const none[] = { NULL };
	static const char *const flow[] = {
		"List the miner's files (get-miner-list)",
		"Ask for the URLs of the files you want to check",
		"GET each presigned_url; Range works, HEAD does not",
		"Check the content",
		"Ask again when the URLs have expired", NULL
	};
	static const struct usage usage = {
		"Downloads of one miner's files", flow
	};
	const struct request *r = in;
	const bool hotkey = r->of.miner_hotkey.text[0] != '\0';
	const struct key_choice *keys = p->with;
	struct response *o = out;
	int64_t ttl_s, until;

	count(keys, o);
	o->expiry_hours = r->expiry_hours.n != 0 ? r->expiry_hours.n :
	    HOURS_DEFAULT;
	ttl_s = o->expiry_hours * 3600;
	if (ttl_s > w->bucket.max_ttl_s)
		ttl_s = w->bucket.max_ttl_s;
	until = w->auth.now_s + ttl_s;
	o->validator_hotkey = p->id->hotkey.text;
	o->miner_hotkey = hotkey ? r->of.miner_hotkey.text : NULL;
	o->miner_coldkey = hotkey ? NULL : r->of.miner_coldkey.text;
	o->bucket = w->bucket.name;
	o->expiry_time = endpoint_time(w, until);
	o->file_urls = download_urls(w, p, keys, ttl_s);
	o->invalid_files = download_refused(w, keys);
	o->failed_files_details = none;
	o->commitment_used = p->signed_text;
	o->usage_info = &usage;
	endpoint_granted(w, hotkey ? o->miner_hotkey : o->miner_coldkey, "get",
	    o->successful_urls, until);
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_keyring, &need_read_key, NULL
	};
	static const enum err refuses[] = {
		ERR_MINER_REQUIRED, ERR_TOO_MANY, ERR_EXPIRY_HOURS, ERR_LAYOUT,
		ERR_NO_FILES, ERR_OK
	};
	static const struct endpoint ep = {
		.path = "/get-file-presigned-urls", .method = "POST",
		.summary = "Downloads of one miner's files, for a validator",
		.who = &endpoint_validator, .counts = ADMIT_VALIDATOR_URL,
		.proofs = ENDPOINT_TEXT | ENDPOINT_TAO | ENDPOINT_BTAUTH,
		.needs = needs,
		.body_max = TRANSPORT_BODY_MAX,
		.request = request_fields,
		.request_size = sizeof(struct request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = plan, .vend = vend,
	};

	return (program_main(&ep));
}
