#include "state/bucket_index.h"
#include "web/need.h"
#include "web/web.h"

static enum err
open_index(struct web *w)
{

	w->index = bucket_index_new(w->cfg.state_directory, need_hmac(w));
	return (ERR_OK);
}

static void
close_index(struct web *w)
{

	bucket_index_free(w->index);
}

const struct need need_index = {
	"index", false, 0, open_index, close_index, NULL,
	need_ask_state
};
