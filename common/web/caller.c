#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "web/caller.h"
#include "web/endpoint.h"

/* X-Tao headers sign neither the route nor the service.  A route accepts
   them only if its clients send them, or if the operator allows them
   everywhere. */
static enum err
check_tao(const struct web *w, const struct endpoint *ep)
{
	const unsigned takes = w->cfg.auth_tao_everywhere ?
	    ENDPOINT_TAO | ENDPOINT_TAO_WIDE : ENDPOINT_TAO;

	if (!w->cfg.auth_schemes.tao)
		return (ERR_SCHEME_OFF);
	return ((ep->proofs & takes) != 0 ? ERR_OK : ERR_TAO_ELSEWHERE);
}

static enum err
check_btauth(const struct web *w, const struct endpoint *ep)
{

	if (!w->cfg.auth_schemes.btauth || w->cfg.auth_receiver[0] == '\0' ||
	    (ep->proofs & ENDPOINT_BTAUTH) == 0)
		return (ERR_SCHEME_OFF);
	return (w->target != NULL ? ERR_OK : ERR_NO_TARGET);
}

enum err
caller_scheme(const struct web *w, const struct endpoint *ep,
    enum auth_scheme *scheme)
{
	const bool tao = tao_present(&w->tao);
	const bool text = (ep->proofs & ENDPOINT_TEXT) != 0;

	if (btauth_present(&w->btauth)) {
		*scheme = AUTH_BTAUTH;
		return (tao ? ERR_TWO_PROOFS : check_btauth(w, ep));
	}
	if (tao || (!text && w->cfg.auth_schemes.tao)) {
		*scheme = AUTH_TAO;
		return (check_tao(w, ep));
	}
	if (!text) {
		*scheme = AUTH_BTAUTH;
		return (check_btauth(w, ep));
	}
	*scheme = AUTH_TEXT;
	return (w->cfg.auth_schemes.text ? ERR_OK : ERR_SCHEME_OFF);
}

/* Accept no type (real clients send none), application/json and
   application/...+json. */
static bool
is_json(const char *type)
{
	size_t n;

	if (type == NULL)
		return (true);
	n = strcspn(type, "; \t");
	if (n == strlen("application/json") &&
	    strncasecmp(type, "application/json", n) == 0)
		return (true);
	return (n > strlen("application/+json") &&
	    strncasecmp(type, "application/", strlen("application/")) == 0 &&
	    strncasecmp(type + n - 5, "+json", 5) == 0);
}

/* Require all five headers if one is present. */
static void
check_headers(struct web *w)
{
	size_t i;

	for (i = 0; i < TAO_HEADERS; i++) {
		if (w->tao.header[i] == NULL)
			schema_refuse(&w->errors, "header",
			    tao_name((enum tao_header)i), "Field required",
			    "missing");
	}
}

/* Does the body set a field that belongs to this route?  Hotkey, time and
   signature are common to all routes.  An absent field is all zero. */
static bool
names_route(const struct endpoint *ep, const void *in)
{
	const struct endpoint_by *by = in;
	const unsigned char *own = in;
	size_t i;

	if (by->coldkey.text[0] != '\0')
		return (true);
	for (i = sizeof(*by); i < ep->request_size; i++) {
		if (own[i] != 0)
			return (true);
	}
	return (false);
}

enum err
caller_parse(struct web *w, const struct endpoint *ep, enum auth_scheme scheme,
    void *in)
{
	const struct schema_body b = {
		.text = w->body,
		.len = w->body_len,
		.signed_elsewhere = scheme != AUTH_TEXT,
		.arena = w->arena,
	};
	enum err e;

	if (!is_json(w->content_type)) {
		schema_refuse(&w->errors, "body", NULL,
		    "Content-Type should be application/json", "content_type");
		return (ERR_SCHEMA);
	}
	e = schema_parse(ep->request, &b, in, ep->request_size, &w->errors);
	if (e == ERR_SCHEMA && w->errors.error[0].field == NULL)
		return (e);
	if (scheme == AUTH_TAO) {
		check_headers(w);
		if (e == ERR_OK && !names_route(ep, in))
			schema_refuse(&w->errors, "body", NULL,
			    "A field of this route is required", "missing");
	}
	return (w->errors.n > 0 ? ERR_SCHEMA : e);
}

static enum err
read_tao(struct web *w, struct auth_caller *caller)
{
	struct tao_proof proof;
	enum err e;

	if ((e = tao_read(&w->tao, w->body, w->body_len, w->now_ms,
	    need_hmac(w), &proof)) != ERR_OK)
		return (e);
	caller->hotkey = proof.hotkey;
	caller->signed_at_ms = proof.signed_at_ms;
	caller->header_text = proof.text;
	memcpy(caller->sig, proof.sig, sizeof(caller->sig));
	return (ERR_OK);
}

static enum err
read_btauth(struct web *w, const struct endpoint *ep,
    struct auth_caller *caller)
{
	struct btauth_proof *proof = arena_alloc(w->arena, sizeof(*proof));
	const struct btauth_request r = {
		.method = ep->method, .target = w->target,
		.body = w->body, .len = w->body_len,
		.receiver = w->cfg.auth_receiver,
	};
	enum err e;

	if ((e = btauth_read(&w->btauth, &r, w->now_ms * 1000000,
	    need_hmac(w), proof)) != ERR_OK)
		return (e);
	caller->hotkey = proof->hotkey;
	caller->signed_at_ms = proof->nonce_ns / 1000000;
	caller->btauth = proof;
	memcpy(caller->sig, proof->sig, sizeof(caller->sig));
	return (ERR_OK);
}

enum err
caller_read(struct web *w, const struct endpoint *ep,
    const struct endpoint_by *by, struct auth_caller *caller)
{
	enum err e;

	if (caller->scheme == AUTH_TEXT) {
		caller->hotkey = by->hotkey;
		caller->signature = by->signature;
		caller->signed_at_ms = by->timestamp * 1000;
		return (auth_time(&w->auth, by->timestamp));
	}
	e = caller->scheme == AUTH_TAO ? read_tao(w, caller) :
	    read_btauth(w, ep, caller);
	if (e != ERR_OK)
		return (e);
	if (by->hotkey.text[0] != '\0' &&
	    memcmp(by->hotkey.key, caller->hotkey.key, SS58_KEY_LEN) != 0)
		return (ERR_SIGNATURE);
	return (ERR_OK);
}
