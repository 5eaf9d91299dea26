/* POST /get-file-presigned-urls: a validator asks for downloads of one miner's
   files. */

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "s3/layout.h"
#include "web/endpoint.h"
#include "web/transport.h"
#include "web/vend.h"

#define KEYS_MAX 1000
#define HOURS_DEFAULT 3
#define HOURS_MAX 168		/* what a store takes: seven days */

struct request {
	struct ss58 hotkey, miner_hotkey, miner_coldkey;
	char signature[AUTH_SIGNATURE_MAX + 1];
	int64_t timestamp, expiry_hours;
	struct schema_texts file_keys;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "Validator hotkey, the signer"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the signed text"),
	IN(miner_hotkey, SCHEMA_SS58, SCHEMA_NULLABLE, "Whose files"),
	IN(miner_coldkey, SCHEMA_SS58, SCHEMA_NULLABLE, "Or this one's"),
	IN(file_keys, SCHEMA_TEXTS, SCHEMA_REQUIRED, "Keys, 1,000 at most"),
	IN(expiry_hours, SCHEMA_INT, SCHEMA_NULLABLE, "1 to 168; 3 if none"),
	SCHEMA_END
};

struct file_url {
	struct emit_url presigned_url;
	struct text_span file_key;
	int64_t expires_in_seconds;
	struct text_span file_name;
};

#define URL(...) EMIT_FIELD(struct file_url, __VA_ARGS__)
static const struct emit_field file_url_fields[] = {
	URL(presigned_url, EMIT_URL, NULL, "GET: the file"),
	URL(file_key, EMIT_SPAN, NULL, "Its key"),
	URL(expires_in_seconds, EMIT_INT, NULL, "How long the URL lives"),
	URL(file_name, EMIT_SPAN, NULL, "The key's last part"),
	EMIT_END
};

struct usage {
	const char *description;
	const char *const *miner_validation_flow;
};

static const struct emit_field usage_fields[] = {
	EMIT_FIELD(struct usage, description, EMIT_TEXT, NULL, "In words"),
	EMIT_FIELD(struct usage, miner_validation_flow, EMIT_TEXTS, NULL,
	    "Step by step"),
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
static const struct emit_field response_fields[] = {
	OUT(validator_hotkey, EMIT_TEXT, NULL, "Who asked"),
	OUT(miner_hotkey, EMIT_TEXT, NULL, "Whose files"),
	OUT(miner_coldkey, EMIT_TEXT, NULL, "Or whose"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(expiry_hours, EMIT_INT, NULL, "How long the URLs live"),
	OUT(expiry_time, EMIT_TEXT, NULL, "When they end"),
	OUT(total_requested_files, EMIT_INT, NULL, "Keys in the request"),
	OUT(valid_files_count, EMIT_INT, NULL, "Of them, that miner's"),
	OUT(invalid_files_count, EMIT_INT, NULL, "And all others"),
	OUT(successful_urls, EMIT_INT, NULL, "URLs in file_urls"),
	OUT(failed_files, EMIT_INT, NULL, "Always none: see invalid_files"),
	OUT(file_urls, EMIT_MAP, file_url_fields, "By key"),
	OUT(invalid_files, EMIT_ROWS, NULL, "Keys not vended"),
	OUT(failed_files_details, EMIT_TEXTS, NULL, "Always empty"),
	OUT(commitment_used, EMIT_TEXT, NULL, "What was signed"),
	OUT(usage_info, EMIT_OBJECT, usage_fields, "How to use the URLs"),
	EMIT_END
};

/* The keys, and which of them are vended: each once. */
struct files {
	struct web *w;
	const struct schema_texts *keys;
	bool *valid, *again;
	int64_t ttl_s;

	/* Where the two lists are, and the URL that is being written. */
	size_t next_valid, next_invalid;
	struct presign_object_url url;
	struct file_url row;
};

static bool
is_below(const struct text_span *key, const char *folder)
{
	size_t n = strlen(folder);

	return (key->len > n && memcmp(key->s, folder, n) == 0);
}

static enum err
check_one(struct web *w, const struct text_span *key,
    struct vend_miner *miner, bool *valid)
{
	const char *folder;
	size_t i;
	enum err e;

	*valid = false;
	if (!vend_is_plain(key->s, key->len))
		return (ERR_OK);
	if (miner->hotkey.text[0] != '\0') {
		if ((e = vend_miner_folder(w, miner, &folder)) == ERR_OK)
			*valid = is_below(key, folder);
		return (e);
	}
	for (i = 0; i < w->cfg.access_sources.n && !*valid; i++) {
		miner->source = w->cfg.access_sources.item[i];
		if ((e = vend_miner_folder(w, miner, &folder)) != ERR_OK)
			return (e);
		*valid = is_below(key, folder);
	}
	return (ERR_OK);
}

static enum err
next_url(void *with, struct emit_row *row)
{
	struct files *f = with;
	const struct text_span *k;
	const char *slash;
	size_t i;

	do {
		if ((i = f->next_valid++) == f->keys->n)
			return (ERR_OK);
	} while (!f->valid[i] || f->again[i]);
	k = &f->keys->text[i];
	f->url = (struct presign_object_url){ &f->w->read.signer,
	    f->w->auth.now_s, f->ttl_s, PRESIGN_GET, *k };
	slash = strrchr(k->s, '/');
	f->row = (struct file_url){
		.presigned_url = { presign_object_write, &f->url },
		.file_key = *k,
		.expires_in_seconds = f->ttl_s,
		.file_name = slash == NULL ? *k : text_span(slash + 1),
	};
	row->name = *k;
	row->value = &f->row;
	return (ERR_OK);
}

static enum err
next_invalid(void *with, struct emit_row *row)
{
	struct files *f = with;
	size_t i;

	do {
		if ((i = f->next_invalid++) == f->keys->n)
			return (ERR_OK);
	} while (f->valid[i]);
	row->value = &f->keys->text[i];
	return (ERR_OK);
}

/* Sort the keys out, and count. */
static enum err
sort_out(struct files *f, struct vend_miner *miner, struct response *out)
{
	size_t i, n = f->keys->n;
	enum err e;

	f->valid = arena_alloc(f->w->arena, n * sizeof(bool) + 1);
	f->again = arena_alloc(f->w->arena, n * sizeof(bool) + 1);
	text_repeats(f->keys->text, n, arena_alloc(f->w->arena,
	    n * sizeof(const struct text_span *) + 1), f->again);
	for (i = 0; i < n; i++) {
		if ((e = check_one(f->w, &f->keys->text[i], miner,
		    &f->valid[i])) != ERR_OK)
			return (e);
		out->valid_files_count += f->valid[i];
		out->successful_urls += f->valid[i] && !f->again[i];
	}
	out->total_requested_files = (int64_t)n;
	out->invalid_files_count = (int64_t)n - out->valid_files_count;
	return (out->valid_files_count == 0 ? ERR_NO_FILES : ERR_OK);
}

static enum err
hours(const struct request *in, int64_t *out)
{

	*out = in->expiry_hours != 0 ? in->expiry_hours : HOURS_DEFAULT;
	return (*out < 1 || *out > HOURS_MAX ? ERR_EXPIRY_HOURS : ERR_OK);
}

static enum err
handle(struct web *w)
{
	static const char *const none[] = { NULL };
	static const char *const flow[] = {
		"List the miner's files (get-miner-list)",
		"Ask for the URLs of those you want to look at",
		"GET each presigned_url; Range works, HEAD does not",
		"Check the content",
		"Ask again when the URLs have ended", NULL
	};
	static const struct usage usage = {
		"Downloads of one miner's files", flow
	};
	struct files files = { .w = w };
	struct vend_miner miner = { .source = "" };
	struct response out = { 0 };
	const struct ss58 *miner_key;
	struct auth_identity id;
	struct auth_caller who;
	struct signed_text text;
	struct request in;
	enum err e;

	/* Parse. */
	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	if ((e = hours(&in, &out.expiry_hours)) != ERR_OK)
		return (e);
	if (in.file_keys.n > KEYS_MAX)
		return (ERR_TOO_MANY);
	miner.hotkey = in.miner_hotkey;
	miner.coldkey = in.miner_coldkey;
	if ((e = vend_miner_key(&miner, &miner_key)) != ERR_OK)
		return (e);
	if ((e = web_caller(w, &in.hotkey, in.timestamp, in.signature, &who)) !=
	    ERR_OK)
		return (e);

	/* Authorise and authenticate: a validator, asking for this miner. */
	signed_text_files(&text, miner_key, &who.hotkey, in.timestamp);
	if ((e = web_validator(w, &who, &text, &id)) != ERR_OK)
		return (e);
	files.keys = &in.file_keys;
	files.ttl_s = out.expiry_hours * 3600;
	if ((e = sort_out(&files, &miner, &out)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_VALIDATOR_URL)) !=
	    ERR_OK)
		return (e);

	/* Sign, while the answer is written. */
	out.validator_hotkey = id.hotkey.text;
	out.miner_hotkey = miner_key == &miner.hotkey ? miner_key->text : NULL;
	out.miner_coldkey = miner_key == &miner.coldkey ? miner_key->text :
	    NULL;
	out.bucket = w->bucket.name;
	out.expiry_time = vend_time(w, w->auth.now_s + files.ttl_s);
	out.file_urls = (struct emit_rows){ next_url, &files,
	    (size_t)out.successful_urls };
	out.invalid_files = (struct emit_rows){ next_invalid, &files, 0 };
	out.failed_files_details = none;
	out.commitment_used = who.by_headers ? NULL : text.text;
	out.usage_info = &usage;
	web_granted(w, miner_key->text, "get", out.successful_urls,
	    files.ttl_s);
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/get-file-presigned-urls", .method = "POST",
		.summary = "Downloads of one miner's files, for a validator",
		.needs = NEED_GUARD | NEED_METAGRAPH | NEED_READ_KEY,
		.body_max = TRANSPORT_BODY_MAX,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
