#include "base/log.h"
#include "base/sandbox.h"
#include "web/confine.h"
#include "web/endpoint.h"
#include "web/journal.h"

static struct sandbox box;

/* A directory is not there yet. */
static bool waits;

static void
ask(const struct need *const *needs, const struct web *w)
{

	for (; needs != NULL && *needs != NULL; needs++) {
		if ((*needs)->ask != NULL)
			(*needs)->ask(w, &box);
	}
}

enum err
confine_enter(const struct web *w, const struct endpoint *ep)
{
	const enum config_web_sandbox how = w->cfg.web_sandbox;
	enum err files, calls = ERR_OK;

	if (how == CONFIG_WEB_SANDBOX_NO)
		return (ERR_OK);
	box.n = 0;
	if (ep->who != NULL)
		ask(ep->who->needs, w);
	ask(ep->needs, w);
	journal_ask(w, &box);
	files = sandbox_files(&box);
	if (files == ERR_OK || how == CONFIG_WEB_SANDBOX_AUTO)
		calls = sandbox_calls(&box);
	waits = files == ERR_NOT_READY;
	if (how == CONFIG_WEB_SANDBOX_AUTO ||
	    (files == ERR_OK && calls == ERR_OK))
		return (ERR_OK);
	LOG(LOG_ERROR, "sandbox_refused", LOG_S("reason", box.why),
	    LOG_S("advice", "web.sandbox requires Landlock and seccomp"));
	return (ERR_NOT_READY);
}

bool
confine_holds(void)
{

	return (box.abi != 0 && box.filtered);
}

void
confine_log(void)
{

	if (confine_holds())
		LOG(LOG_INFO, "sandbox", LOG_S("files", "landlock"),
		    LOG_I("landlock_abi", box.abi), LOG_S("calls", "seccomp"));
	else
		LOG(LOG_WARN, "sandbox",
		    LOG_S("files", box.abi != 0 ? "landlock" : "open"),
		    LOG_S("calls", box.filtered ? "seccomp" : "open"),
		    LOG_S("reason", box.why != NULL ? box.why :
		    "web.sandbox = no"));
}

bool
confine_keep(const struct web *w)
{

	if (waits && sandbox_files(&box) == ERR_OK) {
		waits = false;
		if (!w->once)
			confine_log();
	}
	if (w->once || !sandbox_replaced(&box))
		return (true);
	LOG(LOG_WARN, "ends", LOG_S("reason", "a directory was replaced, and "
	    "the sandbox holds the old one"));
	return (false);
}
