#include <stdio.h>
#include <string.h>

#include "base/address_read.h"
#include "base/log.h"
#include "base/text.h"
#include "config/form.h"
#include "state/proxy.h"
#include "web/peer.h"
#include "web/web.h"

void
peer_open(struct web *w)
{
	const struct config_list *l = &w->cfg.web_trusted_proxies;
	const char *item;
	size_t i;

	w->n_trusted = 0;
	w->trusts_sockets = false;
	for (i = 0; i < l->n; i++) {
		item = l->item[i];
		if (strcmp(item, FORM_RANGE_SOCKETS) == 0)
			w->trusts_sockets = true;
		else if (address_range_parse(item, strlen(item),
		    &w->trusted[w->n_trusted++]) != ERR_OK)
			log_die("config_refused", "web.trusted_proxies");
	}
}

/* Log why there is no address, when that begins.  web/program.c logs when it
   ends. */
static enum err
unknown(const struct address_read_found *f, const char *remote_addr,
    bool begins)
{

	if (begins)
		LOG(LOG_ERROR, "client_unknown", LOG_S("remote_addr",
		    remote_addr != NULL ? remote_addr : ""),
		    LOG_S("reason", f->reason));
	return (ERR_NO_ADDRESS);
}

/* Note whether all of X-Forwarded-For that had to be read could be read. */
static void
look_at_chain(const struct web *w, const struct address_read_found *f)
{
	char value[LOG_VALUE_MAX + 2];

	if (f->unread == NULL) {
		proxy_read(w->cfg.state_shared, w->auth.now_s);
		return;
	}
	snprintf(value, sizeof(value), "%.*s", f->unread_len <
	    sizeof(value) ? (int)f->unread_len : (int)sizeof(value) - 1,
	    f->unread);
	proxy_unread(w->cfg.state_shared, value, w->auth.now_s);
}

enum err
peer_find(struct web *w, const char *remote_addr, const char *forwarded_for)
{
	const struct address_read_trusted trusted = {
		.range = w->trusted, .n = w->n_trusted,
		.sockets = w->trusts_sockets,
	};
	struct address_read_found f;
	static bool lost;
	bool begins;
	enum err e;

	e = address_read_client(remote_addr, forwarded_for, &trusted, &f);
	if (forwarded_for != NULL && f.believed)
		look_at_chain(w, &f);
	begins = e != ERR_OK && !lost;
	lost = e != ERR_OK;
	if (e != ERR_OK)
		return (unknown(&f, remote_addr, begins));
	w->client = f.client;
	w->has_client = true;
	if (forwarded_for != NULL && !f.believed && address_near(&w->client))
		proxy_note(w->cfg.state_shared, &w->client, w->trusted,
		    w->n_trusted);
	return (ERR_OK);
}
