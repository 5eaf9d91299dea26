#include "auth/ready.h"
#include "base/sandbox.h"
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

/* It tries whatever any endpoint does. */
static void
ask_ready(const struct web *w, struct sandbox *s)
{

	need_ask_state(w, s);
	need_ask_shared(w, s);
	need_upload_key.ask(w, s);
	need_read_key.ask(w, s);
	sandbox_beside(s, w->cfg.metrics_token_file, SANDBOX_READ);
}

const struct need need_ready = {
	"ready", false, 0, open_ready, close_ready, NULL, ask_ready
};
