#include <string.h>

#include "base/arena.h"
#include "web/answer.h"
#include "web/anybody.h"
#include "web/endpoint.h"

enum err
anybody_serve(struct web *w, const struct endpoint *ep)
{
	void *out = arena_alloc(w->arena, ep->response_size);
	enum err e;

	memset(out, 0, ep->response_size);
	e = ep->vend(w, NULL, NULL, out);
	if (e != ERR_OK || ep->response == NULL)
		return (e);
	return (answer_write(w, ep->response, out));
}
