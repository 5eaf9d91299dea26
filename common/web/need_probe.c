#include "base/clock.h"
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

const struct need need_probe = { "probe", false, 0, open_probe, close_probe };
