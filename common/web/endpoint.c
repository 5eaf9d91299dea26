#include <sys/random.h>

#include <malloc.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "web/endpoint.h"
#include "web/guard.h"
#include "web/request.h"
#include "web/transport.h"

/* The body of the request being served. */
static char body[TRANSPORT_BODY_MAX + 1];

/* What an answer and what the log says of it have in common. */
static void
name_request(char id[WEB_REQUEST_ID_LEN + 1])
{
	unsigned char r[WEB_REQUEST_ID_LEN];
	size_t i;

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		log_die("no_randomness", "getrandom");
	for (i = 0; i < WEB_REQUEST_ID_LEN; i++)
		id[i] = (char)('a' + r[i] % 26);
	id[WEB_REQUEST_ID_LEN] = '\0';
}

static size_t
body_max(const struct endpoint *ep, const struct web *w)
{

	if (ep->put_body_max != 0 && !w->bucket.post_policy)
		return (ep->put_body_max);
	return (ep->body_max != 0 ? ep->body_max : TRANSPORT_BODY_USUAL);
}

/* Everything up to the handler: what is wrong with any request, then method,
   then body.  ERR_IO: there is nobody to answer. */
static enum err
serve(struct transport *t, const struct endpoint *ep, struct web *w)
{
	struct request r;
	enum err e, read, guard;

	w->errors.n = 0;
	guard_begin(w);
	name_request(w->request_id);

	/* The body is taken even if it is not wanted: see transport.h. */
	e = request_read(transport_env(t), &r);
	read = transport_body(t, e == ERR_OK ? r.content_length : NULL,
	    body_max(ep, w), body, &w->body_len);

	/* The time of the request is when it is all here: a slow body must not
	   lengthen what is told and vended. */
	w->now_ms = clock_now_ms();
	w->auth.now_s = w->now_ms / 1000;
	if (read == ERR_IO)
		return (read);

	/* Before anything else is judged.  That the server itself gives two
	   addresses is no client's doing. */
	if ((ep->needs & NEED_GUARD) &&
	    (e == ERR_OK || r.remote_addr != NULL) &&
	    (guard = guard_before(w, &r)) != ERR_OK)
		return (guard);
	if (e != ERR_OK)
		return (e);
	if (strcmp(r.method, ep->method) != 0)
		return (ERR_METHOD);
	if (read != ERR_OK)
		return (read);
	w->content_type = r.content_type;
	w->tao = r.tao;
	w->body = body;
	e = ep->handle(w);

	/* Whatever a handler forgot: nothing leaves without these. */
	if (e == ERR_OK && (ep->needs & NEED_GUARD))
		e = guard_holds(w);
	return (web_by_headers(w) ? tao_error(e) : e);
}

/* That we failed is our affair, a refusal the caller's.  What lasts is told
   when it begins and when it ends, not with every request. */
static void
log_trouble(enum err e, const char *request_id)
{
	static enum err trouble;

	if (err_status(e) == 500)
		LOG(LOG_ERROR, "request_failed", LOG_S("error", err_name(e)),
		    LOG_S("request_id", request_id));

	/* To find out that all is not ready is what a probe is for. */
	if (err_status(e) == 503 && e != ERR_NOT_READY && e != trouble) {
		LOG(LOG_ERROR, "refuses_all", LOG_S("code", err_code(e)),
		    LOG_S("reason", err_detail(e)));
		trouble = e;
	} else if (e == ERR_OK && trouble != ERR_OK) {
		LOG(LOG_WARN, "serves_again", LOG_S("after",
		    err_code(trouble)));
		trouble = ERR_OK;
	}
}

static void
answer(struct transport *t, const struct endpoint *ep, struct web *w,
    enum err e)
{
	const char *data;
	size_t len;

	log_trouble(e, w->request_id);
	if (e != ERR_OK)
		web_refuse(w, e);
	data = web_answer_end(w, e, ep->method, &len);
	transport_send(t, data, len);
	buf_free(&w->answer);
}

/* A web server shows a CGI program's silence as its own error page: say in our
   form that we cannot serve. */
static void
refuse_to_start(struct transport *t, const struct endpoint *ep, struct web *w)
{

	if (!transport_is_cgi(t) || !transport_next(t))
		return;
	if (w->arena == NULL)
		w->arena = arena_new(65536);
	name_request(w->request_id);
	answer(t, ep, w, ERR_INTERNAL);
}

int
endpoint_main(const struct endpoint *ep)
{
	static struct web w;
	struct transport *t;
	enum err e;

	/* Set, it stays: glibc's own rises with what was freed, and one large
	   answer's memory would never go back. */
	mallopt(M_TRIM_THRESHOLD, 131072);
	process_harden();
	log_open(ep->path + 1, clock_now_ms);
	process_alone();
	t = transport_open();
	if (!transport_is_cgi(t))
		process_warn_root();
	if ((e = web_init(&w, ep->needs)) != ERR_OK) {
		refuse_to_start(t, ep, &w);
		goto err;
	}
	w.headers_only = ep->headers_only;
	w.endpoint = ep->path + 1;
	while (transport_next(t)) {
		e = serve(t, ep, &w);
		if (ep->needs & NEED_GUARD)
			e = guard_after(&w, e);
		if (e != ERR_IO)
			answer(t, ep, &w, e);
		transport_finish(t);
		explicit_bzero(body, w.body_len);
		arena_reset(w.arena);
	}
	web_free(&w);
	transport_close(t);
	return (0);

err:
	web_free(&w);
	transport_close(t);
	return (1);
}
