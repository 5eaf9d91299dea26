/* GET /healthz: the process answers. */

#include "web/endpoint.h"

struct response {
	const char *status;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, status, EMIT_TEXT, NULL, "ok"),
	EMIT_END
};

static enum err
handle(struct web *w)
{
	static const struct response out = { "ok" };

	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/healthz", .method = "GET",
		.summary = "The process answers",
		.needs = 0,
		.response = response_fields, .handle = handle,
	};

	return (endpoint_main(&ep));
}
