/* GET /structure-info: how files are laid out in the bucket. */

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

struct response {
	const char *folder_structure;
	const struct changes *changes;
	const char *const *example_paths, *const *upload_flow;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(folder_structure, EMIT_TEXT, NULL, "Layout of miners' files"),
	OUT(changes, EMIT_OBJECT, changes_fields,
	    "Differences between the layouts"),
	OUT(example_paths, EMIT_TEXTS, NULL, "Examples of keys"),
	OUT(upload_flow, EMIT_TEXTS, NULL, "Steps to follow"),
	EMIT_END
};

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
