/* GET /structure-info: how files are laid out in the bucket. */

#include "base/arena.h"
#include "web/endpoint.h"
#include "web/program.h"

struct changes {
	const char *old_structure, *new_structure;
	const char *const *benefits;
};

static const struct emit_field changes_fields[] = {
	EMIT_FIELD(struct changes, old_structure, EMIT_TEXT, NULL,
	    "Layout of the first client generation"),
	EMIT_FIELD(struct changes, new_structure, EMIT_TEXT, NULL,
	    "Layout of later client generations"),
	EMIT_FIELD(struct changes, benefits, EMIT_TEXTS, NULL, "Why"),
	EMIT_END
};

/* What a client must know before it sends a file. */
struct uploads {
	int64_t min_bytes, max_bytes;
	const char *method;
	bool folder_forms, file_uploads;
	const char *const *layouts, *const *sources;
};

#define UPLOADS(...) EMIT_FIELD(struct uploads, __VA_ARGS__)
static const struct emit_field uploads_fields[] = {
	UPLOADS(min_bytes, EMIT_INT, NULL, "The smallest file"),
	UPLOADS(max_bytes, EMIT_INT, NULL, "The largest file"),
	UPLOADS(method, EMIT_TEXT, NULL, "POST: a form; PUT: the file alone"),
	UPLOADS(folder_forms, EMIT_FLAG, NULL,
	    "One grant is for the whole folder, not for each file"),
	UPLOADS(file_uploads, EMIT_FLAG, NULL,
	    "/get-file-upload-url is served"),
	UPLOADS(layouts, EMIT_TEXTS, NULL, "hotkey, coldkey"),
	UPLOADS(sources, EMIT_TEXTS, NULL, "Sources of the coldkey layout"),
	EMIT_END
};

struct response {
	const char *folder_structure;
	const struct changes *changes;
	const char *const *example_paths, *const *upload_flow;
	const struct uploads *uploads;
	const char *migration_phase;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(folder_structure, EMIT_TEXT, NULL, "Layout of miners' files"),
	OUT(changes, EMIT_OBJECT, changes_fields,
	    "Differences between the layouts"),
	OUT(example_paths, EMIT_TEXTS, NULL, "Examples of keys"),
	OUT(upload_flow, EMIT_TEXTS, NULL, "Steps to follow"),
	OUT(uploads, EMIT_OBJECT, uploads_fields, "What uploads must be"),
	OUT(migration_phase, EMIT_TEXT, NULL,
	    "hf_only, dual_hf, dual_s3 or s3_only"),
	EMIT_END
};

static const struct uploads *
uploads(const struct web *w)
{
	const struct config_list *sources = &w->cfg.access_sources;
	struct uploads *u = arena_alloc(w->arena, sizeof(*u));
	const char **layouts = arena_alloc(w->arena, 3 * sizeof(*layouts));
	const char **names = arena_alloc(w->arena,
	    (CONFIG_ITEMS_MAX + 1) * sizeof(*names));
	size_t i, n = 0;

	for (i = 0; i < sources->n; i++)
		names[i] = sources->item[i];
	names[i] = NULL;
	if (w->cfg.access_layouts.hotkey)
		layouts[n++] = "hotkey";
	if (w->cfg.access_layouts.coldkey)
		layouts[n++] = "coldkey";
	layouts[n] = NULL;
	*u = (struct uploads){
		w->cfg.access_min_bytes, w->cfg.access_max_bytes,
		w->bucket.post_policy ? "POST" : "PUT",
		w->bucket.folder_forms, w->cfg.access_file_uploads, layouts,
		names
	};
	return (u);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	static const char *const benefits[] = {
		"One folder for each miner, for all sources",
		"Files are grouped by job", NULL
	};
	static const char *const flow[] = {
		"Sign the text with the hotkey (see /commitment-formats)",
		"POST the signature to /get-folder-access",
		"POST a form to url of the answer: its fields first, with a "
		    "key that starts with its folder, then the file",
		"GET list_url of the answer to list the folder", NULL
	};
	static const char *const put_flow[] = {
		"Sign the text with the hotkey (see /commitment-formats)",
		"POST the signature to /get-folder-access, with the names and "
		    "sizes of the files",
		"PUT each file to its url in the answer, with its headers",
		"GET list_url of the answer to list the folder", NULL
	};
	static const char *const file_flow[] = {
		"Sign the text with the hotkey (see /commitment-formats)",
		"POST the signature to /get-folder-access, with the names and "
		    "sizes of the files",
		"POST a form to each url of the answer: its fields first, then "
		    "the file",
		"GET list_url of the answer to list the folder", NULL
	};
	static const struct changes changes = {
		LAYOUT_COLDKEY_STRUCTURE, LAYOUT_HOTKEY_STRUCTURE, benefits
	};
	struct response *o = out;

	(void)in;
	(void)p;
	o->folder_structure = layout_structure(&w->cfg);
	o->changes = &changes;
	o->example_paths = layout_examples(&w->cfg);
	o->upload_flow = w->bucket.folder_forms ? flow :
	    w->bucket.post_policy ? file_flow : put_flow;
	o->uploads = uploads(w);
	o->migration_phase = config_migration_phase(&w->cfg);
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = { &need_bucket, NULL };
	static const struct endpoint ep = {
		.path = "/structure-info", .method = "GET",
		.summary = "How files are laid out in the bucket",
		.needs = needs,
		.response = response_fields,
		.response_size = sizeof(struct response), .vend = vend,
	};

	return (program_main(&ep));
}
