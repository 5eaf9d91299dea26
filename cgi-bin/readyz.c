/* GET /readyz: 200 if grants can be vended now, otherwise 503 with reasons. */

#include "auth/ready.h"
#include "web/endpoint.h"
#include "web/program.h"

struct response {
	const char *status;
	const char *const *reasons;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(status, EMIT_TEXT, NULL, "ok"),
	OUT_MAYBE(reasons, EMIT_TEXTS, NULL,
	    "What is wrong that does not keep grants from being vended"),
	EMIT_END
};

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct response *o = out;
	(void)in;
	(void)p;
	need_ready_look(w);
	w->reasons = ready_codes(w->ready);
	if (ready_fault(w->ready) != NULL)
		return (ERR_NOT_READY);
	o->status = "ok";
	o->reasons = w->reasons[0] != NULL ? w->reasons : NULL;
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_keyring, &need_identity, &need_index, &need_ready, NULL
	};
	static const enum err refuses[] = { ERR_NOT_READY, ERR_OK };
	static const struct endpoint ep = {
		.path = "/readyz", .method = "GET",
		.summary = "Grants can be vended now",
		.needs = needs,
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .vend = vend,
	};

	return (program_main(&ep));
}
