#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/http.h"
#include "net/hurry.h"
#include "net/transfer.h"

/* The longest time until a stop is noticed. */
#define LOOK_MS 200

struct http {
	struct transfer t;
	CURLM *multi;
	const volatile sig_atomic_t *stop;
	struct hurry hurry;
	const char *ca_file;	/* NULL: the system's */
	bool certificates;	/* are noted */
	enum net_fault fault;	/* of the last request */
	long retry_after_s;
};

struct http *
http_new(const volatile sig_atomic_t *stop)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (h = calloc(1, sizeof(*h))) == NULL ||
	    (h->multi = curl_multi_init()) == NULL)
		log_die("out_of_memory", "http");
	transfer_init(&h->t);
	h->stop = stop;
	return (h);
}

void
http_free(struct http *h)
{

	if (h == NULL)
		return;
	curl_multi_cleanup(h->multi);
	transfer_free(&h->t);
	free(h);
	curl_global_cleanup();
}

void
http_trust(struct http *h, const char *ca_file)
{

	h->ca_file = ca_file == NULL || ca_file[0] == '\0' ? NULL : ca_file;
}

void
http_note_certificate(struct http *h)
{

	h->certificates = true;
}

/* The first certificate of a chain is the server's own. */
int64_t
http_certificate_ends(const struct http *h)
{
	static const char name[] = "Expire date:";
	struct curl_certinfo *all = NULL;
	const struct curl_slist *line;

	if (curl_easy_getinfo(h->t.easy, CURLINFO_CERTINFO, &all) !=
	    CURLE_OK || all == NULL || all->num_of_certs < 1)
		return (-1);
	for (line = all->certinfo[0]; line != NULL; line = line->next) {
		if (strncmp(line->data, name, strlen(name)) == 0)
			return ((int64_t)curl_getdate(line->data +
			    strlen(name), NULL));
	}
	return (-1);
}

static void
prepare(struct http *h, const char *url, const struct http_limits *limits)
{

	transfer_prepare(&h->t, url, limits->total_s * 1000,
	    limits->max_bytes);
	if (h->ca_file != NULL)
		TRANSFER_SET(h->t.easy, CURLOPT_CAINFO, h->ca_file);
	if (h->certificates)
		TRANSFER_SET(h->t.easy, CURLOPT_CERTINFO, 1L);
	hurry_prepare(&h->hurry, h->t.easy);
	h->fault = NET_OTHER;
	h->retry_after_s = 0;
}

/* Run the transfer until its end, its time limit or a stop. */
static enum err
transfer(struct http *h)
{
	int running = 1, left;
	CURLMsg *m;

	while (running > 0) {
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			return (ERR_IO);
		hurry_now(&h->hurry);
		if (running > 0 && curl_multi_poll(h->multi, NULL, 0, LOOK_MS,
		    NULL) != CURLM_OK)
			return (ERR_IO);
		if (http_stopped(h)) {
			h->fault = NET_STOPPED;
			return (ERR_IO);
		}
	}
	m = curl_multi_info_read(h->multi, &left);
	if (m == NULL || m->msg != CURLMSG_DONE)
		return (ERR_IO);
	if (m->data.result != CURLE_OK) {
		h->fault = transfer_fault(&h->t, m->data.result);
		return (ERR_IO);
	}
	return (ERR_OK);
}

/* Run the prepared transfer, and return its answer. */
static enum err
perform(struct http *h, const char **answer, size_t *answer_len, long *status)
{
	curl_off_t after_s = 0;
	enum err e;

	*status = 0;
	if (http_stopped(h)) {
		h->fault = NET_STOPPED;
		return (ERR_IO);
	}
	if (curl_multi_add_handle(h->multi, h->t.easy) != CURLM_OK)
		return (ERR_IO);
	e = transfer(h);
	curl_multi_remove_handle(h->multi, h->t.easy);
	if (e != ERR_OK)
		return (e);
	curl_easy_getinfo(h->t.easy, CURLINFO_RESPONSE_CODE, status);
	curl_easy_getinfo(h->t.easy, CURLINFO_RETRY_AFTER, &after_s);

	/* Negative: a date that has passed. */
	h->retry_after_s = after_s < 0 ? 0 : after_s > HTTP_RETRY_MAX_S ?
	    HTTP_RETRY_MAX_S : (long)after_s;
	h->fault = NET_FINE;
	*answer = h->t.answer;
	*answer_len = h->t.len;
	return (ERR_OK);
}

enum err
http_get(struct http *h, const char *url, const struct http_limits *limits,
    const char **answer, size_t *answer_len, int *status)
{
	long code;
	enum err e;

	prepare(h, url, limits);
	e = perform(h, answer, answer_len, &code);
	*status = (int)code;
	return (e != ERR_OK && h->t.too_large ? ERR_RANGE : e);
}

enum err
http_head(struct http *h, const char *url, const struct http_limits *limits,
    int *status, bool *etag)
{
	const char *none;
	size_t len;
	long code;
	enum err e;

	prepare(h, url, limits);
	TRANSFER_SET(h->t.easy, CURLOPT_NOBODY, 1L);
	e = perform(h, &none, &len, &code);
	*status = (int)code;
	*etag = h->t.etag;
	return (e);
}

int64_t
http_date(const struct http *h)
{

	return (transfer_date(&h->t));
}

static void
add_header(struct curl_slist **all, const char *line)
{

	if ((*all = curl_slist_append(*all, line)) == NULL)
		log_die("out_of_memory", "http");
}

/* Return the headers of ${r} as libcurl wants them.  The last one keeps libcurl
   from adding a type, if ${r} has none. */
static struct curl_slist *
headers_of(const struct http_request *r)
{
	const char *const *line = r->headers;
	struct curl_slist *all = NULL;

	for (; line != NULL && *line != NULL; line++)
		add_header(&all, *line);
	add_header(&all, "Content-Type:");
	return (all);
}

enum err
http_send(struct http *h, const struct http_request *r,
    const struct http_limits *limits, const char **answer, size_t *answer_len,
    int *status)
{
	struct curl_slist *headers = headers_of(r);
	long code;
	enum err e;

	prepare(h, r->url, limits);
	TRANSFER_SET(h->t.easy, CURLOPT_PATH_AS_IS, 1L);
	if (r->body != NULL)
		transfer_post(&h->t, headers, r->body, r->len);
	else
		TRANSFER_SET(h->t.easy, CURLOPT_HTTPHEADER, headers);
	TRANSFER_SET(h->t.easy, CURLOPT_CUSTOMREQUEST, r->method);
	e = perform(h, answer, answer_len, &code);
	*status = (int)code;
	TRANSFER_SET(h->t.easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return (e != ERR_OK && h->t.too_large ? ERR_RANGE : e);
}

long
http_retry_after(const struct http *h)
{

	return (h->retry_after_s);
}

bool
http_stopped(const struct http *h)
{

	return (h->stop != NULL && *h->stop != 0);
}

enum net_fault
http_fault(const struct http *h)
{

	return (h->fault);
}

const char *
http_reason(const struct http *h)
{

	return (net_fault_words(h->fault));
}
