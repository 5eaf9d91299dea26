#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "command.h"
#include "hub_get.h"
#include "progress.h"

#define LOOK_MS 100
#define HOPS_MAX 5

/* A small thing is here within this time, or there is something wrong. */
#define ASK_MS ((int64_t)10 * 60000)

int64_t
hub_pause_ms(const struct hub *h)
{
	const int64_t left = h->not_before_ms - clock_tick_ms();

	return (left > 0 ? left : 0);
}

void
hub_say(const struct hub *h, const char *why, long ms)
{

	if (!h->c->set.quiet && (h->c->set.verbose || ms >= 5000))
		progress_say(h->progress, true, "foldergate: the Hub: %s; "
		    "trying again in %ld s", why, (ms + 999) / 1000);
}

static void
on_header(void *user, const char *line, size_t len)
{
	struct hub_get *g = user;

	hub_head_line(&g->head, line, len);
}

static bool
on_piece(void *user, const void *data, size_t len)
{
	struct hub_get *g = user;

	return (g->piece == NULL || g->piece(g->user, data, len));
}

/* Send the request to g->url.  Only the Hub itself gets the token, and not
   where another host leads back to it. */
static void
send(struct hub_get *g)
{
	struct hub *h = g->hub;

	g->headers[0] = (struct text_pair){ "Accept-Encoding", "identity" };
	g->s.n_headers = 1;
	g->left = g->left || !hub_head_same(g->url, h->base);
	if (h->bearer != NULL && !g->left)
		g->headers[g->s.n_headers++] = (struct text_pair){
		    "Authorization", secret_bytes(h->bearer) };
	g->s.kind = STREAM_GET;
	g->s.url = g->url;
	g->s.headers = g->headers;
	g->s.header = on_header;
	g->s.piece = on_piece;
	g->s.user = g;
	hub_head_clear(&g->head);
	stream_start(h->set, &g->s);
}

void
hub_get_start(struct hub_get *g, const char *url)
{

	memcpy(g->url, url, strlen(url) + 1);
	g->hops = 0;
	g->left = false;
	g->linked[0] = '\0';
	g->linked_bytes = -1;
	send(g);
}

static enum hub_step
fail(struct hub_get *g, int status, const char *why)
{

	g->status = status;
	g->why = why;
	return (HUB_FAILED);
}

static enum hub_step
again(struct hub_get *g, const char *why, long wait_s)
{

	if (wait_s > HUB_WAIT_MAX_S)
		wait_s = HUB_WAIT_MAX_S;
	g->why = why;
	g->wait_ms = wait_s * 1000;
	return (HUB_AGAIN);
}

static enum hub_step
redirect(struct hub_get *g)
{
	char to[HUB_URL_MAX + 1];

	if (++g->hops > HOPS_MAX)
		return (fail(g, COMMAND_UNREACHABLE,
		    "the Hub leads from one address to the next"));
	if (!hub_head_join(g->url, g->head.location, to))
		return (fail(g, COMMAND_UNREACHABLE,
		    "the Hub leads to an address that cannot be asked"));
	memcpy(g->url, to, strlen(to) + 1);
	send(g);
	return (HUB_MORE);
}

/* What the Hub means by a refusal. */
static enum hub_step
refused(struct hub_get *g)
{
	static const struct { const char *code, *words; } table[] = {
		{ "RepoNotFound", "there is no such data set, or the token "
		    "may not read it" },
		{ "GatedRepo", "the data set is gated: ask for access at the "
		    "Hub, and set HF_TOKEN" },
		{ "RevisionNotFound", "the data set has no such revision" },
		{ "EntryNotFound", "the data set has no such file" },
		{ "DisabledRepo", "the Hub has disabled the data set" },
	};
	const bool token = g->hub->bearer != NULL;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(g->head.code, table[i].code) == 0)
			return (fail(g, COMMAND_REFUSED, table[i].words));
	}
	if (g->s.status == 401)
		return (fail(g, COMMAND_REFUSED, token ? "the Hub does not "
		    "accept the token" : "there is no such data set, or it "
		    "needs HF_TOKEN"));
	snprintf(g->words, sizeof(g->words), "the Hub answers %d",
	    g->s.status);
	return (fail(g, COMMAND_REFUSED, g->words));
}

static enum hub_step
busy(struct hub_get *g)
{
	struct hub *h = g->hub;
	const long wait_s = g->head.wait_s > 0 ? g->head.wait_s :
	    g->s.retry_after_s;
	enum hub_step step;

	snprintf(g->words, sizeof(g->words), "it answers %d", g->s.status);
	step = again(g, g->words, wait_s);
	if (g->s.status == 429 &&
	    h->not_before_ms < clock_tick_ms() + g->wait_ms)
		h->not_before_ms = clock_tick_ms() + g->wait_ms;
	return (step);
}

static enum hub_step
no_answer(struct hub_get *g)
{
	const struct stream *s = &g->s;

	if (s->file_errno != 0)
		return (fail(g, COMMAND_FAILED, strerror(s->file_errno)));
	if (s->no_range || s->fault == NET_TOO_LARGE) {
		g->why = s->no_range ? "the Hub does not send parts of it" :
		    "it is larger than the Hub's list says";
		g->wait_ms = 0;
		return (HUB_ANEW);
	}
	if (s->fault >= NET_CERT_EXPIRED && s->fault <= NET_CA_FILE)
		return (fail(g, COMMAND_UNREACHABLE, s->failed));
	return (again(g, s->failed, 0));
}

enum hub_step
hub_get_done(struct hub_get *g)
{
	const int status = g->s.status;
	const bool own = !g->left;

	if (g->s.fault != NET_FINE)
		return (no_answer(g));
	if (own && g->linked[0] == '\0') {
		memcpy(g->linked, g->head.linked, sizeof(g->linked));
		g->linked_bytes = g->head.linked_bytes;
	}
	if (status == 200 || status == 206)
		return (HUB_WHOLE);
	if ((status >= 301 && status <= 303) || status == 307 ||
	    status == 308)
		return (redirect(g));
	if (status >= 500 || status == 429 || status == 408)
		return (busy(g));
	if (status == 416) {
		g->why = "the Hub does not send this part of it";
		g->wait_ms = 0;
		return (HUB_ANEW);
	}

	/* A link lives for an hour; the next try gets another one. */
	return (own ? refused(g) : again(g, "the link to the content is "
	    "refused", 0));
}

static bool
on_text(void *user, const void *data, size_t len)
{
	struct buf *b = user;

	buf_add(b, data, len);
	return (!b->overflow);
}

/* Run the GET until its end.  Return false on Ctrl-C. */
static bool
run(struct hub_get *g, enum hub_step *step)
{
	const int64_t ends_ms = clock_tick_ms() + ASK_MS;

	do {
		while (stream_next(g->hub->set, LOOK_MS) == NULL) {
			if (service_stopped(g->hub->c->service))
				return (false);
			if (clock_tick_ms() < ends_ms)
				continue;
			*step = fail(g, COMMAND_UNREACHABLE,
			    "the Hub's answer takes too long");
			return (true);
		}
	} while ((*step = hub_get_done(g)) == HUB_MORE);
	return (true);
}

int
hub_ask(struct hub *h, const char *url, const char *what, struct buf *text,
    struct hub_get *g)
{
	const size_t before = text->len;
	enum hub_step step = HUB_FAILED;
	long wait_ms;
	int tries = 0;

	*g = (struct hub_get){ .hub = h, .piece = on_text, .user = text };
	g->s.fd = -1;
	for (;;) {
		text->len = before;
		g->s.bytes = (int64_t)(text->most - before) - 1;
		hub_get_start(g, url);
		if (!run(g, &step))
			break;
		if (step != HUB_AGAIN || ++tries == HUB_TRIES)
			break;
		wait_ms = HUB_WAIT_MS << (tries - 1);
		if (wait_ms < g->wait_ms)
			wait_ms = g->wait_ms;
		hub_say(h, g->why, wait_ms);
		if (!service_wait(h->c->service, wait_ms))
			break;
	}
	stream_drop(h->set, &g->s);
	if (service_stopped(h->c->service))
		return (COMMAND_STOPPED);
	if (step == HUB_WHOLE && buf_end(text) == ERR_OK)
		return (COMMAND_OK);
	command_failed("%s: %s%s", what, step == HUB_AGAIN ? "the Hub: " : "",
	    step == HUB_WHOLE || step == HUB_ANEW ? "the Hub's answer is too "
	    "large" : g->why);
	return (step == HUB_FAILED ? g->status : COMMAND_UNREACHABLE);
}
