/* GET /commitment-formats: the texts that a client signs.  They come from
   the table that the signature check uses. */

#include "auth/signed_text.h"
#include "base/arena.h"
#include "web/endpoint.h"
#include "web/program.h"

struct folders {
	const char *new_structure, *description;
	const char *const *example_paths;
};

static const struct emit_field folders_fields[] = {
	EMIT_FIELD(struct folders, new_structure, EMIT_TEXT, NULL,
	    "Folder of a miner's files"),
	EMIT_FIELD(struct folders, description, EMIT_TEXT, NULL,
	    "Description of the folder"),
	EMIT_FIELD(struct folders, example_paths, EMIT_TEXTS, NULL,
	    "Examples of keys"),
	EMIT_END
};

struct response {
	const char *miner_format, *miner_source_format, *validator_format;
	const char *miner_specific_format, *folder_presigned_format;
	const char *file_presigned_format;
	const char *example_miner, *example_miner_source, *example_validator;
	const char *example_miner_specific, *example_folder_presigned;
	const char *example_file_presigned;
	const struct folders *folder_structure;
	const char *instructions;
	const char *const *schemes;
	const char *receiver;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(miner_format, EMIT_TEXT, NULL, "For /get-folder-access"),
	OUT_MAYBE(miner_source_format, EMIT_TEXT, NULL,
	    "For /get-folder-access with a source"),
	OUT(validator_format, EMIT_TEXT, NULL, "For /get-validator-access"),
	OUT(miner_specific_format, EMIT_TEXT, NULL,
	    "For /get-miner-specific-access and /get-miner-list"),
	OUT(folder_presigned_format, EMIT_TEXT, NULL,
	    "For /get-folder-presigned-urls"),
	OUT(file_presigned_format, EMIT_TEXT, NULL,
	    "For /get-file-presigned-urls"),
	OUT(example_miner, EMIT_TEXT, NULL, "Example of a miner's text"),
	OUT_MAYBE(example_miner_source, EMIT_TEXT, NULL,
	    "Example of a miner's text with a source"),
	OUT(example_validator, EMIT_TEXT, NULL,
	    "Example of the text for everything"),
	OUT(example_miner_specific, EMIT_TEXT, NULL,
	    "Example of the text for one miner"),
	OUT(example_folder_presigned, EMIT_TEXT, NULL,
	    "Example of the text for folders"),
	OUT(example_file_presigned, EMIT_TEXT, NULL,
	    "Example of the text for files"),
	OUT(folder_structure, EMIT_OBJECT, folders_fields,
	    "Layout of the bucket"),
	OUT(instructions, EMIT_TEXT, NULL, "How to sign"),
	OUT(schemes, EMIT_TEXTS, NULL,
	    "Proofs that are accepted: text, tao, btauth"),
	OUT_MAYBE(receiver, EMIT_TEXT, NULL,
	    "For X-Bittensor-Receiver; absent: btauth is not accepted"),
	EMIT_END
};

/* The addresses of Alice and Bob in the Substrate documentation. */
static const struct ss58 alice = {
	.text = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
};
static const struct ss58 bob = {
	.text = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
};

#define WHEN INT64_C(1767225600)

/* The signed text of ${kind} with these parts. */
static const char *
example(const struct web *w, enum signed_text_kind kind)
{
	const struct signed_parts parts = {
		.hotkey = &alice, .coldkey = &bob, .miner = &alice,
		.source = w->cfg.access_sources.item[0], .timestamp = WHEN
	};
	const struct signed_parts validators = {
		.hotkey = &bob, .miner = &alice, .timestamp = WHEN
	};
	struct signed_text *t = arena_alloc(w->arena, sizeof(*t));

	signed_text_make(kind, kind == SIGNED_TEXT_SOURCE_FOLDER ||
	    kind == SIGNED_TEXT_HOTKEY_FOLDER ? &parts : &validators, t);
	return (t->text);
}

/* The miner's texts, one for each enabled layout.  Clients of the first
   generation know only one name for the miner's text. */
static void
miner(const struct web *w, struct response *o)
{

	if (w->cfg.access_layouts.coldkey) {
		o->miner_source_format =
		    signed_text_form(SIGNED_TEXT_SOURCE_FOLDER);
		o->example_miner_source =
		    example(w, SIGNED_TEXT_SOURCE_FOLDER);
	}
	if (w->cfg.access_layouts.hotkey) {
		o->miner_format = signed_text_form(SIGNED_TEXT_HOTKEY_FOLDER);
		o->example_miner = example(w, SIGNED_TEXT_HOTKEY_FOLDER);
	} else {
		o->miner_format = o->miner_source_format;
		o->example_miner = o->example_miner_source;
	}
}

/* The proofs that clients may choose from, and what btauth needs.  Without a
   receiver it is refused. */
static void
proofs(const struct web *w, struct response *o)
{
	const char **names = arena_alloc(w->arena, 4 * sizeof(*names));
	size_t n = 0;

	if (w->cfg.auth_schemes.text)
		names[n++] = "text";
	if (w->cfg.auth_schemes.tao)
		names[n++] = "tao";
	if (w->cfg.auth_schemes.btauth && w->cfg.auth_receiver[0] != '\0') {
		names[n++] = "btauth";
		o->receiver = w->cfg.auth_receiver;
	}
	names[n] = NULL;
	o->schemes = names;
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct folders *folders = arena_alloc(w->arena, sizeof(*folders));
	struct response *o = out;

	(void)in;
	(void)p;
	*folders = (struct folders){
		layout_structure(&w->cfg),
		"Uploads are allowed only below your own folder",
		layout_examples(&w->cfg)
	};
	miner(w, o);
	proofs(w, o);
	o->validator_format = signed_text_form(SIGNED_TEXT_EVERYTHING);
	o->miner_specific_format = signed_text_form(SIGNED_TEXT_MINER);
	o->folder_presigned_format = signed_text_form(SIGNED_TEXT_FOLDERS);
	o->file_presigned_format = signed_text_form(SIGNED_TEXT_FILES);
	o->example_validator = example(w, SIGNED_TEXT_EVERYTHING);
	o->example_miner_specific = example(w, SIGNED_TEXT_MINER);
	o->example_folder_presigned = example(w, SIGNED_TEXT_FOLDERS);
	o->example_file_presigned = example(w, SIGNED_TEXT_FILES);
	o->folder_structure = folders;
	o->instructions = "Sign the text with the hotkey (sr25519, context "
	    "substrate). Send the signature in hex, with timestamp in Unix "
	    "seconds. If a request names miner_coldkey, that address takes "
	    "the place of miner_hotkey in the text. Requests that are proven "
	    "by headers need no such text.";
	return (ERR_OK);
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/commitment-formats", .method = "GET",
		.summary = "The text to sign for each kind of request",
		.response = response_fields,
		.response_size = sizeof(struct response), .vend = vend,
	};

	return (program_main(&ep));
}
