#include <string.h>
#include <strings.h>

#include "web/caller.h"
#include "web/endpoint.h"

bool
caller_by_headers(const struct web *w, const struct endpoint *ep)
{

	return ((ep->proofs & ENDPOINT_TEXT) == 0 || tao_present(&w->tao));
}

/* None (real clients send none), application/json or application/...+json. */
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

/* All five, or none. */
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

enum err
caller_parse(struct web *w, const struct endpoint *ep, void *in)
{
	const struct schema_body b = {
		.text = w->body,
		.len = w->body_len,
		.signed_elsewhere = caller_by_headers(w, ep),
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
	if (b.signed_elsewhere)
		check_headers(w);
	return (w->errors.n > 0 ? ERR_SCHEMA : e);
}

enum err
caller_read(struct web *w, const struct endpoint *ep,
    const struct endpoint_by *by, struct auth_caller *caller)
{
	struct tao_proof proof;
	enum err e;

	caller->by_headers = caller_by_headers(w, ep);
	if (!caller->by_headers) {
		caller->hotkey = by->hotkey;
		caller->signature = by->signature;
		caller->signed_at_ms = by->timestamp * 1000;
		return (auth_time(&w->auth, by->timestamp));
	}
	caller->signature = NULL;
	e = tao_read(&w->tao, w->body, w->body_len, w->now_ms, need_hmac(w),
	    &proof);
	if (e != ERR_OK)
		return (e);
	caller->hotkey = proof.hotkey;
	caller->signed_at_ms = proof.signed_at_ms;
	caller->header_text = proof.text;
	memcpy(caller->sig, proof.sig, sizeof(caller->sig));
	if (by->hotkey.text[0] != '\0' &&
	    memcmp(by->hotkey.key, caller->hotkey.key, SS58_KEY_LEN) != 0)
		return (ERR_SIGNATURE);
	return (ERR_OK);
}
