/* An endpoint that is wrong on purpose: it vends although it left out the check
   that WRONG names.  Nothing may come of it. */

#include <stdlib.h>
#include <string.h>

#include "web/endpoint.h"

struct request {
	struct ss58 hotkey;
	char signature[AUTH_SIGNATURE_MAX + 1];
	int64_t timestamp;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "The signer"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the words"),
	SCHEMA_END
};

struct response {
	const char *folder;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, folder, EMIT_TEXT, NULL, "What is vended"),
	EMIT_END
};

static bool
leaves_out(const char *step)
{
	const char *wrong = getenv("WRONG");

	return (wrong != NULL && strcmp(wrong, step) == 0);
}

static enum err
handle(struct web *w)
{
	static const struct response out = { "AWS4-HMAC-SHA256 of a folder" };
	struct auth_identity id;
	struct auth_caller who;
	struct signed_text text;
	struct request in;
	size_t which = 0;
	enum err e;

	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	if ((e = web_caller(w, &in.hotkey, in.timestamp, in.signature, &who)) !=
	    ERR_OK)
		return (e);
	if ((e = auth_miner(&w->auth, &who.hotkey, NULL, &id)) != ERR_OK)
		return (e);
	signed_text_validator(&text, in.timestamp);
	if (!leaves_out("proof") && (e = web_proven(w, &who, &text, 1, &id,
	    &which)) != ERR_OK)
		return (e);
	if (!leaves_out("count") &&
	    (e = web_admit(w, &id, &who, ADMIT_FOLDER_GRANT)) != ERR_OK)
		return (e);
	if (!leaves_out("record"))
		web_granted(w, "data/x/", "post_policy", 1, 60);
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/wrong", .method = "POST",
		.summary = "Leaves out what it should do",
		.needs = NEED_GUARD | NEED_METAGRAPH,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
