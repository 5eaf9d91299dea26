#ifndef NET_HTTP_H_
#define NET_HTTP_H_

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/fault.h"

/*
 * HTTP to the outside, by libcurl, one request at a time, for bucket-sync, for
 * one endpoint, get-file-upload-url, and for foldergate.  It uses http and
 * https only, verifies certificates, follows no redirect, takes no proxy from
 * the environment, and bounds the size and time of an answer.
 */
struct http;

struct http_limits {
	long total_s;		/* from the look-up of the name to the end */
	size_t max_bytes;	/* of the answer */
};

/**
 * http_new(stop), http_free(h):
 * Make a client that keeps its connections for the next request.  While it
 * waits, it checks ${stop} (NULL: none) several times a second, and gives up
 * if that is not 0.
 */
struct http *http_new(const volatile sig_atomic_t *stop);
void http_free(struct http *h);

/**
 * http_trust(h, ca_file):
 * From now on accept certificates that lead to one in ${ca_file}, which takes
 * the place of the system's file.  Certificates in the system's directory, if
 * libcurl knows one, stay accepted.  NULL or empty: the system's file again.
 * ${ca_file} must stay valid.
 */
void http_trust(struct http *h, const char *ca_file);

/**
 * http_note_certificate(h), http_certificate_ends(h):
 * From now on keep when the server's certificate ends.  After a request that
 * made a new connection return that, in Unix seconds, or -1: it is not known,
 * or there was no TLS.
 */
void http_note_certificate(struct http *h);
int64_t http_certificate_ends(const struct http *h);

/**
 * http_get(h, url, limits, answer, answer_len, status):
 * Get ${url}.  Set ${answer} to the body, with a NUL after it, and ${status}
 * to any status.  ${h} owns the body, which is valid until the next request.
 *   Errors  ERR_RANGE the answer exceeds its limit; ERR_IO everything else;
 *	     http_fault() returns the reason
 */
CHECKED enum err http_get(struct http *h, const char *url,
    const struct http_limits *limits, const char **answer, size_t *answer_len,
    int *status);

/**
 * http_head(h, url, limits, status, etag):
 * Get only the headers of ${url}.  Set ${etag} if one of them is an ETag.
 *   Errors  as http_get()
 */
CHECKED enum err http_head(struct http *h, const char *url,
    const struct http_limits *limits, int *status, bool *etag);

/* A request of any kind. */
struct http_request {
	const char *method, *url;
	const char *const *headers;	/* "Name: value", then NULL; or NULL */
	const char *body;		/* NULL: there is none */
	size_t len;
};

/**
 * http_send(h, request, limits, answer, answer_len, status):
 * Send ${request} as it is: a path with dot segments is not changed, and no
 * header is added but Host, User-Agent, Accept and Content-Length.
 *   Errors  as http_get()
 */
CHECKED enum err http_send(struct http *h, const struct http_request *request,
    const struct http_limits *limits, const char **answer, size_t *answer_len,
    int *status);

/**
 * http_date(h):
 * Return the time that the header Date of the last answer gives, Unix seconds.
 * -1: there was no answer, or none whose Date is believed (transfer_date()).
 */
int64_t http_date(const struct http *h);

/**
 * http_retry_after(h):
 * Return the seconds of the header Retry-After of the last answer, at most
 * HTTP_RETRY_MAX_S.  0: there was none, or its time has passed.
 */
#define HTTP_RETRY_MAX_S 1000000
long http_retry_after(const struct http *h);

/**
 * http_stopped(h):
 * Has ${stop} been set?
 */
bool http_stopped(const struct http *h);

/**
 * http_fault(h):
 * Return why the last request got no answer.  NET_FINE: it got one, of any
 * status.
 */
enum net_fault http_fault(const struct http *h);

/**
 * http_reason(h):
 * Return the same in fixed words.  A peer's words are never repeated.
 */
const char *http_reason(const struct http *h);

#endif /* !NET_HTTP_H_ */
