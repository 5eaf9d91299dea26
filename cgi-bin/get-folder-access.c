/* POST /get-folder-access: a miner asks to upload into its own folder. */

#include <stdio.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/choices.h"
#include "base/arena.h"
#include "s3/post_policy.h"
#include "s3/presign.h"
#include "web/endpoint.h"
#include "web/transport.h"
#include "web/vend.h"

#define FILES_MAX 1000

struct file {
	char name[S3_KEY_MAX + 1];
	int64_t size;			/* 0: not told */
};

#define FILE_(...) SCHEMA_FIELD(struct file, __VA_ARGS__)
static const struct schema_field file_fields[] = {
	FILE_(name, SCHEMA_TEXT, SCHEMA_REQUIRED, "Below the folder"),
	FILE_(size, SCHEMA_INT, SCHEMA_NULLABLE, "Its bytes"),
	SCHEMA_END
};

struct request {
	struct ss58 coldkey, hotkey;
	char source[LAYOUT_SOURCE_MAX + 1], signature[AUTH_SIGNATURE_MAX + 1];
	int64_t timestamp, expiry;
	struct schema_objects files;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(coldkey, SCHEMA_SS58, SCHEMA_SIGNED, "Owner of the hotkey"),
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "Miner hotkey, the signer"),
	IN(source, SCHEMA_NAME, SCHEMA_OPTIONAL, "Of the coldkey layout"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the signed text"),
	IN(expiry, SCHEMA_TIME, SCHEMA_NULLABLE, "Ends the grant earlier"),
	SCHEMA_LIST(struct request, files, SCHEMA_NULLABLE, file_fields,
	    struct file, FILES_MAX, "What to upload, where the store takes no "
	    "policies"),
	SCHEMA_END
};

struct structure {
	const char *folder_structure, *description;
};

static const struct emit_field structure_fields[] = {
	EMIT_FIELD(struct structure, folder_structure, EMIT_TEXT, NULL,
	    "Where files belong"),
	EMIT_FIELD(struct structure, description, EMIT_TEXT, NULL, "In words"),
	EMIT_END
};

struct upload {
	const char *name, *key, *url, *method;
	const struct emit_pairs *headers;
};

static const struct emit_field upload_fields[] = {
	EMIT_FIELD(struct upload, name, EMIT_TEXT, NULL, "As it was asked for"),
	EMIT_FIELD(struct upload, key, EMIT_TEXT, NULL, "Where it will be"),
	EMIT_FIELD(struct upload, url, EMIT_TEXT, NULL, "Where to send it"),
	EMIT_FIELD(struct upload, method, EMIT_TEXT, NULL, "PUT"),
	EMIT_FIELD(struct upload, headers, EMIT_PAIRS, NULL,
	    "That were signed, with a size"),
	EMIT_END
};

struct response {
	const char *folder, *url;
	const struct emit_pairs *fields;
	struct emit_rows uploads;
	const char *expiry;
	int64_t expires_in_seconds;
	const char *list_url;
	const struct structure *structure_info;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(folder, EMIT_TEXT, NULL, "Keys must start with this"),
	OUT(url, EMIT_TEXT, NULL, "Where to post the form"),
	OUT(fields, EMIT_PAIRS, NULL, "Fields of the form, before the file"),
	OUT(uploads, EMIT_ROWS, upload_fields, "Or a URL for each file"),
	OUT(expiry, EMIT_TEXT, NULL, "When the grant ends"),
	OUT(expires_in_seconds, EMIT_INT, NULL, "How long that is from now"),
	OUT(list_url, EMIT_TEXT, NULL, "GET: what the folder holds"),
	OUT(structure_info, EMIT_OBJECT, structure_fields, "Hotkey layout"),
	EMIT_END
};

static int64_t
min(int64_t a, int64_t b)
{

	return (a < b ? a : b);
}

/* Until when, and the list to look at the folder. */
static enum err
sign_list(struct web *w, const char *folder, int64_t until,
    struct response *out)
{
	const struct presign_list list = {
		.prefix = { folder, strlen(folder) },
	};

	out->folder = folder;
	out->expiry = vend_time(w, until);
	out->expires_in_seconds = until - w->auth.now_s;
	return (vend_list(w, &list, min(w->cfg.access_list_ttl_s,
	    out->expires_in_seconds), &out->list_url));
}

/* The form for ${folder} until ${until}. */
static enum err
sign_form(struct web *w, const char *folder, int64_t until,
    struct response *out)
{
	struct post_policy *form = arena_alloc(w->arena, sizeof(*form));
	struct emit_pairs *fields = arena_alloc(w->arena, sizeof(*fields));
	const struct post_policy_grant grant = {
		.kind = POST_POLICY_FOLDER,
		.key = folder,
		.key_len = strlen(folder),
		.min_bytes = w->cfg.access_min_bytes,
		.max_bytes = w->cfg.access_max_bytes,
		.expires_at = until,
	};
	enum err e;

	if ((e = post_policy_make(&w->upload.signer, w->auth.now_s, &grant,
	    form)) != ERR_OK)
		return (e);
	fields->n = form->n;
	fields->pair = form->fields;
	out->url = w->bucket.url;
	out->fields = fields;
	return (ERR_OK);
}

/* A URL for each file, for stores without policies. */
struct uploads {
	size_t n, next;
	const struct file *file;
	struct upload *to;

	/* The headers of the one that is being written. */
	char bytes[21];
	struct text_pair length;
	struct emit_pairs headers;
};

static enum err
next_upload(void *with, struct emit_row *row)
{
	struct uploads *u = with;
	const int64_t size = u->next < u->n ? u->file[u->next].size : 0;

	if (u->next == u->n)
		return (ERR_OK);
	snprintf(u->bytes, sizeof(u->bytes), "%lld", (long long)size);
	u->length = (struct text_pair){ "Content-Length", u->bytes };
	u->headers = (struct emit_pairs){ size != 0 ? 1 : 0, &u->length };
	row->value = &u->to[u->next++];
	return (ERR_OK);
}

/* May these be uploaded?  Below ${folder}, to the letter, neither too small nor
   too large. */
static enum err
check_files(struct web *w, const char *folder, struct uploads *u)
{
	char key[LAYOUT_FOLDER_MAX + S3_KEY_MAX + 1];
	struct buf b;
	size_t i;

	u->to = arena_alloc(w->arena, u->n * sizeof(*u->to) + 1);
	for (i = 0; i < u->n; i++) {
		buf_init(&b, key, sizeof(key));
		buf_str(&b, folder);
		buf_str(&b, u->file[i].name);
		if (buf_end(&b) != ERR_OK || !vend_is_plain(b.data, b.len))
			return (ERR_KEY_NAME);
		if (u->file[i].size != 0 &&
		    (u->file[i].size < w->cfg.access_min_bytes ||
		    u->file[i].size > w->cfg.access_max_bytes))
			return (ERR_SIZE);
		u->to[i] = (struct upload){
			.name = u->file[i].name,
			.key = arena_text(w->arena, b.data, b.len),
			.method = "PUT",
			.headers = &u->headers,
		};
	}
	return (ERR_OK);
}

/* Each at least until ${out->expires_in_seconds} from now, which becomes less
   where one had to be signed for less. */
static enum err
sign_files(struct web *w, const struct uploads *u, struct response *out,
    int64_t *longest_s)
{
	const int64_t ttl_s = out->expires_in_seconds;
	char url[PRESIGN_OBJECT_MAX + 1];
	struct buf b;
	int64_t left;
	size_t i;
	enum err e;

	for (i = 0; i < u->n; i++) {
		left = ttl_s;
		buf_init(&b, url, sizeof(url));
		e = presign_put(&w->upload.signer, w->auth.now_s, u->to[i].key,
		    strlen(u->to[i].key), u->file[i].size == 0 ?
		    PRESIGN_ANY_SIZE : u->file[i].size, &left, &b);
		if (e != ERR_OK)
			return (e);
		u->to[i].url = arena_text(w->arena, b.data, b.len);
		out->expires_in_seconds = min(out->expires_in_seconds, left);
		if (left > *longest_s)
			*longest_s = left;
	}
	out->expiry = vend_time(w, w->auth.now_s + out->expires_in_seconds);
	return (ERR_OK);
}

static enum err
handle(struct web *w)
{
	static const struct structure hotkey_structure = {
		LAYOUT_HOTKEY_STRUCTURE,
		"Upload files to job_id folders within your hotkey directory "
		    "under data/ prefix"
	};
	char *folder = arena_alloc(w->arena, LAYOUT_FOLDER_MAX + 1);
	struct uploads uploads = { 0 };
	struct response out = { 0 };
	struct auth_choices may;
	struct auth_identity id;
	struct auth_caller who;
	struct request in;
	size_t which;
	int64_t until, longest_s = 0;
	enum err e;

	/* Parse: from here on every field has the form declared above. */
	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	if ((e = web_caller(w, &in.hotkey, in.timestamp, in.signature, &who)) !=
	    ERR_OK)
		return (e);
	until = w->auth.now_s + w->cfg.access_ttl_s;
	if (in.expiry != 0)
		until = min(until, in.expiry);
	if (until <= w->auth.now_s)
		return (ERR_TIMESTAMP);
	if (!w->bucket.post_policy && in.files.n == 0)
		return (ERR_FILES_REQUIRED);

	/* Authorise what the chain says, cheap: registered, and owned by this
	   coldkey. */
	if ((e = auth_miner(&w->auth, &who.hotkey,
	    in.coldkey.text[0] != '\0' ? &in.coldkey : NULL, &id)) != ERR_OK)
		return (e);

	/* Authenticate: that hotkey signed the words of one of the layouts, or
	   this body; then the first choice is meant. */
	auth_choices(&may, &id, in.source, in.timestamp);
	if ((e = web_proven(w, &who, may.texts, AUTH_CHOICES, &id,
	    &which)) !=
	    ERR_OK)
		return (e);
	if ((e = auth_choices_folder(&w->cfg, may.layout[which], &id,
	    in.source, folder)) != ERR_OK)
		return (e);

	uploads.n = w->bucket.post_policy ? 0 : in.files.n;
	uploads.file = in.files.object;
	if ((e = check_files(w, folder, &uploads)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_FOLDER_GRANT)) !=
	    ERR_OK)
		return (e);

	/* Sign: for the folder of the proven key. */
	if ((e = sign_list(w, folder, until, &out)) != ERR_OK)
		return (e);
	if (w->bucket.post_policy)
		e = sign_form(w, folder, until, &out);
	else
		e = sign_files(w, &uploads, &out, &longest_s);
	if (e != ERR_OK)
		return (e);
	if (!w->bucket.post_policy)
		out.uploads = (struct emit_rows){ next_upload, &uploads,
		    uploads.n };
	web_granted(w, folder, w->bucket.post_policy ? "post_policy" : "put",
	    w->bucket.post_policy ? 1 : (int64_t)uploads.n,
	    w->bucket.post_policy ? out.expires_in_seconds : longest_s);
	if (may.layout[which] == LAYOUT_HOTKEY)
		out.structure_info = &hotkey_structure;
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/get-folder-access", .method = "POST",
		.summary = "Upload access to a miner's own folder",
		.needs = NEED_GUARD | NEED_METAGRAPH | NEED_UPLOAD_KEY |
		    NEED_READ_KEY,
		.put_body_max = TRANSPORT_BODY_MAX,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
