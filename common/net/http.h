#ifndef NET_HTTP_H_
#define NET_HTTP_H_

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * HTTP to the outside, by libcurl, one request at a time, for bucket-sync and
 * for one endpoint, get-file-upload-url.  http and https only;
 * certificates are verified; no redirect is followed; no proxy is taken from
 * the environment; an answer has a size and a time that it may not exceed.
 */
struct http;

struct http_limits {
	long total_s;		/* from the look-up of the name to the end */
	size_t max_bytes;	/* of the answer */
};

/**
 * http_new(stop), http_free(h):
 * A client whose connections are kept for the next request.  While it waits it
 * looks at ${stop} (NULL: nothing to look at) some times a second, and gives up
 * when that is not 0.
 */
struct http *http_new(const volatile sig_atomic_t *stop);
void http_free(struct http *h);

/**
 * http_get(h, url, limits, answer, answer_len, status):
 * Get ${url}; set ${answer} to the body, with a NUL after it, and ${status},
 * whatever it is.  The body stays ${h}'s and is good until the next request.
 *   Errors  ERR_RANGE the answer exceeds its limit; ERR_IO everything else;
 *	     http_reason() tells why, and what a ${status} other than 200 means
 */
CHECKED enum err http_get(struct http *h, const char *url,
    const struct http_limits *limits, const char **answer, size_t *answer_len,
    int *status);

/**
 * http_head(h, url, limits, status, etag):
 * Ask for the headers of ${url} only; was there an ETag among them?
 *   Errors  as http_get()
 */
CHECKED enum err http_head(struct http *h, const char *url,
    const struct http_limits *limits, int *status, bool *etag);

/**
 * http_stopped(h):
 * Has ${stop} been set?
 */
bool http_stopped(const struct http *h);

/**
 * http_reason(h):
 * Why the last request failed, in our words: a peer's are never repeated.
 */
const char *http_reason(const struct http *h);

#endif /* !NET_HTTP_H_ */
