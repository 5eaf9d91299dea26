/*
 * Rows of foldergate doctor --url: ask a running service, from outside, whether
 * its web server hands on what clients send and what the programs answer.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "doctor.h"
#include "net/http.h"
#include "paper.h"
#include "service.h"

#define BODY_MAX 200000
#define SKEW_S 30

/* A certificate that is renewed by itself has more days than this. */
#define DAYS_MIN 3
#define DAY_S 86400

static const struct http_limits limits = { .total_s = 20,
    .max_bytes = 1 << 20 };

/* A request, and the answer that the programs give to it. */
struct trial {
	const char *name, *method, *path;
	const char *const *headers;	/* ended by NULL; or NULL */
	size_t body;		/* bytes of an empty object, with blanks */
	int status;
	const char *code;	/* NULL: any */
	const char *otherwise;	/* what another answer means */
};

/* Whatever the service accepts, it refuses two at once. */
static const char *const two_proofs[] = { "X-Tao-Version: 2",
    "X-Bittensor-Version: 1", NULL };

static const struct trial trials[] = {
	{ "programs", "GET", "/healthz", NULL, 0, 200, NULL,
	    "the web server does not reach the programs; its log says why" },
	{ "paths", "GET", "/no-such-endpoint", NULL, 0, 404, "not_found",
	    "another service answers here; foldergate needs its own host or "
	    "folder" },
	{ "statuses", "PUT", "/healthz", NULL, 0, 405, "method_not_allowed",
	    "the web server changes statuses, and clients would take a "
	    "refusal for a grant; docs/servers.md names servers that work" },
	{ "bodies", "POST", "/get-folder-access", NULL, 2, 422,
	    "invalid_request", "the body of a request is lost on its way" },
	{ "large bodies", "POST", "/get-file-presigned-urls", NULL, BODY_MAX,
	    422, "invalid_request", "the web server, or a proxy in front of "
	    "it, has a limit below 1280 KB for this path" },
	{ "limits", "POST", "/get-validator-access", NULL, 65537, 413,
	    "body_too_large", "no limit of 64 KB is in force" },
	{ "headers", "POST", "/get-miner-list", two_proofs, 2, 400,
	    "two_proofs", "headers that begin with X- are lost on "
	    "their way" },
	{ "slashes", "POST", "/get-folder-access/", NULL, 2, 307, NULL,
	    "a path with an extra slash is not redirected; only old clients "
	    "need that" },
};

struct outside {
	struct doctor *doctor;
	struct http *http;
	const char *base;	/* without a slash at its end */
	char body[BODY_MAX];	/* {} and blanks */
	char url[SERVICE_URL_MAX + 64];
	const char *answer;
	size_t len;
	int status;
	unsigned wrong;
};

static enum err
ask(struct outside *d, const struct trial *t)
{
	const struct http_request r = { .method = t->method, .url = d->url,
	    .headers = t->headers, .body = t->body > 0 ? d->body : NULL,
	    .len = t->body };

	snprintf(d->url, sizeof(d->url), "%s%s", d->base, t->path);
	return (http_send(d->http, &r, &limits, &d->answer, &d->len,
	    &d->status));
}

/* The answer as a document; NULL if it is no JSON. */
static struct json_object *
document(const struct outside *d)
{
	struct json_tokener *k = json_tokener_new();
	struct json_object *o;

	if (k == NULL)
		log_die("out_of_memory", "doctor");
	o = json_tokener_parse_ex(k, d->answer, (int)d->len);
	json_tokener_free(k);
	return (o);
}

static bool
has_code(const struct outside *d, const char *want)
{
	struct json_object *o = document(d), *code;
	bool has;

	has = json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, "code", &code) &&
	    json_object_is_type(code, json_type_string) &&
	    strcmp(json_object_get_string(code), want) == 0;
	json_object_put(o);
	return (has);
}

/* The codes of these rows for programs. */
static void
row_for_programs(struct outside *d, const char *name, bool good,
    const char *otherwise)
{
	struct ready_found f = { .code = "outside", .what = name };

	if (good) {
		doctor_fine(d->doctor, f.code, name, "%s", "");
		return;
	}
	snprintf(f.reason, sizeof(f.reason), "%s", otherwise);
	doctor_found(d->doctor, &f);
}

static void
row(struct outside *d, const char *name, bool good, const char *otherwise)
{

	d->wrong += !good;
	if (d->doctor->json) {
		row_for_programs(d, name, good, otherwise);
		return;
	}
	d->doctor->bad += !good;
	if (!good)
		paper(16, "%-14s  WRONG: %s", name, otherwise);
	else if (!d->doctor->quiet)
		printf("%-14s  ok\n", name);
}

/* Print ${text} as far as it is a word of ours; a service is a stranger. */
static void
reason(const char *text)
{
	const size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	if (n > 0 && n <= 40 && text[n] == '\0')
		printf("%16s%s\n", "", text);
}

static void
reasons(const struct outside *d)
{
	struct json_object *o = document(d), *list, *one;
	size_t i;

	if (json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, "reasons", &list) &&
	    json_object_is_type(list, json_type_array)) {
		for (i = 0; i < json_object_array_length(list); i++) {
			one = json_object_array_get_idx(list, i);
			if (json_object_is_type(one, json_type_string))
				reason(json_object_get_string(one));
		}
	}
	json_object_put(o);
}

static bool
readiness(struct outside *d)
{
	static const struct trial t = { "grants", "GET", "/readyz", NULL, 0,
	    200, NULL, "no grant is made now, for these reasons; "
	    "`foldergate check-config` on the server shows how to mend them" };

	if (ask(d, &t) != ERR_OK)
		return (false);
	row(d, t.name, d->status == t.status, t.otherwise);
	if (!d->doctor->json && (!d->doctor->quiet || d->status != t.status))
		reasons(d);
	return (true);
}

/* Signatures are good for minutes, by the service's clock. */
static bool
clocks(struct outside *d)
{
	static const struct trial t = { "clock", "GET", "/healthcheck", NULL,
	    0, 200, NULL, "the clock here and that of the service differ by "
	    "more than 30 s; signatures would be too old, or too new" };
	struct json_object *o, *time;
	int64_t off = INT64_MAX;

	if (ask(d, &t) != ERR_OK)
		return (false);
	o = document(d);
	if (json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, "timestamp", &time) &&
	    json_object_is_type(time, json_type_int))
		off = json_object_get_int64(time) - clock_now_ms() / 1000;
	json_object_put(o);
	row(d, t.name, off >= -SKEW_S && off <= SKEW_S, off == INT64_MAX ?
	    "/healthcheck does not show the time" : t.otherwise);
	return (true);
}

/* Only a service with TLS has this row. */
static void
certificate(struct outside *d)
{
	const int64_t ends_s = http_certificate_ends(d->http);
	const int64_t left_s = ends_s - clock_now_ms() / 1000;
	char text[100];

	if (ends_s == -1)
		return;
	snprintf(text, sizeof(text), "it ends in %" PRId64 " days, and was "
	    "not renewed", left_s / DAY_S);
	row(d, "certificate", left_s >= DAYS_MIN * DAY_S, text);
}

static bool
examine(struct outside *d)
{
	const struct trial *t;

	for (t = trials; t < trials + sizeof(trials) / sizeof(trials[0]);
	    t++) {
		if (ask(d, t) != ERR_OK)
			return (false);
		row(d, t->name, d->status == t->status &&
		    (t->code == NULL || has_code(d, t->code)), t->otherwise);
		if (t == trials)
			certificate(d);
		/* Without programs nothing else means anything. */
		if (t == trials && d->wrong > 0)
			return (true);
	}
	return (readiness(d) && clocks(d));
}

bool
doctor_outside(struct doctor *doctor, const char *url, const char *ca_file)
{
	struct outside *d;
	bool good;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		log_die("out_of_memory", "doctor");
	d->doctor = doctor;
	d->base = url;
	memset(d->body, ' ', sizeof(d->body));
	memcpy(d->body, "{}", 2);
	d->http = http_new(NULL);
	http_trust(d->http, ca_file);
	http_note_certificate(d->http);
	if (!(good = examine(d)))
		command_failed("%s: %s", d->url, http_reason(d->http));
	http_free(d->http);
	free(d);
	return (good);
}
