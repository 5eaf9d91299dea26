#include "auth/ready.h"
#include "web/need.h"
#include "web/web.h"

static enum err
open_ready(struct web *w)
{
	struct ready_uses uses = {
		.cfg = &w->cfg, .hmac = need_hmac(w), .keyring = &w->keyring,
		.metagraph = w->auth.metagraph, .index = w->index,
	};

	ready_as_us(&uses.as);
	w->ready = ready_new(&uses);
	return (ERR_OK);
}

static void
close_ready(struct web *w)
{

	ready_free(w->ready);
}

void
need_ready_look(struct web *w)
{

	(void)ready_look(w->ready, READY_ALL, w->now_ms, w->boot_ms);
	if (!w->once)
		ready_log(w->ready, "not_ready");
}

const struct need need_ready = { "ready", false, 0, open_ready, close_ready };
