/* GET /commitment-formats: which words to sign, made from the same functions
   that check them. */

#include "auth/auth.h"
#include "s3/layout.h"
#include "web/endpoint.h"

struct folders {
	const char *new_structure, *description;
	const char *const *example_paths;
};

static const struct emit_field folders_fields[] = {
	EMIT_FIELD(struct folders, new_structure, EMIT_TEXT, NULL,
	    "Where files belong"),
	EMIT_FIELD(struct folders, description, EMIT_TEXT, NULL, "In words"),
	EMIT_FIELD(struct folders, example_paths, EMIT_TEXTS, NULL,
	    "Keys of that form"),
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
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(miner_format, EMIT_TEXT, NULL, "For /get-folder-access"),
	OUT(miner_source_format, EMIT_TEXT, NULL, "Likewise, with a source"),
	OUT(validator_format, EMIT_TEXT, NULL, "For /get-validator-access"),
	OUT(miner_specific_format, EMIT_TEXT, NULL,
	    "For /get-miner-specific-access and /get-miner-list"),
	OUT(folder_presigned_format, EMIT_TEXT, NULL,
	    "For /get-folder-presigned-urls"),
	OUT(file_presigned_format, EMIT_TEXT, NULL,
	    "For /get-file-presigned-urls"),
	OUT(example_miner, EMIT_TEXT, NULL, "An example of each"),
	OUT(example_miner_source, EMIT_TEXT, NULL, ""),
	OUT(example_validator, EMIT_TEXT, NULL, ""),
	OUT(example_miner_specific, EMIT_TEXT, NULL, ""),
	OUT(example_folder_presigned, EMIT_TEXT, NULL, ""),
	OUT(example_file_presigned, EMIT_TEXT, NULL, ""),
	OUT(folder_structure, EMIT_OBJECT, folders_fields, "Where files go"),
	OUT(instructions, EMIT_TEXT, NULL, "How to sign"),
	EMIT_END
};

/* Two addresses of the Substrate documentation: Alice and Bob. */
static const struct ss58 alice = {
	.text = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
};
static const struct ss58 bob = {
	.text = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
};

#define WHEN INT64_C(1767225600)

/* A miner's words, as far as the layouts are enabled.  G1's clients know one
   name for theirs. */
static void
miner(const struct config *cfg, struct response *out,
    struct signed_text *hotkey, struct signed_text *source)
{

	signed_text_hotkey_folder(hotkey, &bob, &alice, WHEN);
	signed_text_source_folder(source, &bob, cfg->access_sources.item[0],
	    WHEN);
	if (cfg->access_layouts.coldkey) {
		out->miner_source_format =
		    "s3:access:{coldkey}:{source}:{timestamp}";
		out->example_miner_source = source->text;
	}
	if (cfg->access_layouts.hotkey) {
		out->miner_format =
		    "s3:data:access:{coldkey}:{hotkey}:{timestamp}";
		out->example_miner = hotkey->text;
	} else {
		out->miner_format = out->miner_source_format;
		out->example_miner = out->example_miner_source;
	}
}

static enum err
handle(struct web *w)
{
	const struct folders folders = {
		layout_structure(&w->cfg),
		"Uploads are allowed below the own folder only",
		layout_examples(&w->cfg)
	};
	struct signed_text hotkey, source, validator, specific, all, files;
	struct response out = { 0 };

	miner(&w->cfg, &out, &hotkey, &source);
	signed_text_validator(&validator, WHEN);
	signed_text_miner(&specific, &alice, WHEN);
	signed_text_folders(&all, &bob, WHEN);
	signed_text_files(&files, &alice, &bob, WHEN);
	out.validator_format = "s3:validator:access:{timestamp}";
	out.miner_specific_format =
	    "s3:validator:miner:{miner_hotkey}:{timestamp}";
	out.folder_presigned_format =
	    "s3:validator:folders:{hotkey}:{timestamp}";
	out.file_presigned_format =
	    "s3:validator:files:{miner_hotkey}:{hotkey}:{timestamp}";
	out.example_validator = validator.text;
	out.example_miner_specific = specific.text;
	out.example_folder_presigned = all.text;
	out.example_file_presigned = files.text;
	out.folder_structure = &folders;
	out.instructions = "Sign the words with the hotkey (sr25519, context "
	    "substrate) and send the signature in hex, with timestamp in Unix "
	    "seconds; or send X-Tao headers, version 2, with any body. With "
	    "miner_coldkey in place of miner_hotkey, the words hold that.";
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/commitment-formats", .method = "GET",
		.summary = "The words to sign for each kind of request",
		.needs = 0,
		.response = response_fields, .handle = handle,
	};

	return (endpoint_main(&ep));
}
