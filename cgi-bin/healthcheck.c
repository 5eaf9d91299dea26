/* GET /healthcheck: is this installation able to vend?  Always 200. */

#include "auth/auth.h"
#include "auth/layout.h"
#include "web/endpoint.h"

struct response {
	const char *status, *reason;
	int64_t timestamp;
	const char *bucket, *region, *folder_structure;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(status, EMIT_TEXT, NULL, "ok or degraded"),
	OUT(reason, EMIT_TEXT, NULL, "Code of what grants are refused for"),
	OUT(timestamp, EMIT_INT, NULL, "The server's time, Unix seconds"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket that access is vended to"),
	OUT(region, EMIT_TEXT, NULL, "Its region in signatures"),
	OUT(folder_structure, EMIT_TEXT, NULL, "Where miners' files belong"),
	EMIT_END
};

static enum err
handle(struct web *w)
{
	enum err e = auth_fresh(&w->auth);
	const struct response out = {
		.status = e == ERR_OK ? "ok" : "degraded",
		.reason = e == ERR_OK ? NULL : err_code(e),
		.timestamp = w->auth.now_s,
		.bucket = w->bucket.name,
		.region = w->bucket.region,
		.folder_structure = layout_structure(&w->cfg),
	};

	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/healthcheck", .method = "GET",
		.summary = "Whether access can be vended now",
		.needs = NEED_METAGRAPH,
		.response = response_fields, .handle = handle,
	};

	return (endpoint_main(&ep));
}
