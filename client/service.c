#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/http.h"
#include "service.h"
#include "service_answer.h"
#include "service_prove.h"

/* The longest piece of a wait, so that a stop is noticed. */
#define SLICE_MS 100

struct service {
	struct service_options o;
	struct http *http;
	char base[SERVICE_URL_MAX + 1];	/* without a slash at its end */
	bool met;			/* it has answered once */
	int64_t ahead_s;		/* its clock, before ours */
	struct service_prove prove;
};

struct service *
service_new(const struct service_options *o)
{
	struct service *s;
	size_t len;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_die("out_of_memory", "service");
	s->o = *o;
	s->prove.o = &s->o;
	if (s->o.tries == 0)
		s->o.tries = SERVICE_TRIES;
	if (s->o.first_wait_ms == 0)
		s->o.first_wait_ms = SERVICE_WAIT_MS;
	snprintf(s->base, sizeof(s->base), "%s", o->url);
	for (len = strlen(s->base); len > 0 && s->base[len - 1] == '/'; len--)
		s->base[len - 1] = '\0';
	s->http = http_new(o->stop);
	http_trust(s->http, o->ca_file);
	return (s);
}

void
service_free(struct service *s)
{

	if (s == NULL)
		return;
	http_free(s->http);
	free(s);
}

/* One request and its answer. */
static void
send_once(struct service *s, const struct http_request *hr,
    const struct http_limits *limits, struct service_answer *a,
    const char **text, size_t *len)
{
	int64_t date_s;

	if (http_send(s->http, hr, limits, text, len, &a->status) != ERR_OK) {
		a->status = 0;
		a->result = http_fault(s->http) == NET_STOPPED ?
		    SERVICE_STOPPED : SERVICE_UNREACHABLE;
		service_answer_say(a, http_reason(s->http));
		return;
	}
	s->met = true;
	if ((date_s = http_date(s->http)) != -1)
		s->ahead_s = date_s - clock_now_ms() / 1000;
	a->result = a->status >= 200 && a->status < 300 ? SERVICE_OK :
	    a->status >= 400 && a->status < 500 ? SERVICE_REFUSED :
	    SERVICE_BROKEN;
}

/* Could the same request get an answer, if it is sent again? */
static bool
is_passing(const struct service *s, const struct service_answer *a)
{

	switch (a->result) {
	case SERVICE_REFUSED:
		return (a->status == 429 && http_retry_after(s->http) > 0);
	case SERVICE_BROKEN:
		return (a->status >= 500);
	case SERVICE_UNREACHABLE:
		break;
	default:
		return (false);
	}
	switch (http_fault(s->http)) {
	case NET_TIMEOUT:
	case NET_CUT:
		return (true);
	case NET_NAME_UNKNOWN:
	case NET_REFUSED:
	case NET_UNREACHABLE:
		/* The first time it is more likely a wrong URL. */
		return (s->met);
	default:
		return (false);
	}
}

/* After the try number ${n}: wait, and try again? */
static bool
again(struct service *s, unsigned n, struct service_answer *a)
{
	const long after_s = http_retry_after(s->http);
	long ms = s->o.first_wait_ms << (n - 1 < 6 ? n - 1 : 6);

	if (n >= s->o.tries || !is_passing(s, a) ||
	    after_s > SERVICE_WAIT_MAX_S)
		return (false);
	if (ms < after_s * 1000)
		ms = after_s * 1000;
	if (s->o.notice != NULL)
		s->o.notice(s->o.user, a->detail, ms);
	if (service_wait(s, ms))
		return (true);
	service_clear(a);
	a->result = SERVICE_STOPPED;
	service_answer_say(a, net_fault_words(NET_STOPPED));
	return (false);
}

/* GET ${path} of the service, an object that anybody may read. */
static void
get_once(struct service *s, const struct service_request *r,
    const struct http_limits *limits, struct service_answer *a)
{
	char url[SERVICE_URL_MAX + 128];
	const struct http_request hr = { .method = "GET", .url = url };
	const char *text;
	size_t len;

	snprintf(url, sizeof(url), "%s%s", s->base, r->path);
	send_once(s, &hr, limits, a, &text, &len);
	if (a->status != 0)
		service_answer_read(a, text, len, r->max_values);
}

static void
unable(struct service_answer *a, const char *why)
{

	a->result = SERVICE_UNABLE;
	service_answer_say(a, why);
}

/* Ask once, when the first request is to be proven. */
static bool
learn_schemes(struct service *s, struct service_answer *a)
{
	const struct service_request r = { .path = "/commitment-formats",
	    .get = true };

	if (s->prove.noted)
		return (true);
	if (service_ask(s, &r, a) != SERVICE_OK && a->status != 404)
		return (false);
	service_prove_note(&s->prove, a->json);
	service_clear(a);
	if (s->o.receiver != NULL && s->prove.receiver.text[0] != '\0' &&
	    strcmp(s->o.receiver, s->prove.receiver.text) != 0) {
		unable(a, "the service names another receiver than the one "
		    "that is set; nothing was signed for it");
		return (false);
	}
	return (true);
}

/* Sign and send.  Each try has a new signature. */
static void
post_once(struct service *s, const struct service_request *r,
    const struct http_limits *limits, struct service_answer *a)
{
	const char *headers[PROOF_LINES_MAX + 2] = {
	    "Content-Type: application/json" }, *text;
	char url[SERVICE_URL_MAX + 128];
	struct http_request hr = { .method = "POST", .url = url,
	    .headers = headers };
	struct json_object *body;
	struct proof_lines lines;
	size_t i, len;
	enum err e;

	snprintf(url, sizeof(url), "%s%s", s->base, r->path);
	if ((e = service_prove_make(&s->prove, r, url, &body, &hr.body,
	    &hr.len, &lines)) != ERR_OK) {
		unable(a, e == ERR_BTAUTH_RECEIVER ? "the service tells no "
		    "receiver for btauth; set one" : e == ERR_BTAUTH_TARGET ?
		    "the URL cannot be signed" : "the request could not be "
		    "signed");
		return;
	}
	for (i = 0; i < lines.n; i++)
		headers[i + 1] = lines.line[i];
	headers[i + 1] = NULL;
	send_once(s, &hr, limits, a, &text, &len);
	if (a->status != 0)
		service_answer_read(a, text, len, r->max_values);
	json_object_put(body);
}

enum service_result
service_ask(struct service *s, const struct service_request *request,
    struct service_answer *a)
{
	struct service_request r = *request;
	const struct http_limits limits = {
		.total_s = r.total_s != 0 ? r.total_s : SERVICE_TOTAL_S,
		.max_bytes = r.max_bytes != 0 ? r.max_bytes : SERVICE_BYTES,
	};
	unsigned n = 0;

	service_clear(a);
	if (r.max_values == 0)
		r.max_values = SERVICE_VALUES;
	if (!r.get && s->o.hotkey == NULL)
		return (unable(a, "this request needs a hotkey"), a->result);
	if (!r.get && !service_prove_can(&s->prove, &r))
		return (unable(a, "there is no signed text for this request; "
		    "use another scheme"), a->result);
	if (!r.get && !learn_schemes(s, a))
		return (a->result);
	do {
		service_clear(a);
		if (r.get)
			get_once(s, &r, &limits, a);
		else
			post_once(s, &r, &limits, a);
	} while (again(s, ++n, a));
	return (a->result);
}

enum service_result
service_fetch(struct service *s, const char *url, size_t max_bytes,
    struct service_answer *a, const char **text, size_t *len)
{
	const struct http_limits limits = { .total_s = 2 * SERVICE_TOTAL_S,
	    .max_bytes = max_bytes };
	const struct http_request hr = { .method = "GET", .url = url };
	unsigned n = 0;

	do {
		service_clear(a);
		send_once(s, &hr, &limits, a, text, len);
		if (a->status != 0 && a->result != SERVICE_OK)
			service_answer_store(a, *text, *len);
	} while (again(s, ++n, a));
	return (a->result);
}

int
service_explain(const struct service *s, const struct service_answer *a)
{

	return (service_answer_explain(a, s->base, s->ahead_s));
}

const char *
service_url(const struct service *s)
{

	return (s->base);
}

const struct wallet *
service_hotkey(const struct service *s)
{

	return (s->o.hotkey);
}

const struct ss58 *
service_coldkey(const struct service *s)
{

	return (s->o.coldkey);
}

const char *
service_ca_file(const struct service *s)
{

	return (s->o.ca_file);
}

bool
service_stopped(const struct service *s)
{

	return (s->o.stop != NULL && *s->o.stop != 0);
}

bool
service_wait(const struct service *s, long ms)
{
	struct timespec t = { 0, 0 };
	const int64_t end = clock_tick_ms() + ms;
	int64_t left;

	while (!service_stopped(s)) {
		if ((left = end - clock_tick_ms()) <= 0)
			return (true);
		t.tv_nsec = (left < SLICE_MS ? (long)left : SLICE_MS) *
		    1000000;
		(void)nanosleep(&t, NULL);
	}
	return (false);
}
