#include "base/clock.h"
#include "base/sandbox.h"
#include "s3/probe.h"
#include "web/need.h"
#include "web/web.h"

/* Comes after need_read_key. */
static enum err
open_probe(struct web *w)
{

	w->probe = (struct probe){ .cfg = &w->cfg, .hmac = need_hmac(w),
	    .key = &w->read.key, .now_ms = clock_now_ms };
	return (ERR_OK);
}

static void
close_probe(struct web *w)
{

	probe_free(&w->probe);
}

static void
ask_probe(const struct web *w, struct sandbox *s)
{

	(void)w;
	sandbox_connect(s, true);
}

const struct need need_probe = {
	"probe", false, 0, open_probe, close_probe, ask_probe
};
