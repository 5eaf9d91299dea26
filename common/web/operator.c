#include <string.h>

#include "auth/token.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/secret.h"
#include "web/anybody.h"
#include "web/endpoint.h"
#include "web/peer.h"

/*
 * Who may see what is for the operator alone: a client with the token, or at
 * one of the addresses.  If both are set, a client needs both.
 */

static enum err
open_operator(struct web *w)
{
	struct secret *token;
	enum err e;

	peer_open(w);
	if (w->cfg.metrics_token_file[0] == '\0')
		return (ERR_OK);
	if ((e = token_load(w->cfg.metrics_token_file, &token)) == ERR_OK)
		secret_free(token);
	return (e);
}

/* The token is read for each request, so that it can be changed. */
static void
ask_operator(const struct web *w, struct sandbox *s)
{

	sandbox_beside(s, w->cfg.metrics_token_file, SANDBOX_READ);
}

static const struct need need_operator = {
	"operator", false, 0, open_operator, NULL, NULL, ask_operator
};

static const struct need *const needs[] = { &need_operator, NULL };

static enum err
before(struct web *w, const char *remote_addr, const char *forwarded_for)
{

	if (w->cfg.metrics_allow.n == 0)
		return (ERR_OK);
	return (peer_find(w, remote_addr, forwarded_for));
}

static enum err
check_address(const struct web *w)
{
	const struct config_list *l = &w->cfg.metrics_allow;
	struct address_range r;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (address_range_parse(l->item[i], strlen(l->item[i]), &r) ==
		    ERR_OK && address_in(&r, &w->client))
			return (ERR_OK);
	}
	return (ERR_UNAUTHORIZED);
}

static enum err
serve(struct web *w, const struct endpoint *ep)
{
	const char *path = w->cfg.metrics_token_file;
	const bool allows = w->cfg.metrics_allow.n > 0;
	bool was;
	enum err e;

	if (!allows && path[0] == '\0')
		return (ERR_UNAUTHORIZED);
	if (allows && (e = check_address(w)) != ERR_OK)
		return (e);
	if (path[0] == '\0')
		return (anybody_serve(w, ep));

	/* Whoever asks must not fill the log.  The frame logs the 503 once. */
	was = log_quiet(true);
	e = token_check(path, w->authorization);
	(void)log_quiet(was);
	if (e == ERR_OK)
		return (anybody_serve(w, ep));
	return (e == ERR_UNAUTHORIZED ? e : ERR_TOKEN);
}

static enum err
after(struct web *w, enum err e)
{

	(void)w;
	return (e);
}

const struct endpoint_who endpoint_operator = {
	.role = "operator", .needs = needs, .before = before, .serve = serve,
	.after = after,
};
