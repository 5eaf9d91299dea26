/* GET /commitment-formats: which words to sign, made from the same functions
   that check them. */

#include <string.h>

#include "auth/auth.h"
#include "auth/layout.h"
#include "base/arena.h"
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
	const char *miner_format, *miner_source_format;
	const char *example_miner, *example_miner_source;
	const struct folders *folder_structure;
	const char *instructions;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(miner_format, EMIT_TEXT, NULL, "Words for /get-folder-access"),
	OUT(miner_source_format, EMIT_TEXT, NULL, "Likewise, with a source"),
	OUT(example_miner, EMIT_TEXT, NULL, "An example of the first"),
	OUT(example_miner_source, EMIT_TEXT, NULL, "An example of the second"),
	OUT(folder_structure, EMIT_OBJECT, folders_fields, "Where files go"),
	OUT(instructions, EMIT_TEXT, NULL, "How to sign"),
	EMIT_END
};

/* Two addresses of the Substrate documentation: Alice and Bob. */
static const struct auth_identity example = {
	.hotkey.text = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
	.coldkey.text = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
};

static enum err
handle(struct web *w)
{
	static const char *const hotkey_paths[] = {
		"data/hotkey=5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY/"
		    "job_id=default_0/"
		    "data_20260101_120000_100_0123456789abcdef.parquet", NULL
	};
	static const char *const coldkey_paths[] = {
		"data/x/5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty/"
		    "data.parquet", NULL
	};
	struct claims hotkey, source;
	struct response out = { 0 };
	struct folders folders;

	claims_hotkey_folder(&hotkey, &example.coldkey, &example.hotkey,
	    INT64_C(1767225600));
	claims_source_folder(&source, &example.coldkey,
	    w->cfg.access_sources.item[0],
	    INT64_C(1767225600));
	folders.new_structure = layout_structure(&w->cfg);
	folders.description = "Uploads are allowed below the own folder only";
	folders.example_paths = coldkey_paths;
	if (config_has(&w->cfg.access_layouts, "coldkey")) {
		out.miner_source_format =
		    "s3:access:{coldkey}:{source}:{timestamp}";
		out.example_miner_source = source.words;
	}
	if (config_has(&w->cfg.access_layouts, "hotkey")) {
		out.miner_format =
		    "s3:data:access:{coldkey}:{hotkey}:{timestamp}";
		out.example_miner = hotkey.words;
		folders.example_paths = hotkey_paths;
	} else {
		/* G1's clients know one name for it. */
		out.miner_format = out.miner_source_format;
		out.example_miner = out.example_miner_source;
	}
	out.folder_structure = &folders;
	out.instructions = "Sign the words with the hotkey (sr25519, context "
	    "substrate) and send the signature in hex, with timestamp in Unix "
	    "seconds, to /get-folder-access";
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
