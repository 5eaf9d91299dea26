#include <sys/random.h>

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "web/anybody.h"
#include "web/answer.h"
#include "web/confine.h"
#include "web/cors.h"
#include "web/count.h"
#include "web/endpoint.h"
#include "web/journal.h"
#include "web/program.h"
#include "web/request.h"
#include "web/transport.h"

/* Holds a request, its parsed form and an ordinary answer without growing. */
#define ARENA_FIRST 32768

/* The body of the request being served. */
static char body[TRANSPORT_BODY_MAX + 1];

/* Make the id that an answer and its log lines share. */
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

	if (ep->put_body_max != 0 && !w->bucket.folder_forms)
		return (ep->put_body_max);
	return (ep->body_max != 0 ? ep->body_max : TRANSPORT_BODY_USUAL);
}

/* Forget the request before this one. */
static void
begin(struct web *w)
{

	w->began_us = clock_run_us();
	w->is_preflight = false;
	w->errors.n = 0;
	w->media = NULL;
	w->has_client = w->is_proven = false;
	w->suffered = w->vouched = false;
	w->admit.counted = w->admit.granted = false;
	memset(&w->taken, 0, sizeof(w->taken));
	memset(&w->by_key, 0, sizeof(w->by_key));
	memset(&w->granted, 0, sizeof(w->granted));
	name_request(w->request_id);
}

/* May the pages of other origins read the answers?  Not where the address alone
   tells who asks, because every page in a browser there has that address. */
static bool
is_for_pages(const struct endpoint *ep)
{

	return (ep->who == NULL || ep->who->identify != NULL);
}

/* Read the variables of the request, and what an answer needs of them even if
   one is refused. */
static enum err
read_head(struct transport *t, const struct endpoint *ep, struct web *w,
    struct request *r)
{
	const enum err e = request_read(transport_env(t), r);

	snprintf(w->given_id, sizeof(w->given_id), "%s", r->id != NULL ?
	    r->id : "");
	w->allow_origin = is_for_pages(ep) ?
	    cors_allowed(&w->cfg, r->origin) : NULL;
	return (e);
}

/* Check the parts of every request: the address, then the headers, the method
   and the body.  ERR_IO: the client is gone. */
static enum err
serve(struct transport *t, const struct endpoint *ep, struct web *w)
{
	struct request r;
	enum err e, read, before;

	begin(w);

	/* The body is read even if it is not used.  See transport.h. */
	e = read_head(t, ep, w, &r);
	read = transport_body(t, r.content_length, body_max(ep, w), body,
	    &w->body_len);
	if (e != ERR_OK && r.content_length == NULL)
		transport_drain(t);
	w->is_head = strcmp(r.method, "HEAD") == 0;

	/* The time of the request is the time when all of it has arrived.  A
	   slow body must not make reported times or grants last longer. */
	w->now_ms = clock_now_ms();

	/* Read it for each request.  It changes when the clock is set. */
	w->boot_ms = clock_boot_ms();
	w->auth.now_s = w->now_ms / 1000;
	if (read == ERR_IO)
		return (read);

	/* A preflight is a browser's, not the caller's: it has no proof, and
	   changes and costs nothing. */
	w->is_preflight = cors_is_preflight(&w->cfg, &r);
	if (w->is_preflight)
		return (w->allow_origin != NULL ? ERR_OK : ERR_ORIGIN);

	/* This comes before all other checks.  If the web server passes two
	   addresses, that is not the client's fault. */
	if (ep->who != NULL && (e == ERR_OK || r.remote_addr != NULL) &&
	    (before = ep->who->before(w, r.remote_addr, r.forwarded_for)) !=
	    ERR_OK)
		return (before);
	if (e != ERR_OK)
		return (e);
	if (strcmp(r.method, ep->method) != 0)
		return (ERR_METHOD);
	if (read != ERR_OK)
		return (read);
	w->content_type = r.content_type;
	w->tao = r.tao;
	w->btauth = r.btauth;
	w->target = r.target;
	w->authorization = r.authorization;
	w->accept = r.accept;
	w->body = body;
	return (ep->who != NULL ? ep->who->serve(w, ep) :
	    anybody_serve(w, ep));
}

/* Log failures of the service.  Lasting trouble is logged when it begins and
   when it ends, not with every request.  web/guard logs refusals. */
static void
log_failure(enum err e, const struct web *w)
{
	static enum err trouble;

	if (err_status(e) == 500)
		LOG(LOG_ERROR, "request_failed", LOG_S("error", err_name(e)),
		    LOG_S("request_id", w->request_id),
		    LOG_S("given_id", w->given_id));

	/* ERR_NOT_READY is an ordinary result of a probe. */
	if (err_status(e) == 503 && e != ERR_NOT_READY && e != trouble) {
		LOG(LOG_ERROR, "refuses_all", LOG_S("code", err_code(e)),
		    LOG_S("reason", err_detail(e)),
		    LOG_S("request_id", w->request_id),
		    LOG_S("given_id", w->given_id));
		trouble = e;
	} else if (e == ERR_OK && !w->is_preflight && trouble != ERR_OK) {
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

	log_failure(e, w);
	if (e != ERR_OK)
		answer_refuse(w, e);
	else if (w->is_preflight)
		answer_preflight(w);
	data = answer_end(w, e, ep->method, &len);
	count_request(w, e);
	transport_send(t, data, len);
	buf_free(&w->answer);
}

/* Refuse an endpoint that could sign for anybody or has no plan. */
static enum err
check(const struct endpoint *ep)
{
	const bool proves = ep->who != NULL && ep->who->identify != NULL;
	const struct need *const *n;
	const char *wrong = NULL;

	for (n = ep->needs; !proves && n != NULL && *n != NULL; n++) {
		if ((*n)->signs)
			wrong = "signs for anybody";
	}
	if (proves && (ep->plan == NULL || ep->proofs == 0 ||
	    ep->request_size < sizeof(struct endpoint_by)))
		wrong = "has no plan, proof or request";
	if (wrong == NULL)
		return (ERR_OK);
	LOG(LOG_ERROR, "endpoint_refused", LOG_S("reason", wrong));
	return (ERR_INTERNAL);
}

/* Return the parts of auth/ready.h that the program depends on. */
static unsigned
parts_of(const struct need *const *needs)
{
	unsigned parts = 0;

	for (; needs != NULL && *needs != NULL; needs++)
		parts |= (*needs)->parts;
	return (parts);
}

static enum err
start(struct web *w, const struct endpoint *ep)
{
	char message[CONFIG_MESSAGE_MAX + 1];
	enum err e;

	w->endpoint = ep->path + 1;
	need_before(w, ep->needs);
	w->arena = arena_new(ARENA_FIRST);
	if ((e = config_load(config_path(), &w->cfg, NULL, message)) !=
	    ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", message));
		return (e);
	}
	journal_open(w);
	if ((e = check(ep)) != ERR_OK)
		return (e);
	w->parts = parts_of(ep->needs);
	count_open(w);
	if (ep->who != NULL && (e = need_open(w, ep->who->needs)) != ERR_OK)
		return (e);
	if ((e = need_open(w, ep->needs)) != ERR_OK)
		return (e);
	if ((e = confine_enter(w, ep)) != ERR_OK)
		return (e);
	count_alive(w, confine_holds());
	return (ERR_OK);
}

static void
end(struct web *w, const struct endpoint *ep)
{

	need_close(w, ep->needs);
	if (ep->who != NULL)
		need_close(w, ep->who->needs);
	if (w->hmac != NULL)
		w->hmac_free(w->hmac);
	count_close(w);
	arena_free(w->arena);
}

/* Without an answer, a web server shows its own error page or lets the client
   wait.  So answer in our own form that the program cannot serve. */
static void
refuse(struct transport *t, const struct endpoint *ep, struct web *w)
{
	struct request r;
	enum err read;

	w->began_us = clock_run_us();
	transport_drain(t);

	/* Other faults of the request do not matter here. */
	read = read_head(t, ep, w, &r);
	read = w->once ? ERR_OK : transport_body(t, r.content_length,
	    TRANSPORT_BODY_USUAL, body, &w->body_len);
	if (read == ERR_IO)
		return;
	w->unstarted = true;
	name_request(w->request_id);
	answer(t, ep, w, ERR_INTERNAL);
}

/* Time between two tries to start. */
#define AGAIN_MS 3000

/* Log ${reason} if it differs from ${last}, and copy it there. */
static void
log_again(const char *reason, char last[LOG_VALUE_MAX + 1])
{

	if (reason == NULL || strcmp(reason, last) == 0)
		return;
	snprintf(last, LOG_VALUE_MAX + 1, "%s", reason);
	LOG(LOG_ERROR, "cannot_start", LOG_S("reason", last));
}

/* Start with the present configuration. */
static enum err
start_again(struct web *w, const struct endpoint *ep,
    char last[LOG_VALUE_MAX + 1])
{
	struct asker *const asker = w->asker;
	const bool once = w->once;
	struct keyring keyring;
	enum err e;

	w->again = true;
	end(w, ep);
	keyring = w->keyring;
	memset(w, 0, sizeof(*w));
	w->keyring = keyring;
	w->asker = asker;
	w->once = once;
	(void)log_quiet(true);
	e = start(w, ep);
	(void)log_quiet(false);
	if (e != ERR_OK)
		log_again(log_replace(), last);
	else
		LOG(LOG_WARN, "serves_again", LOG_S("after", "cannot_start"));
	return (e);
}

/* If the program exited, its web server might exit too, or clients of its
   socket would wait.  So it stays, refuses requests, and tries to start from
   time to time.  Return true once it has started, with a request to serve. */
static bool
wait_for_start(struct transport *t, const struct endpoint *ep, struct web *w)
{
	const char *reason = log_replace();
	char last[LOG_VALUE_MAX + 1];
	int64_t tried_ms = clock_now_ms(), now_ms;

	snprintf(last, sizeof(last), "%s", reason != NULL ? reason : "");
	while (transport_next(t)) {
		now_ms = clock_now_ms();
		if (!w->once && (now_ms < tried_ms ||
		    now_ms >= tried_ms + AGAIN_MS)) {
			if (start_again(w, ep, last) == ERR_OK)
				return (true);
			tried_ms = now_ms;
		}
		refuse(t, ep, w);
		transport_finish(t);
	}
	return (false);
}

int
program_main(const struct endpoint *ep)
{
	static struct web w;
	struct transport *t;
	int status = 1;
	bool more;
	enum err e;

	/* A threshold that is set stays fixed.  glibc would raise its own
	   threshold after large frees, and would then never return the memory
	   of one large answer. */
	mallopt(M_TRIM_THRESHOLD, 131072);
	process_harden();
	log_open(ep->path + 1, clock_now_ms);
	process_alone();
	t = transport_open();
	if (transport_by_hand(t)) {
		fprintf(stderr, "%s: a web server starts this program, by "
		    "FastCGI or CGI; see README.md\n", ep->path + 1);
		return (2);
	}
	w.once = transport_is_cgi(t);
	if (!transport_is_cgi(t))
		process_warn_root();
	if (start(&w, ep) == ERR_OK)
		more = transport_next(t);
	else if (!(more = wait_for_start(t, ep, &w)))
		goto done;
	if (!w.once)
		confine_log();
	for (; more; more = !w.ends && confine_keep(&w) &&
	    transport_next(t)) {
		count_alive(&w, confine_holds());
		e = serve(t, ep, &w);
		if (ep->who != NULL && !w.is_preflight)
			e = ep->who->after(&w, e);
		if (e != ERR_IO)
			answer(t, ep, &w, e);
		transport_finish(t);
		explicit_bzero(body, w.body_len);
		arena_reset(w.arena);
	}
	status = 0;

done:
	end(&w, ep);
	transport_close(t);
	return (status);
}
