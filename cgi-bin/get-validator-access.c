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
	const char *list_all_data;
};

static const struct emit_field global_fields[] = {
	EMIT_FIELD(struct global, list_all_data, EMIT_TEXT, NULL,
	    "GET: everything there is"),
	EMIT_END
};

struct urls {
	const struct global *global;
	const struct emit_call *sources, *miners;
};

static const struct emit_field urls_fields[] = {
	EMIT_FIELD(struct urls, global, EMIT_OBJECT, global_fields, "All"),
	EMIT_FIELD(struct urls, sources, EMIT_CALL, NULL,
	    "By source: list_miners, prefix"),
	EMIT_FIELD(struct urls, miners, EMIT_CALL, NULL,
	    "list_all_miners; by coldkey and source: list_files, folder"),
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

/* What the lists of the answer are made from. */
struct lists {
	struct web *w;
	const struct request *in;
	int64_t ttl_s, urls;
	enum err e;		/* of the first URL that could not be made */
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

/* Our own names, sources, addresses, their folders and URLs hold nothing that
   JSON would escape; looking at each byte took nearly as long as signing. */
static void
write_text(struct buf *b, const char *text)
{

	buf_char(b, '"');
	buf_str(b, text);
	buf_char(b, '"');
}

static void
write_pair(struct buf *b, const char *name, const char *value)
{

	write_text(b, name);
	buf_char(b, ':');
	write_text(b, value);
}

/* "name":"URL" */
static void
write_url(struct lists *l, struct buf *b, const char *name,
    const char *prefix, const char *delimiter)
{
	const struct presign_list list = {
		.prefix = { prefix, strlen(prefix) },
		.delimiter = { delimiter, delimiter == NULL ? 0 : 1 },
	};

	if (l->e != ERR_OK)
		return;
	write_text(b, name);
	buf_str(b, ":\"");
	l->e = presign_list(&l->w->read.signer, l->w->auth.now_s, &list,
	    l->ttl_s, b);
	buf_char(b, '"');
	l->urls++;
}

static void
write_sources(struct buf *b, void *with)
{
	struct lists *l = with;
	const struct config_list *sources = &l->w->cfg.access_sources;
	char prefix[LAYOUT_FOLDER_MAX + 1];
	size_t i, n = 0;

	buf_char(b, '{');
	for (i = 0; i < sources->n; i++) {
		if (!wanted(l, sources->item[i]))
			continue;
		layout_source_prefix(sources->item[i], prefix);
		buf_str(b, n++ > 0 ? "," : "");
		write_text(b, sources->item[i]);
		buf_str(b, ":{");
		write_url(l, b, "list_miners", prefix, "/");
		buf_char(b, ',');
		write_pair(b, "prefix", prefix);
		buf_char(b, '}');
	}
	buf_char(b, '}');
}

/* One folder of the index, inside its coldkey's object. */
static void
write_folder(struct lists *l, struct buf *b, const char *coldkey,
    const char *source)
{
	char folder[LAYOUT_FOLDER_MAX + 1];

	if (l->e != ERR_OK || (l->e = layout_folder(&l->w->cfg, LAYOUT_COLDKEY,
	    source, coldkey, folder)) != ERR_OK)
		return;
	write_text(b, source);
	buf_str(b, ":{");
	write_url(l, b, "list_files", folder, NULL);
	buf_char(b, ',');
	write_pair(b, "folder", folder);
	buf_char(b, '}');
}

/* The folders of the index are in the order of coldkeys: an object for each. */
static void
write_coldkeys(struct lists *l, struct buf *b, bool first)
{
	const struct bucket_index_info *info = bucket_index_info(l->w->index);
	const struct bucket_index_folder *f;
	struct ss58 coldkey = { .text = "" };
	const size_t start = b->len;
	uint32_t i, n = 0;

	for (i = 0; info != NULL && i < info->folders; i++) {
		f = bucket_index_folder(l->w->index, i);
		if (!wanted(l, f->source))
			continue;
		if (n > 0 && memcmp(coldkey.key, f->coldkey,
		    SS58_KEY_LEN) == 0) {
			buf_char(b, ',');
		} else {
			buf_str(b, n > 0 ? "}," : first ? "" : ",");
			memcpy(coldkey.key, f->coldkey, SS58_KEY_LEN);
			ss58_encode(f->coldkey, coldkey.text);
			write_text(b, coldkey.text);
			buf_str(b, ":{");
		}
		write_folder(l, b, coldkey.text, f->source);

		/* The others are about as long: grow once, copy nothing. */
		if (n++ == 0)
			(void)buf_room(b, (b->len - start) * info->folders);
	}
	if (n > 0)
		buf_char(b, '}');
}

static void
write_miners(struct buf *b, void *with)
{
	struct lists *l = with;
	bool hotkeys = l->w->cfg.access_layouts.hotkey;

	buf_char(b, '{');
	if (hotkeys)
		write_url(l, b, "list_all_miners", LAYOUT_HOTKEY_PREFIX, "/");
	if (l->in->miners >= 0 &&
	    l->w->cfg.access_layouts.coldkey)
		write_coldkeys(l, b, !hotkeys);
	buf_char(b, '}');
}

/* Everything, as the generation of clients that the layout belongs to reads
   it: pages of objects, or folders. */
static enum err
list_all(struct lists *l, struct global *out)
{
	struct presign_list list = { .max_keys = 0 };

	if (l->w->cfg.access_layouts.hotkey) {
		list.prefix.s = LAYOUT_HOTKEY_PREFIX;
	} else {
		list.prefix.s = LAYOUT_PREFIX;
		list.delimiter.s = "/";
		list.delimiter.len = 1;
	}
	list.prefix.len = strlen(list.prefix.s);
	return (vend_list(l->w, &list, l->ttl_s, &out->list_all_data));
}

static enum err
answer(struct web *w, struct lists *l, const char *hotkey)
{
	static const struct structure structure = {
		LAYOUT_HOTKEY_STRUCTURE,
		"Miners' files are in job_id folders within their hotkey "
		    "directory under data/ prefix"
	};
	const struct emit_call sources = { write_sources, l };
	const struct emit_call miners = { write_miners, l };
	const struct bucket_index_info *info;
	struct global global;
	struct urls urls = { &global, NULL, &miners };
	struct response out = { 0 };
	int64_t age_s;
	enum err e;

	if ((e = list_all(l, &global)) != ERR_OK)
		return (e);
	if (w->cfg.access_layouts.coldkey)
		urls.sources = &sources;
	if (w->cfg.access_layouts.hotkey)
		out.structure_info = &structure;

	if ((info = bucket_index_info(w->index)) != NULL) {
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

	/* Those, and list_all_data. */
	web_granted(w, LAYOUT_PREFIX, "list", l->urls + 1, l->ttl_s);
	return (l->e);
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
