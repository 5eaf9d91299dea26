#include <string.h>

#include "auth/choices.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "s3/presign.h"
#include "web/answer.h"
#include "web/caller.h"
#include "web/endpoint.h"
#include "web/guard.h"
#include "web/meter.h"
#include "web/need.h"

/* Identify the hotkey by the chain.  A named coldkey must own it. */
static enum err
identify_miner(struct web *w, const struct endpoint_by *by,
    const struct auth_caller *caller, struct auth_identity *id)
{

	return (auth_miner(&w->auth, &caller->hotkey,
	    by->coldkey.text[0] != '\0' ? &by->coldkey : NULL, id));
}

static enum err
identify_validator(struct web *w, const struct endpoint_by *by,
    const struct auth_caller *caller, struct auth_identity *id)
{

	(void)by;
	return (auth_validator(&w->auth, &caller->hotkey, id));
}

/* Verify that ${id} signed one of the plan's texts or this body.  Set the
   choice that was signed and the folder of the proven key. */
static enum err
prove(struct web *w, const struct endpoint *ep, struct auth_caller *caller,
    const struct auth_identity *id, struct endpoint_plan *p)
{
	struct signed_text text[ENDPOINT_CHOICES];
	char folder[LAYOUT_FOLDER_MAX + 1];
	size_t i, which = 0;
	int64_t began_us;
	enum err e;

	if (p->n < 1 || p->n > ENDPOINT_CHOICES)
		return (ERR_INTERNAL);
	for (i = 0; i < p->n; i++)
		text[i] = p->choice[i].text;
	began_us = meter_start();
	e = auth_proven(id, caller, text, p->n, &which);
	meter_proof(w, caller->scheme, e, began_us);
	if (e != ERR_OK)
		return (e);
	guard_proven(w, id);
	p->id = id;
	p->chosen = &p->choice[which];
	p->signed_text = caller->scheme != AUTH_TEXT ? NULL :
	    p->chosen->text.text;
	if (ep->who == &endpoint_miner) {
		if ((e = auth_choices_folder(&w->cfg, p->chosen->layout,
		    id, p->chosen->source, folder)) != ERR_OK)
			return (e);
		p->folder = arena_text(w->arena, folder, strlen(folder));
	}
	return (p->chosen->verdict);
}

/* Make the planned grant and write the answer. */
static enum err
vend(struct web *w, const struct endpoint *ep, const void *in,
    struct endpoint_plan *p)
{
	void *out = arena_alloc(w->arena, ep->response_size);
	enum err e;

	memset(out, 0, ep->response_size);

	/* The endpoint gets the signing keys only here. */
	if ((e = need_key_follow(w)) != ERR_OK)
		return (e);
	p->upload = w->upload.signer.key != NULL ? &w->upload.signer : NULL;
	p->read = w->read.signer.key != NULL ? &w->read.signer : NULL;
	if ((e = ep->vend(w, in, p, out)) != ERR_OK)
		return (e);
	return (answer_write(w, ep->response, out));
}

static enum err
serve_caller(struct web *w, const struct endpoint *ep, enum auth_scheme scheme)
{
	struct endpoint_plan p = { .n = 0 };
	struct auth_caller caller = { .scheme = scheme };
	struct auth_identity id;
	int64_t began_us;
	void *in;
	enum err e;

	/* Parse.  After this, every field has its declared form. */
	in = arena_alloc(w->arena, ep->request_size);
	if ((e = caller_parse(w, ep, scheme, in)) != ERR_OK)
		return (e);

	/* Plan the grant, as if all claims of the request were true. */
	if ((e = ep->plan(w, in, &p)) != ERR_OK)
		return (e);
	if ((e = caller_read(w, ep, in, &caller)) != ERR_OK)
		return (e);

	/* Authorise by the chain first, which is cheap.  Then authenticate. */
	if ((e = ep->who->identify(w, in, &caller, &id)) != ERR_OK)
		return (e);
	if ((e = guard_known(w, &id)) != ERR_OK)
		return (e);
	if ((e = prove(w, ep, &caller, &id, &p)) != ERR_OK)
		return (e);

	/* Admit.  Only this step counts, so the audit log is checked first. */
	if ((e = guard_ready(w)) != ERR_OK)
		return (e);
	began_us = meter_start();
	e = admit(&w->admit, &id, &caller, ep->counts);
	meter_ledger(w, e, began_us);
	if (e != ERR_OK)
		return (e);
	if ((e = vend(w, ep, in, &p)) != ERR_OK)
		return (e);

	/* This stops a grant if a program error skipped a step. */
	return (guard_holds(w));
}

static enum err
serve(struct web *w, const struct endpoint *ep)
{
	enum auth_scheme scheme;
	enum err e;

	if (ep->switched_by != 0 && !*(const bool *)(const void *)
	    ((const char *)&w->cfg + ep->switched_by))
		return (ERR_OFF);
	if ((e = caller_scheme(w, ep, &scheme)) != ERR_OK)
		return (e);
	e = serve_caller(w, ep, scheme);
	return (scheme != AUTH_TEXT ? tao_error(e) : e);
}

static const struct need *const needs[] = {
	&need_start, &need_identity, &need_guard, NULL
};

const struct endpoint_who endpoint_miner = {
	.role = "miner", .needs = needs, .identify = identify_miner,
	.before = guard_before, .serve = serve, .after = guard_after,
};

const struct endpoint_who endpoint_validator = {
	.role = "validator", .needs = needs, .identify = identify_validator,
	.before = guard_before, .serve = serve, .after = guard_after,
};

void
endpoint_granted(struct web *w, const char *scope, const char *kind,
    int64_t urls, int64_t until_s)
{

	w->granted = (struct web_granted){
		arena_text(w->arena, scope, strlen(scope)), kind, urls, until_s
	};
}

const char *
endpoint_time(const struct web *w, int64_t t)
{
	char text[TIMEFMT_ISO_MAX + 1];

	timefmt_iso(t, text);
	return (arena_text(w->arena, text, strlen(text)));
}

static struct emit_url
list_from(const struct web *w, const struct endpoint_plan *p,
    const struct presign_list *list, int64_t ttl_s)
{
	struct presign_list_url *u = arena_alloc(w->arena, sizeof(*u));

	*u = (struct presign_list_url){
		.signer = p->read, .now = w->auth.now_s, .ttl_s = ttl_s,
		.list = *list,
	};
	return ((struct emit_url){ presign_list_write, u });
}

struct emit_url
endpoint_list(const struct web *w, const struct endpoint_plan *p,
    const char *prefix, const char *delimiter, int64_t ttl_s)
{

	return (list_from(w, p, &(struct presign_list){
	    .prefix = text_span(prefix),
	    .delimiter = text_span(delimiter) }, ttl_s));
}

struct emit_url
endpoint_list_after(const struct web *w, const struct endpoint_plan *p,
    const char *folder, const char *name, int64_t ttl_s)
{
	struct presign_list list = { .prefix = text_span(folder) };
	size_t len = list.prefix.len;
	char *after;

	if (name[0] != '\0') {
		list.start_after.len = len + strlen(name);
		after = arena_alloc(w->arena, list.start_after.len + 1);
		memcpy(after, folder, len);
		memcpy(after + len, name, strlen(name) + 1);
		list.start_after.s = after;
	}
	return (list_from(w, p, &list, ttl_s));
}
