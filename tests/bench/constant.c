/* POST /constant: get-folder-access without its work.  The same loop, the same
   body read, an answer of the same size: what is left is the hop through the
   web server, the floor to compare with. */

#include <string.h>

#include "base/arena.h"
#include "web/endpoint.h"

struct response {
	const char *text;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, text, EMIT_TEXT, NULL, "Filling"),
	EMIT_END
};

#define LIKE_A_GRANT 1590

static enum err
handle(struct web *w)
{
	static char text[LIKE_A_GRANT + 1];
	const struct response out = { text };

	memset(text, 'x', LIKE_A_GRANT);
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/constant", .method = "POST",
		.summary = "The floor of a benchmark", .needs = 0,
		.response = response_fields, .handle = handle,
	};

	return (endpoint_main(&ep));
}
