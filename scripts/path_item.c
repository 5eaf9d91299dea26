/* One endpoint as a path item of OpenAPI 3.1. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "crypto/sr25519.h"
#include "describe.h"
#include "examples.h"
#include "json.h"
#include "server_errors.h"
#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/refusals.h"

#define EXAMPLE_MAX 16384

static const struct ss58 alice = { .text = ALICE }, bob = { .text = BOB },
    charlie = { .text = CHARLIE };

static bool
takes(const struct endpoint *ep, unsigned proof)
{

	return (ep->who != NULL && (ep->proofs & proof) != 0);
}

/* --- the text to sign ------------------------------------------------------ */

/* A program with the default layouts, which never starts.  plan() reads no more
   of it. */
static void
imagine(struct web *w)
{

	memset(w, 0, sizeof(*w));
	w->arena = arena_new(32768);
	w->hmac = hmac_new();
	w->index = bucket_index_new("/nowhere", w->hmac);
	w->auth.now_s = WHEN;
	w->cfg.access_ttl_s = 86400;
	w->cfg.access_layouts.hotkey = w->cfg.access_layouts.coldkey = true;
	w->cfg.access_sources.n = 1;
	snprintf(w->cfg.access_sources.item[0], CONFIG_TEXT_MAX + 1, "x");
	w->bucket.folder_forms = true;
	(void)log_quiet(true);
}

/* The form that ${text} was made from, with {part} for each part. */
static const char *
form_of(const struct endpoint *ep, const struct signed_text *text)
{
	struct signed_parts parts = {
		.hotkey = ep->who == &endpoint_miner ? &alice : &charlie,
		.coldkey = &bob, .miner = &alice,
		.source = LAYOUT_SOURCE_DEFAULT, .timestamp = WHEN
	};
	struct signed_text made;
	int kind;

	for (kind = 0; kind < SIGNED_TEXT_KINDS; kind++) {
		signed_text_make((enum signed_text_kind)kind, &parts, &made);
		if (strcmp(made.text, text->text) == 0)
			return (signed_text_form((enum signed_text_kind)kind));
	}
	describe_die(ep, "no form of the text", text->text);
}

static void
verify(const struct endpoint *ep, const char *by, const struct signed_text *t)
{
	uint8_t key[SS58_KEY_LEN], sig[SR25519_SIGNATURE_LEN];
	const char *hex = example_signature(ep->path + 1);

	if (ss58_decode(by, strlen(by), key) != ERR_OK ||
	    hex_decode(sig, sizeof(sig), hex, strlen(hex)) != ERR_OK ||
	    sr25519_verify(key, (const uint8_t *)t->text, t->len, sig) !=
	    ERR_OK)
		describe_die(ep, "the example's signature is not of", t->text);
}

/* Let the endpoint itself say which texts the example may have signed. */
static void
signed_texts(const struct endpoint *ep, struct buf *b)
{
	static struct web w;
	struct endpoint_plan p = { .n = 0 };
	char body[EXAMPLE_MAX];
	struct buf example;
	void *in;
	size_t i;

	imagine(&w);
	buf_init(&example, body, sizeof(body));
	request_example(ep, true, &example);
	in = arena_alloc(w.arena, ep->request_size);
	if (schema_parse(ep->request, &(struct schema_body){ body, example.len,
	    false, w.arena }, in, ep->request_size, &w.errors) != ERR_OK ||
	    ep->plan(&w, in, &p) != ERR_OK)
		describe_die(ep, "refuses the example", body);
	for (i = 0; i < p.n; i++)
		buf_fmt(b, "%s`%s`", i > 0 ? " or " : "",
		    form_of(ep, &p.choice[i].text));
	buf_fmt(b, ". The example signed `%s`", p.choice[0].text.text);
	verify(ep, ep->who == &endpoint_miner ? ALICE : CHARLIE,
	    &p.choice[0].text);
	bucket_index_free(w.index);
	hmac_free(w.hmac);
	arena_free(w.arena);
}

/* --- the operation --------------------------------------------------------- */

static void
description(const struct endpoint *ep)
{
	char text[4096];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (ep->who == NULL) {
		buf_str(&b, "Anybody may ask. Nothing is granted.");
	} else if (ep->who == &endpoint_operator) {
		buf_str(&b, "The caller is the operator: a client with the "
		    "operator's token, or at an address that the operator has "
		    "named. If both are configured, it needs both.");
	} else {
		buf_fmt(&b, "The caller is a %s. ", ep->who->role);
		buf_fmt(&b, "A body has at most %lld bytes.\n",
		    (long long)describe_body_max(ep));
		if (takes(ep, ENDPOINT_TEXT)) {
			buf_str(&b, "\n- A signed text in the body may be the "
			    "proof. It is ");
			signed_texts(ep, &b);
			buf_str(&b, ".\n");
		}
		if (takes(ep, ENDPOINT_TAO))
			buf_str(&b, "\n- X-Tao headers may be the proof.\n");
		if (takes(ep, ENDPOINT_TAO_WIDE))
			buf_str(&b, "\n- X-Tao headers may be the proof if "
			    "the operator allows them on every route.\n");
		if (takes(ep, ENDPOINT_BTAUTH))
			buf_str(&b, "\n- X-Bittensor headers may be the proof "
			    "if the operator has named the service's own "
			    "hotkey.\n");
	}
	if (buf_end(&b) != ERR_OK)
		describe_die(ep, "too long", "a description");
	json_text("description", "%s", text);
}

static void
scheme(const char *name)
{

	json_open(name, '[');
	json_close();
}

/* A signed text is in the body, so it needs no header: {}. */
static void
security(const struct endpoint *ep)
{
	int i;

	json_open("security", '[');
	if (ep->who == &endpoint_operator) {
		json_open(NULL, '{');
		scheme("bearer");
		json_close();
		json_open(NULL, '{');
		json_close();
	}
	if (takes(ep, ENDPOINT_TEXT)) {
		json_open(NULL, '{');
		json_close();
	}
	if (takes(ep, ENDPOINT_TAO | ENDPOINT_TAO_WIDE)) {
		json_open(NULL, '{');
		for (i = 0; i < TAO_HEADERS; i++)
			scheme(tao_name((enum tao_header)i));
		json_close();
	}
	if (takes(ep, ENDPOINT_BTAUTH)) {
		json_open(NULL, '{');
		for (i = 0; i < BTAUTH_HEADERS; i++) {
			if (i != BTAUTH_CRYPTO)
				scheme(btauth_name((enum btauth_header)i));
		}
		json_close();
	}
	json_close();
}

/* The headers that may be absent. */
static void
parameters(const struct endpoint *ep)
{

	json_open("parameters", '[');
	json_ref(NULL, "parameters", "X-Request-ID");
	if (takes(ep, ENDPOINT_BTAUTH))
		json_ref(NULL, "parameters", btauth_name(BTAUTH_CRYPTO));
	json_close();
}

static void
one_example(const struct endpoint *ep, const char *name, const char *summary,
    bool is_signed)
{
	char text[EXAMPLE_MAX];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	request_example(ep, is_signed, &b);
	if (buf_end(&b) != ERR_OK)
		describe_die(ep, "too long an example", name);
	json_open(name, '{');
	json_text("summary", "%s", summary);
	json_raw("value", text);
	json_close();
}

static void
request(const struct endpoint *ep)
{

	json_open("requestBody", '{');
	json_flag("required", true);
	json_open("content", '{');
	json_open("application/json", '{');
	request_schema(ep);
	json_open("examples", '{');
	if (takes(ep, ENDPOINT_TEXT))
		one_example(ep, "signed_text", "The proof is in the body",
		    true);
	if (takes(ep, ~ENDPOINT_TEXT))
		one_example(ep, "headers", "The proof is in headers", false);
	json_close();
	json_close();
	json_close();
	json_close();
}

/* --- the responses --------------------------------------------------------- */

static void
answer_headers(const struct endpoint *ep, int status)
{
	static const char *const limits[] = {
		"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"
	};
	size_t i;

	json_open("headers", '{');
	json_ref("X-Request-ID", "headers", "X-Request-ID");
	for (i = 0; ep->proofs != 0 && i < 3; i++) {
		if (status == 200 || status == 409 || status == 429)
			json_ref(limits[i], "headers", limits[i]);
	}
	if (status == 429 || status >= 500)
		json_ref("Retry-After", "headers", "Retry-After");
	if (status == 405)
		json_ref("Allow", "headers", "Allow");
	json_close();
}

/* A text that is not JSON. */
static void
success_text(const struct endpoint *ep)
{
	size_t i;

	for (i = 0; ep->media[i] != NULL; i++) {
		json_open(ep->media[i], '{');
		json_raw("schema", "{\"type\": \"string\"}");
		json_close();
	}
}

static void
success_json(const struct endpoint *ep)
{
	char text[EXAMPLE_MAX];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	answer_example(ep, &b);
	if (buf_end(&b) != ERR_OK)
		describe_die(ep, "too long an example of", "the answer");
	json_open("application/json", '{');
	answer_schema(ep);
	json_raw("example", text);
	json_close();
}

static void
success(const struct endpoint *ep)
{

	json_open("200", '{');
	json_text("description", "%s.", ep->summary);
	answer_headers(ep, 200);
	json_open("content", '{');
	if (ep->media != NULL)
		success_text(ep);
	else
		success_json(ep);
	json_close();
	json_close();
}

/* Is this a refusal with that status? */
static bool
is_of(const bool can[ERR_COUNT], int e, int status)
{

	return (can[e] && err_status((enum err)e) == status);
}

/* The first refusal with that status and code, or ERR_COUNT. */
static int
first_of(const bool can[ERR_COUNT], int status, const char *code)
{
	int e;

	for (e = 0; e < ERR_COUNT; e++) {
		if (is_of(can, e, status) &&
		    strcmp(err_code((enum err)e), code) == 0)
			break;
	}
	return (e);
}

/* Several errors may share a code.  A schema is that of a code. */
static bool
is_first(const bool can[ERR_COUNT], int e, int status)
{

	return (is_of(can, e, status) &&
	    first_of(can, status, err_code((enum err)e)) == e);
}

static void
refusal_text(const bool can[ERR_COUNT], int status,
    const struct server_error *server)
{
	char text[8192];
	struct buf b;
	int e;

	buf_init(&b, text, sizeof(text));
	for (e = 0; e < ERR_COUNT; e++) {
		if (is_of(can, e, status))
			buf_fmt(&b, "%s- `%s`: %s", b.len > 0 ? "\n" : "",
			    err_code((enum err)e), err_detail((enum err)e));
	}
	if (server != NULL)
		buf_fmt(&b, "\n- `%s`: %s (the web server itself)",
		    server->code, server->detail);
	if (buf_end(&b) != ERR_OK)
		abort();
	json_text("description", "%s", text);
}

static void
refusal_schema(const bool can[ERR_COUNT], int status,
    const struct server_error *server)
{
	size_t n = server != NULL ? 1 : 0;
	const char *code = "";
	int e;

	for (e = 0; e < ERR_COUNT; e++) {
		if (is_first(can, e, status)) {
			code = err_code((enum err)e);
			n++;
		}
	}
	if (n == 1) {
		json_ref("schema", "schemas", code);
		return;
	}
	json_open("schema", '{');
	json_open("oneOf", '[');
	for (e = 0; e < ERR_COUNT; e++) {
		if (is_first(can, e, status))
			json_ref(NULL, "schemas", err_code((enum err)e));
	}
	if (server != NULL)
		json_ref(NULL, "schemas", server->code);
	json_close();
	json_close();
}

static void
refusal_examples(const bool can[ERR_COUNT], int status)
{
	char name[64];
	size_t i;
	int e;

	json_open("examples", '{');
	for (e = 0; e < ERR_COUNT; e++) {
		if (!is_of(can, e, status))
			continue;
		snprintf(name, sizeof(name), "%s", err_name((enum err)e));
		for (i = 0; name[i] != '\0'; i++)
			name[i] = (char)tolower((unsigned char)name[i]);
		json_ref(name, "examples", name);
	}
	json_close();
}

/* The refusals of a status.  The web server may have a code of its own for
   it. */
static void
refusal(const struct endpoint *ep, const bool can[ERR_COUNT], int status)
{
	const struct server_error *server = server_error(status);
	char name[16];

	if (server != NULL && first_of(can, status, server->code) < ERR_COUNT)
		server = NULL;
	snprintf(name, sizeof(name), "%d", status);
	json_open(name, '{');
	refusal_text(can, status, server);
	answer_headers(ep, status);
	json_open("content", '{');
	json_open("application/json", '{');
	refusal_schema(can, status, server);
	refusal_examples(can, status);
	json_close();
	json_close();
	json_close();
}

/* What the program answers and, under other statuses, its web server. */
static void
responses(const struct endpoint *ep)
{
	bool can[ERR_COUNT];
	char name[16];
	int status, e;

	refusals_of(ep, can);
	json_open("responses", '{');
	success(ep);
	for (status = 400; status < 600; status++) {
		for (e = 0; e < ERR_COUNT && !is_of(can, e, status); e++)
			continue;
		snprintf(name, sizeof(name), "%d", status);
		if (e < ERR_COUNT)
			refusal(ep, can, status);
		else if (server_error(status) != NULL)
			json_ref(name, "responses", name);
	}
	json_close();
}

void
path_item(const struct endpoint *ep)
{
	const char *method = ep->method;
	char name[16];
	size_t i;

	for (i = 0; method[i] != '\0' && i < sizeof(name) - 1; i++)
		name[i] = (char)tolower((unsigned char)method[i]);
	name[i] = '\0';
	json_begin(2);
	json_open(ep->path, '{');
	json_open(name, '{');
	json_text("operationId", "%s", ep->path + 1);
	json_open("tags", '[');
	json_text(NULL, "%s", ep->who != NULL ? ep->who->role : "anybody");
	json_close();
	json_text("summary", "%s", ep->summary);
	description(ep);
	security(ep);
	parameters(ep);
	if (ep->request != NULL)
		request(ep);
	responses(ep);
	json_close();
	json_close();
	putchar('\n');
}
