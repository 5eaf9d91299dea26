/* POST /get-folder-access: a miner asks to upload into its own folder. */

#include <string.h>

#include "auth/auth.h"
#include "auth/layout.h"
#include "base/arena.h"
#include "base/timefmt.h"
#include "s3/post_policy.h"
#include "s3/presign.h"
#include "web/endpoint.h"

struct request {
	struct ss58 coldkey, hotkey;
	char source[LAYOUT_SOURCE_MAX + 1], signature[AUTH_SIGNATURE_MAX + 1];
	int64_t timestamp, expiry;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(coldkey, SCHEMA_SS58, SCHEMA_SIGNED, "Owner of the hotkey"),
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "Miner hotkey, the signer"),
	IN(source, SCHEMA_NAME, SCHEMA_OPTIONAL, "Of the coldkey layout"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the words"),
	IN(expiry, SCHEMA_TIME, SCHEMA_NULLABLE, "Ends the grant earlier"),
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

struct response {
	const char *folder, *url;
	const struct emit_pairs *fields;
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
	OUT(expiry, EMIT_TEXT, NULL, "When the policy ends"),
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

/* The form for ${folder} until ${until}, and the list to look at it. */
static enum err
sign(struct web *w, const char *folder, int64_t until, struct response *out)
{
	struct post_policy *form = arena_alloc(w->arena, sizeof(*form));
	struct emit_pairs *fields = arena_alloc(w->arena, sizeof(*fields));
	char *expiry = arena_alloc(w->arena, TIMEFMT_ISO_MAX + 1);
	char *url = arena_alloc(w->arena, PRESIGN_LIST_MAX + 1);
	const struct post_policy_grant grant = {
		.kind = POST_POLICY_FOLDER,
		.key = folder,
		.key_len = strlen(folder),
		.min_bytes = w->cfg.access_min_bytes,
		.max_bytes = w->cfg.access_max_bytes,
		.expires_at = until,
	};
	const struct presign_list list = {
		.prefix = { folder, strlen(folder) },
	};
	int64_t now = w->auth.now_s;
	struct buf b;
	enum err e;

	if ((e = post_policy_make(&w->upload.signer, now, &grant, form)) !=
	    ERR_OK)
		return (e);
	buf_init(&b, url, PRESIGN_LIST_MAX + 1);
	if ((e = presign_list(&w->read.signer, now, &list,
	    min(w->cfg.access_list_ttl_s, until - now), &b)) != ERR_OK)
		return (e);
	timefmt_iso(until, expiry);
	fields->n = form->n;
	fields->pair = form->fields;
	out->folder = folder;
	out->url = w->bucket.url;
	out->fields = fields;
	out->expiry = expiry;
	out->expires_in_seconds = until - now;
	out->list_url = url;
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
	struct response out = { 0 };
	struct layout_choices may;
	struct auth_identity id;
	struct auth_caller who;
	struct request in;
	size_t which;
	int64_t until;
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

	/* Authorise what the chain says, cheap: registered, and owned by this
	   coldkey. */
	if ((e = auth_miner(&w->auth, &who.hotkey,
	    in.coldkey.text[0] != '\0' ? &in.coldkey : NULL, &id)) != ERR_OK)
		return (e);

	/* Authenticate: that hotkey signed the words of one of the layouts, or
	   this body; then the first choice is meant. */
	layout_choices(&may, &id, in.source, in.timestamp);
	if ((e = auth_proven(&id, &who, may.claims, LAYOUT_CHOICES, &which)) !=
	    ERR_OK)
		return (e);
	if ((e = layout_folder(&w->cfg, may.layout[which], &id, in.source,
	    folder)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = auth_admit(&w->auth, &id, &who)) != ERR_OK)
		return (e);

	/* Sign: for the folder of the proven key. */
	if ((e = sign(w, folder, until, &out)) != ERR_OK)
		return (e);
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
		.needs = NEED_METAGRAPH | NEED_UPLOAD_KEY | NEED_READ_KEY,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
