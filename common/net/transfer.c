#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "net/transfer.h"

/* libcurl bounds the headers, but not the trailers of a chunked answer. */
#define HEADERS_MAX 65536

static size_t
on_data(char *data, size_t one, size_t n, void *user)
{
	struct transfer *t = user;
	size_t want;
	char *p;

	/* libcurl documents that ${one} is 1. */
	(void)one;
	if (n > t->max - t->len) {
		t->too_large = true;
		return (0);
	}
	if (n > t->size - t->len) {
		want = t->size * 2 > t->len + n ? t->size * 2 : t->len + n;
		if ((p = realloc(t->answer, want + 1)) == NULL)
			log_die("out_of_memory", "http");
		t->answer = p;
		t->size = want;
	}
	memcpy(t->answer + t->len, data, n);
	t->len += n;
	t->answer[t->len] = '\0';
	return (n);
}

static size_t
on_header(char *data, size_t one, size_t n, void *user)
{
	struct transfer *t = user;

	(void)one;
	t->etag |= n > 5 && strncasecmp(data, "etag:", 5) == 0;
	if (n > HEADERS_MAX - t->headers_len) {
		t->too_large = true;
		return (0);
	}
	t->headers_len += n;
	return (n);
}

void
transfer_init(struct transfer *t)
{

	memset(t, 0, sizeof(*t));
	if ((t->easy = curl_easy_init()) == NULL ||
	    (t->answer = calloc(1, 1)) == NULL)
		log_die("out_of_memory", "http");
}

void
transfer_free(struct transfer *t)
{

	curl_easy_cleanup(t->easy);
	free(t->answer);
}

void
transfer_prepare(struct transfer *t, const char *url, long total_ms,
    size_t max_bytes)
{

	/* This keeps connections and resets everything else. */
	curl_easy_reset(t->easy);
	TRANSFER_SET(t->easy, CURLOPT_URL, url);
	TRANSFER_SET(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	TRANSFER_SET(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	TRANSFER_SET(t->easy, CURLOPT_PROXY, "");
	TRANSFER_SET(t->easy, CURLOPT_NOSIGNAL, 1L);

	/* Do not wait for the thread that looks up a name. */
	TRANSFER_SET(t->easy, CURLOPT_QUICK_EXIT, 1L);
	TRANSFER_SET(t->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	TRANSFER_SET(t->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	TRANSFER_SET(t->easy, CURLOPT_TIMEOUT_MS, total_ms);
	TRANSFER_SET(t->easy, CURLOPT_CONNECTTIMEOUT_MS, total_ms);
	TRANSFER_SET(t->easy, CURLOPT_USERAGENT, "foldergate");
	TRANSFER_SET(t->easy, CURLOPT_WRITEFUNCTION, on_data);
	TRANSFER_SET(t->easy, CURLOPT_WRITEDATA, t);
	TRANSFER_SET(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	TRANSFER_SET(t->easy, CURLOPT_HEADERDATA, t);
	t->len = t->headers_len = 0;
	t->answer[0] = '\0';
	t->max = max_bytes;
	t->too_large = t->etag = false;
}

void
transfer_post(struct transfer *t, struct curl_slist *headers, const char *body,
    size_t len)
{

	TRANSFER_SET(t->easy, CURLOPT_HTTPHEADER, headers);
	TRANSFER_SET(t->easy, CURLOPT_POST, 1L);
	TRANSFER_SET(t->easy, CURLOPT_POSTFIELDS, body);
	TRANSFER_SET(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
}

const char *
transfer_reason(const struct transfer *t, CURLcode rc)
{

	if (t->too_large)
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
	case CURLE_SSL_CACERT_BADFILE:
		return ("the file of certificates cannot be used");
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
		return ("answer cut short");
	default:
		return ("transfer failed");
	}
}
