/* An endpoint that is wrong on purpose, in the way that WRONG names.  Nothing
   may come of it. */

#include <stdlib.h>
#include <string.h>

#include "web/endpoint.h"
#include "web/program.h"

static const struct schema_field request_fields[] = {
	ENDPOINT_HOTKEY,
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
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
is_wrong(const char *way)
{
	const char *wrong = getenv("WRONG");

	return (wrong != NULL && strcmp(wrong, way) == 0);
}

static enum err
plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct endpoint_by *by = in;

	(void)w;
	p->n = is_wrong("no text") ? 0 : is_wrong("texts") ?
	    ENDPOINT_CHOICES + 1 : 1;
	p->choice[0].layout = LAYOUT_HOTKEY;
	p->choice[0].source = "";
	signed_text_make(SIGNED_TEXT_EVERYTHING, &(struct signed_parts){
	    .timestamp = by->timestamp }, &p->choice[0].text);
	return (ERR_OK);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct response *o = out;

	(void)in;
	o->folder = "AWS4-HMAC-SHA256 of a folder";
	if (!is_wrong("no record") && p != NULL)
		endpoint_granted(w, p->folder, "post_policy", 1,
		    w->auth.now_s + 60);
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_keyring, &need_upload_key, NULL
	};
	struct endpoint ep = {
		.path = "/wrong", .method = "POST",
		.summary = "Leaves out what it should do",
		.who = &endpoint_miner, .proofs = ENDPOINT_TEXT,
		.counts = ADMIT_FOLDER_GRANT, .needs = needs,
		.request = request_fields,
		.request_size = sizeof(struct endpoint_by),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.plan = plan, .vend = vend,
	};

	if (is_wrong("anybody"))
		ep.who = NULL;
	if (is_wrong("no plan"))
		ep.plan = NULL;
	if (is_wrong("no proof"))
		ep.proofs = 0;
	return (program_main(&ep));
}
