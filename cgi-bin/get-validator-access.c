/* POST /get-validator-access: a validator gets listings of everything. */

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "s3/layout.h"
#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/vend.h"

struct request {
	struct ss58 hotkey;
	char signature[AUTH_SIGNATURE_MAX + 1];
	int64_t timestamp, miners;
	struct schema_texts sources;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "Validator hotkey, the signer"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the signed text"),
	IN(miners, SCHEMA_FLAG, SCHEMA_NULLABLE, "false: no miners by name"),
	IN(sources, SCHEMA_TEXTS, SCHEMA_NULLABLE, "Only these sources"),
	SCHEMA_END
};

struct global {
	struct emit_url list_all_data;
};

static const struct emit_field global_fields[] = {
	EMIT_FIELD(struct global, list_all_data, EMIT_URL, NULL,
	    "GET: everything there is"),
	EMIT_END
};

struct source {
	struct emit_url list_miners;
	const char *prefix;
};

static const struct emit_field source_fields[] = {
	EMIT_FIELD(struct source, list_miners, EMIT_URL, NULL,
	    "GET: its folders"),
	EMIT_FIELD(struct source, prefix, EMIT_TEXT, NULL,
	    "What its keys start with"),
	EMIT_END
};

struct folder {
	struct emit_url list_files;
	const char *folder;
};

static const struct emit_field folder_fields[] = {
	EMIT_FIELD(struct folder, list_files, EMIT_URL, NULL,
	    "GET: its files"),
	EMIT_FIELD(struct folder, folder, EMIT_TEXT, NULL,
	    "What their keys start with"),
	EMIT_END
};

struct coldkey {
	struct emit_rows folders;
};

static const struct emit_field coldkey_fields[] = {
	EMIT_FIELD(struct coldkey, folders, EMIT_MEMBERS, folder_fields,
	    "By source"),
	EMIT_END
};

struct miners {
	struct emit_url list_all_miners;
	struct emit_rows coldkeys;
};

static const struct emit_field miners_fields[] = {
	EMIT_FIELD(struct miners, list_all_miners, EMIT_URL, NULL,
	    "GET: the folders of the hotkey layout"),
	EMIT_FIELD(struct miners, coldkeys, EMIT_MEMBERS, coldkey_fields,
	    "By coldkey, those of the other"),
	EMIT_END
};

struct urls {
	const struct global *global;
	struct emit_rows sources;
	const struct miners *miners;
};

static const struct emit_field urls_fields[] = {
	EMIT_FIELD(struct urls, global, EMIT_OBJECT, global_fields, "All"),
	EMIT_FIELD(struct urls, sources, EMIT_MAP, source_fields, "By source"),
	EMIT_FIELD(struct urls, miners, EMIT_OBJECT, miners_fields,
	    "By miner"),
	EMIT_END
};

struct structure {
	const char *folder_structure, *description;
};

static const struct emit_field structure_fields[] = {
	EMIT_FIELD(struct structure, folder_structure, EMIT_TEXT, NULL,
	    "Where miners' files are"),
	EMIT_FIELD(struct structure, description, EMIT_TEXT, NULL, "In words"),
	EMIT_END
};

struct response {
	const char *bucket, *region, *validator_hotkey, *expiry;
	int64_t expiry_seconds, expires_in_seconds;
	const int64_t *index_age_s;
	const struct urls *urls;
	const struct structure *structure_info;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(region, EMIT_TEXT, NULL, "Its region in signatures"),
	OUT(validator_hotkey, EMIT_TEXT, NULL, "Who asked"),
	OUT(expiry, EMIT_TEXT, NULL, "When the URLs end"),
	OUT(expiry_seconds, EMIT_INT, NULL, "How long that is from now"),
	OUT(expires_in_seconds, EMIT_INT, NULL, "The same"),
	OUT(index_age_s, EMIT_INT_IF, NULL,
	    "Age of what is known of the bucket; absent: nothing yet"),
	OUT(urls, EMIT_OBJECT, urls_fields, "Listings, to GET"),
	OUT(structure_info, EMIT_OBJECT, structure_fields, "Hotkey layout"),
	EMIT_END
};

/* Folders in one answer, of less than 1,600 bytes each. */
#define FOLDERS_MAX 150000

/* What the lists of the answer are made from, and where they are. */
struct lists {
	struct web *w;
	const struct request *in;
	int64_t ttl_s, urls;
	size_t next_source;
	uint32_t next_folder;

	/* What is being written. */
	struct presign_list_url url;
	char prefix[LAYOUT_FOLDER_MAX + 1];
	struct ss58 of;
	struct source source;
	struct folder folder;
	struct coldkey coldkey;
};

static bool
wanted(const struct lists *l, const char *source)
{
	const struct schema_texts *only = &l->in->sources;
	size_t i;

	if (!config_has(&l->w->cfg.access_sources, source))
		return (false);
	for (i = 0; i < only->n; i++) {
		if (strcmp(only->text[i].s, source) == 0)
			return (true);
	}
	return (only->text == NULL);
}

/* The URL that lists ${prefix}, signed when ${to} is written. */
static struct emit_url
listing(struct lists *l, struct presign_list_url *to, const char *prefix,
    const char *delimiter)
{

	*to = (struct presign_list_url){
		.signer = &l->w->read.signer,
		.now = l->w->auth.now_s,
		.ttl_s = l->ttl_s,
		.list = {
			.prefix = text_span(prefix),
			.delimiter = text_span(delimiter),
		},
	};
	l->urls++;
	return ((struct emit_url){ presign_list_write, to });
}

static enum err
next_source(void *with, struct emit_row *row)
{
	struct lists *l = with;
	const struct config_list *sources = &l->w->cfg.access_sources;
	const char *source;

	do {
		if (l->next_source == sources->n)
			return (ERR_OK);
		source = sources->item[l->next_source++];
	} while (!wanted(l, source));
	layout_source_prefix(source, l->prefix);
	l->source.list_miners = listing(l, &l->url, l->prefix, "/");
	l->source.prefix = l->prefix;
	row->name = text_span(source);
	row->value = &l->source;
	return (ERR_OK);
}

/* The next folder of the index that is asked for. */
static const struct bucket_index_folder *
folder_here(struct lists *l)
{
	const struct bucket_index_folder *f;

	for (; l->next_folder < bucket_index_info(l->w->index)->folders;
	    l->next_folder++) {
		f = bucket_index_folder(l->w->index, l->next_folder);
		if (wanted(l, f->source))
			return (f);
	}
	return (NULL);
}

/* Those of one coldkey. */
static enum err
next_folder(void *with, struct emit_row *row)
{
	struct lists *l = with;
	const struct bucket_index_folder *f = folder_here(l);
	enum err e;

	if (f == NULL || memcmp(f->coldkey, l->of.key,
	    SS58_KEY_LEN) != 0)
		return (ERR_OK);
	if ((e = layout_folder(&l->w->cfg, LAYOUT_COLDKEY, f->source,
	    l->of.text, l->prefix)) != ERR_OK)
		return (e);
	l->next_folder++;
	l->folder.list_files = listing(l, &l->url, l->prefix, NULL);
	l->folder.folder = l->prefix;
	row->name = text_span(f->source);
	row->value = &l->folder;
	return (ERR_OK);
}

/* The index is in the order of coldkeys: what follows is another one's. */
static enum err
next_coldkey(void *with, struct emit_row *row)
{
	struct lists *l = with;
	const struct bucket_index_folder *f = folder_here(l);

	if (f == NULL)
		return (ERR_OK);
	memcpy(l->of.key, f->coldkey, SS58_KEY_LEN);
	ss58_encode(f->coldkey, l->of.text);
	l->coldkey.folders = (struct emit_rows){ next_folder, l, 0 };
	row->name = text_span(l->of.text);
	row->value = &l->coldkey;
	return (ERR_OK);
}

/* In each layout as the generation of clients that it belongs to reads it:
   pages of objects, or folders. */
static enum err
answer(struct web *w, struct lists *l, const char *hotkey)
{
	static const struct structure structure = {
		LAYOUT_HOTKEY_STRUCTURE,
		"Miners' files are in job_id folders within their hotkey "
		    "directory under data/ prefix"
	};
	const struct bucket_index_info *info = bucket_index_info(w->index);
	const bool hotkeys = w->cfg.access_layouts.hotkey;
	const bool coldkeys = w->cfg.access_layouts.coldkey;
	const size_t sources = w->cfg.access_sources.n;
	struct presign_list_url all, all_miners;
	struct global global;
	struct miners miners = { 0 };
	struct urls urls = { .global = &global, .miners = &miners };
	struct response out = { 0 };
	int64_t age_s;
	enum err e;

	global.list_all_data = hotkeys ?
	    listing(l, &all, LAYOUT_HOTKEY_PREFIX, NULL) :
	    listing(l, &all, LAYOUT_PREFIX, "/");
	if (hotkeys) {
		miners.list_all_miners = listing(l, &all_miners,
		    LAYOUT_HOTKEY_PREFIX, "/");
		out.structure_info = &structure;
	}
	if (coldkeys)
		urls.sources = (struct emit_rows){ next_source, l, 0 };
	if (coldkeys && info != NULL && l->in->miners >= 0)
		miners.coldkeys = (struct emit_rows){ next_coldkey, l,
		    info->folders / (sources > 0 ? sources : 1) };
	if (info != NULL) {
		age_s = w->auth.now_s - bucket_index_as_of(info);
		out.index_age_s = &age_s;
	}
	out.bucket = w->bucket.name;
	out.region = w->bucket.region;
	out.validator_hotkey = hotkey;
	out.expiry = vend_time(w, w->auth.now_s + l->ttl_s);
	out.expiry_seconds = out.expires_in_seconds = l->ttl_s;
	out.urls = &urls;
	if ((e = web_reply(w, response_fields, &out)) != ERR_OK)
		return (e);
	web_granted(w, LAYOUT_PREFIX, "list", l->urls, l->ttl_s);
	return (ERR_OK);
}

/* Would the answer hold more than can be made? */
static bool
too_many(struct web *w, const struct request *in)
{
	const struct bucket_index_info *info = bucket_index_info(w->index);

	return (info != NULL && in->miners >= 0 && info->folders > FOLDERS_MAX);
}

static enum err
handle(struct web *w)
{
	struct lists l = { .w = w, .ttl_s = w->cfg.access_validator_ttl_s };
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
	signed_text_validator(&text, in.timestamp);
	if ((e = web_validator(w, &who, &text, &id)) != ERR_OK)
		return (e);

	/* A bucket that is down stops nobody: the last index will do. */
	(void)!bucket_index_refresh(w->index);
	if (too_many(w, &in))
		return (ERR_TOO_MANY);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_VALIDATOR_ANSWER)) !=
	    ERR_OK)
		return (e);

	/* Sign, while the answer is written. */
	l.in = &in;
	return (answer(w, &l, id.hotkey.text));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/get-validator-access", .method = "POST",
		.summary = "Listings of everything, for a validator",
		.needs = NEED_GUARD | NEED_METAGRAPH | NEED_INDEX |
		    NEED_READ_KEY,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
