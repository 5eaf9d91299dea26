#include "state/metagraph.h"
#include "web/need.h"
#include "web/web.h"

static enum err
open_identity(struct web *w)
{

	w->auth.cfg = &w->cfg;
	w->auth.metagraph = auth_metagraph(&w->cfg, need_hmac(w));
	return (ERR_OK);
}

static void
close_identity(struct web *w)
{

	metagraph_free(w->auth.metagraph);
}

const struct need need_identity = {
	"identity", false, 0, open_identity, close_identity,
	NULL, need_ask_state
};
