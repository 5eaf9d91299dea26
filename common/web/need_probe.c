#include "base/clock.h"
#include "net/asker.h"
#include "s3/probe.h"
#include "web/need.h"
#include "web/web.h"

/* The process that opens connections is made once, since later this one holds
   secrets. */
static void
start_asker(struct web *w)
{

	if (w->asker == NULL)
		w->asker = asker_new(!w->once, &w->ends);
}

/* Comes after need_read_key. */
static enum err
open_probe(struct web *w)
{
	static const enum asker_sandbox how[] = {
		[CONFIG_WEB_SANDBOX_AUTO] = ASKER_SANDBOX,
		[CONFIG_WEB_SANDBOX_REQUIRE] = ASKER_SANDBOX_REQUIRED,
		[CONFIG_WEB_SANDBOX_NO] = ASKER_FREE,
	};

	asker_limit(w->asker, how[w->cfg.web_sandbox]);
	w->probe = (struct probe){ .cfg = &w->cfg, .hmac = need_hmac(w),
	    .key = &w->read.key, .now_ms = clock_now_ms, .asker = w->asker };
	return (ERR_OK);
}

static void
close_probe(struct web *w)
{

	if (w->again)
		return;
	asker_free(w->asker);
	w->asker = NULL;
}

const struct need need_probe = {
	"probe", false, 0, open_probe, close_probe, start_asker, NULL
};
