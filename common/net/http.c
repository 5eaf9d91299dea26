#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/http.h"

/* How long a stop may go unnoticed. */
#define LOOK_MS 200

struct http {
	CURL *easy;
	CURLM *multi;
	struct curl_slist *headers;
	const volatile sig_atomic_t *stop;
	char *answer;		/* of size bytes, len used, and a NUL behind */
	size_t len, size, max, headers_len;
	bool too_large, etag;
	curl_socket_t socket;	/* the last one opened; -1: it is closed */
	const char *reason;
};

static size_t
on_data(char *data, size_t one, size_t n, void *user)
{
	struct http *h = user;
	size_t want;
	char *p;

	/* ${one} is 1, says libcurl. */
	(void)one;
	if (n > h->max - h->len) {
		h->too_large = true;
		return (0);
	}
	if (n > h->size - h->len) {
		want = h->size * 2 > h->len + n ? h->size * 2 : h->len + n;
		if ((p = realloc(h->answer, want + 1)) == NULL)
			log_die("out_of_memory", "http");
		h->answer = p;
		h->size = want;
	}
	memcpy(h->answer + h->len, data, n);
	h->len += n;
	h->answer[h->len] = '\0';
	return (n);
}

/*
 * Acknowledge at once.  Ceph's gateway sends an answer in two pieces, and the
 * second one waits for the acknowledgement of the first: 40 ms an answer.
 */
static void
hurry(const struct http *h)
{
#ifdef TCP_QUICKACK
	const int on = 1;

	/* Good for what has come so far, no longer. */
	if (h->socket != -1)
		(void)setsockopt(h->socket, IPPROTO_TCP, TCP_QUICKACK, &on,
		    sizeof(on));
#else
	(void)h;
#endif
}

static int
on_open(void *user, curl_socket_t fd, curlsocktype purpose)
{
	struct http *h = user;

	(void)purpose;
	h->socket = fd;
	return (CURL_SOCKOPT_OK);
}

static int
on_close(void *user, curl_socket_t fd)
{
	struct http *h = user;

	if (fd == h->socket)
		h->socket = -1;
	return (close(fd));
}

/* libcurl bounds the headers, but not what a chunked answer has behind it. */
#define HEADERS_MAX 65536

static size_t
on_header(char *data, size_t one, size_t n, void *user)
{
	struct http *h = user;

	(void)one;
	h->etag |= n > 5 && strncasecmp(data, "etag:", 5) == 0;
	if (n > HEADERS_MAX - h->headers_len) {
		h->too_large = true;
		return (0);
	}
	h->headers_len += n;
	return (n);
}

struct http *
http_new(const volatile sig_atomic_t *stop)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (h = calloc(1, sizeof(*h))) == NULL ||
	    (h->easy = curl_easy_init()) == NULL ||
	    (h->multi = curl_multi_init()) == NULL ||
	    (h->headers = curl_slist_append(NULL,
	    "Content-Type: application/json")) == NULL ||
	    (h->answer = calloc(1, 1)) == NULL)
		log_die("out_of_memory", "http");
	h->stop = stop;
	h->socket = -1;
	return (h);
}

void
http_free(struct http *h)
{

	if (h == NULL)
		return;
	curl_multi_cleanup(h->multi);
	curl_easy_cleanup(h->easy);
	curl_slist_free_all(h->headers);
	free(h->answer);
	free(h);
	curl_global_cleanup();
}

#define SET(h, option, value)						\
	do {								\
		if (curl_easy_setopt((h)->easy, (option), (value)) !=	\
		    CURLE_OK)						\
			log_die("libcurl", #option);			\
	} while (0)

static void
prepare(struct http *h, const char *url, const struct http_limits *limits)
{

	/* Keeps connections, forgets everything else. */
	curl_easy_reset(h->easy);
	SET(h, CURLOPT_URL, url);
	SET(h, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(h, CURLOPT_FOLLOWLOCATION, 0L);
	SET(h, CURLOPT_PROXY, "");
	SET(h, CURLOPT_NOSIGNAL, 1L);

	/* Do not wait for the thread that looks up a name. */
	SET(h, CURLOPT_QUICK_EXIT, 1L);
	SET(h, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(h, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(h, CURLOPT_TIMEOUT, limits->total_s);
	SET(h, CURLOPT_CONNECTTIMEOUT, limits->total_s);
	SET(h, CURLOPT_USERAGENT, "foldergate");
	SET(h, CURLOPT_SOCKOPTFUNCTION, on_open);
	SET(h, CURLOPT_SOCKOPTDATA, h);
	SET(h, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(h, CURLOPT_CLOSESOCKETDATA, h);
	SET(h, CURLOPT_WRITEFUNCTION, on_data);
	SET(h, CURLOPT_WRITEDATA, h);
	SET(h, CURLOPT_HEADERFUNCTION, on_header);
	SET(h, CURLOPT_HEADERDATA, h);
	h->len = h->headers_len = 0;
	h->answer[0] = '\0';
	h->max = limits->max_bytes;
	h->too_large = h->etag = false;
	h->reason = "internal error";
}

static const char *
reason_of(const struct http *h, CURLcode rc)
{

	if (h->too_large)
		return ("answer too large");
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return ("name cannot be resolved");
	case CURLE_COULDNT_CONNECT:
		return ("no connection");
	case CURLE_OPERATION_TIMEDOUT:
		return ("timed out");
	case CURLE_PEER_FAILED_VERIFICATION:
		return ("certificate not valid");
	case CURLE_SSL_CONNECT_ERROR:
		return ("no TLS connection");
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
		return ("answer cut short");
	default:
		return ("transfer failed");
	}
}

static const char *
reason_of_status(long status)
{

	if (status >= 300 && status < 400)
		return ("redirects, which are not followed");
	if (status >= 500)
		return ("status 5xx");
	if (status == 403)
		return ("status 403, access denied");
	if (status == 404)
		return ("status 404, not there");
	return ("status is not 200");
}

/* Run the transfer to its end, to its time limit or to a stop. */
static enum err
transfer(struct http *h)
{
	int running = 1, left;
	CURLMsg *m;

	while (running > 0) {
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			return (ERR_IO);
		hurry(h);
		if (running > 0 && curl_multi_poll(h->multi, NULL, 0, LOOK_MS,
		    NULL) != CURLM_OK)
			return (ERR_IO);
		if (http_stopped(h)) {
			h->reason = "told to stop";
			return (ERR_IO);
		}
	}
	m = curl_multi_info_read(h->multi, &left);
	if (m == NULL || m->msg != CURLMSG_DONE)
		return (ERR_IO);
	if (m->data.result != CURLE_OK) {
		h->reason = reason_of(h, m->data.result);
		return (ERR_IO);
	}
	return (ERR_OK);
}

/* What was prepared: do it, and tell the answer. */
static enum err
perform(struct http *h, const char **answer, size_t *answer_len, long *status)
{
	enum err e;

	*status = 0;
	if (http_stopped(h)) {
		h->reason = "told to stop";
		return (ERR_IO);
	}
	if (curl_multi_add_handle(h->multi, h->easy) != CURLM_OK)
		return (ERR_IO);
	e = transfer(h);
	curl_multi_remove_handle(h->multi, h->easy);
	if (e != ERR_OK)
		return (e);
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, status);
	if (*status != 200)
		h->reason = reason_of_status(*status);
	*answer = h->answer;
	*answer_len = h->len;
	return (ERR_OK);
}

enum err
http_post_json(struct http *h, const char *url, const char *body, size_t len,
    const struct http_limits *limits, const char **answer, size_t *answer_len)
{
	long status;
	enum err e;

	prepare(h, url, limits);
	SET(h, CURLOPT_HTTPHEADER, h->headers);
	SET(h, CURLOPT_POST, 1L);
	SET(h, CURLOPT_POSTFIELDS, body);
	SET(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	e = perform(h, answer, answer_len, &status);
	return (e == ERR_OK && status != 200 ? ERR_IO : e);
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
	return (e != ERR_OK && h->too_large ? ERR_RANGE : e);
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
	SET(h, CURLOPT_NOBODY, 1L);
	e = perform(h, &none, &len, &code);
	*status = (int)code;
	*etag = h->etag;
	return (e);
}

bool
http_stopped(const struct http *h)
{

	return (h->stop != NULL && *h->stop != 0);
}

const char *
http_reason(const struct http *h)
{

	return (h->reason);
}
