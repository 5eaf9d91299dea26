/* POST /get-folder-access: a miner asks to upload into its own folder. */

#include "auth/choices.h"
#include "base/arena.h"
#include "web/endpoint.h"
#include "web/program.h"
#include "web/structure.h"
#include "web/transport.h"
#include "web/upload.h"

struct request {
	struct endpoint_by by;
	char source[LAYOUT_SOURCE_MAX + 1];
	struct schema_int expiry;
	struct schema_objects files;
	char list_after[S3_KEY_MAX - LAYOUT_FOLDER_MAX + 1];
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	ENDPOINT_COLDKEY,
	ENDPOINT_HOTKEY,
	IN(source, SCHEMA_NAME, SCHEMA_OPTIONAL,
	    "The source, in the coldkey layout"),
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
	SCHEMA_BOUND(struct request, expiry, SCHEMA_INT, SCHEMA_NULLABLE, 0,
	    SCHEMA_TIME_MAX, ERR_TIMESTAMP, "Time when the grant must end, if "
	    "earlier than the default; 0 means the default"),
	SCHEMA_LIST(struct request, files, SCHEMA_NULLABLE, upload_file_fields,
	    struct upload_file, UPLOAD_FILES_MAX,
	    "Files to upload, if no form for the whole folder is granted"),
	IN(list_after, SCHEMA_TEXT, SCHEMA_NULLABLE,
	    "Name in the folder after which list_url begins"),
	SCHEMA_END
};

struct response {
	const char *folder, *url;
	const struct emit_pairs *fields;
	struct emit_rows uploads;
	const char *expiry;
	int64_t expires_in_seconds;
	struct emit_url list_url;
	const struct structure *structure_info;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(folder, EMIT_TEXT, NULL, "Prefix that every key must have"),
	OUT_MAYBE(url, EMIT_TEXT, NULL, "URL that receives the form"),
	OUT_MAYBE(fields, EMIT_PAIRS, NULL,
	    "Form fields, sent before the file"),
	OUT_MAYBE(uploads, EMIT_ROWS, upload_row_fields,
	    "A grant for each file, if there is none for the folder"),
	OUT(expiry, EMIT_TEXT, NULL, "Time when the grant ends"),
	OUT(expires_in_seconds, EMIT_INT, NULL, "Seconds until the grant ends"),
	OUT(list_url, EMIT_URL, NULL, "GET: what the folder holds"),
	OUT_MAYBE(structure_info, EMIT_OBJECT, structure_fields,
	    "The hotkey layout"),
	EMIT_END
};

static int64_t
min(int64_t a, int64_t b)
{

	return (a < b ? a : b);
}

/* The client may have signed the text of either layout: see auth/layout.h. */
static enum err
plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct request *r = in;
	int64_t *until = arena_alloc(w->arena, sizeof(*until));
	struct auth_choices may;
	size_t i;

	*until = w->auth.now_s + w->cfg.access_ttl_s;
	if (r->expiry.n != 0)
		*until = min(*until, r->expiry.n);
	if (*until <= w->auth.now_s)
		return (ERR_TIMESTAMP);
	if (!w->bucket.folder_forms && r->files.n == 0)
		return (ERR_FILES_REQUIRED);
	auth_choices(&may, &r->by.coldkey, &r->by.hotkey, r->source,
	    r->by.timestamp);
	p->n = AUTH_CHOICES;
	for (i = 0; i < p->n; i++) {
		p->choice[i].text = may.text[i];
		p->choice[i].layout = may.layout[i];
		p->choice[i].source = r->source;
		if (!w->bucket.folder_forms)
			p->choice[i].verdict = upload_check(w, &r->files,
			    layout_folder_len(may.layout[i], r->source));
	}
	p->with = until;
	return (ERR_OK);
}

/* The form that accepts every key in the folder. */
static enum err
vend_form(struct web *w, const struct endpoint_plan *p, int64_t until,
    struct response *o)
{
	struct emit_pairs *fields = arena_alloc(w->arena, sizeof(*fields));
	const struct grant_upload *u;
	enum err e;

	if ((e = upload_make(w, p, GRANT_FOLDER, p->folder, GRANT_ANY_SIZE,
	    until, &u)) != ERR_OK)
		return (e);
	*fields = (struct emit_pairs){ u->n_fields, u->fields };
	o->fields = fields;
	o->url = u->url;
	return (ERR_OK);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	static const struct structure hotkey_structure = {
		LAYOUT_HOTKEY_STRUCTURE,
		"Upload files to job_id folders within your hotkey directory "
		    "under data/ prefix"
	};
	const struct request *r = in;
	const int64_t *until = p->with;
	struct response *o = out;

	o->folder = p->folder;
	o->expiry = endpoint_time(w, *until);
	o->expires_in_seconds = *until - w->auth.now_s;
	o->list_url = endpoint_list_after(w, p, p->folder, r->list_after,
	    min(w->cfg.access_list_ttl_s, o->expires_in_seconds));
	if (p->chosen->layout == LAYOUT_HOTKEY)
		o->structure_info = &hotkey_structure;
	if (w->bucket.folder_forms)
		return (vend_form(w, p, *until, o));
	o->uploads = upload_rows(w, p, &r->files, &(struct upload_lifetime){
	    &o->expires_in_seconds, &o->expiry });
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_keyring, &need_upload_key, &need_read_key,
		NULL
	};
	static const enum err refuses[] = {
		ERR_LAYOUT, ERR_SOURCE, ERR_FILES_REQUIRED, ERR_KEY_NAME,
		ERR_SIZE, ERR_OK
	};
	static const struct endpoint ep = {
		.path = "/get-folder-access", .method = "POST",
		.summary = "Upload access to a miner's own folder",
		.who = &endpoint_miner, .counts = ADMIT_FOLDER_GRANT,
		.proofs = ENDPOINT_TEXT | ENDPOINT_TAO_WIDE | ENDPOINT_BTAUTH,
		.needs = needs,
		.put_body_max = TRANSPORT_BODY_MAX,
		.request = request_fields,
		.request_size = sizeof(struct request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = plan, .vend = vend,
	};

	return (program_main(&ep));
}
