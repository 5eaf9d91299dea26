#include <string.h>

#include "config/config.h"
#include "config/form.h"
#include "web/cors.h"
#include "web/request.h"
#include "web/web.h"

/* The headers that an endpoint reads, and those of the answer that a page may
   want to read. */
static const char request_headers[] = "Content-Type, X-Request-ID, "
    "X-Tao-Version, X-Tao-Timestamp, X-Tao-Nonce, X-Tao-Signed-By, "
    "X-Tao-Signature, X-Bittensor-Version, X-Bittensor-Hotkey, "
    "X-Bittensor-Receiver, X-Bittensor-Nonce, X-Bittensor-Crypto, "
    "X-Bittensor-Signature";
static const char answer_headers[] = "X-Request-ID, Retry-After, "
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";

static bool
any(const struct config *cfg)
{

	return (cfg->cors_origins.n == 1 &&
	    strcmp(cfg->cors_origins.item[0], FORM_ORIGIN_ANY) == 0);
}

const char *
cors_allowed(const struct config *cfg, const char *origin)
{
	size_t i;

	if (origin == NULL)
		return (NULL);
	if (any(cfg))
		return (FORM_ORIGIN_ANY);
	for (i = 0; i < cfg->cors_origins.n; i++) {
		if (strcmp(cfg->cors_origins.item[i], origin) == 0)
			return (cfg->cors_origins.item[i]);
	}
	return (NULL);
}

bool
cors_is_preflight(const struct config *cfg, const struct request *r)
{

	return (cfg->cors_origins.n > 0 && strcmp(r->method, "OPTIONS") == 0 &&
	    r->origin != NULL && r->asked_method != NULL);
}

void
cors_headers(const struct web *w, enum err e, const char *method,
    struct buf *b)
{

	/* The answer depends on the header, even if it was not sent. */
	if (w->cfg.cors_origins.n > 0 && !any(&w->cfg))
		buf_str(b, "Vary: Origin\r\n");
	if (w->allow_origin == NULL)
		return;
	buf_fmt(b, "Access-Control-Allow-Origin: %s\r\n", w->allow_origin);
	if (w->is_preflight && e == ERR_OK)
		buf_fmt(b, "Access-Control-Allow-Methods: %s\r\n"
		    "Access-Control-Allow-Headers: %s\r\n"
		    "Access-Control-Max-Age: %d\r\n", method, request_headers,
		    CORS_MAX_AGE_S);
	else
		buf_fmt(b, "Access-Control-Expose-Headers: %s\r\n",
		    answer_headers);
}
