/* POST /constant: get-folder-access without its work.  The same loop, the same
   body read, an answer of the same size: what is left is the hop through the
   web server, the floor to compare with. */

#include <string.h>

#include "web/endpoint.h"
#include "web/program.h"

struct response {
	const char *text;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, text, EMIT_TEXT, NULL, "Filling"),
	EMIT_END
};

#define LIKE_A_GRANT 1590

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	static char text[LIKE_A_GRANT + 1];
	struct response *o = out;

	(void)w;
	(void)in;
	(void)p;
	memset(text, 'x', LIKE_A_GRANT);
	o->text = text;
	return (ERR_OK);
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/constant", .method = "POST",
		.summary = "The floor of a benchmark",
		.response = response_fields,
		.response_size = sizeof(struct response), .vend = vend,
	};

	return (program_main(&ep));
}
