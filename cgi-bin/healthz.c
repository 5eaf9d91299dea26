/* GET /healthz: the process answers. */

#include "web/endpoint.h"
#include "web/program.h"

struct response {
	const char *status;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, status, EMIT_TEXT, NULL, "ok"),
	EMIT_END
};

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct response *o = out;

	(void)w;
	(void)in;
	(void)p;
	o->status = "ok";
	return (ERR_OK);
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/healthz", .method = "GET",
		.summary = "The process answers",
		.response = response_fields,
		.response_size = sizeof(struct response), .vend = vend,
	};

	return (program_main(&ep));
}
