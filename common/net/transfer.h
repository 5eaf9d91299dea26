#ifndef NET_TRANSFER_H_
#define NET_TRANSFER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "net/fault.h"

/*
 * One HTTP transfer by libcurl.  All transfers of the project follow its
 * rules: http and https only; certificates are verified; no redirect is
 * followed; no proxy is taken from the environment; the answer and its headers
 * have a size limit, and the whole has a time limit.  For net/ only.
 */
struct transfer {
	CURL *easy;
	char *answer;		/* of size bytes, len used, and a NUL after */
	size_t len, size, max, headers_len;
	bool too_large, etag;
	int64_t date_s;		/* of the last header Date; -1: not read */
	unsigned dates;		/* headers Date in this answer */
	bool cached;		/* it comes out of a cache, with an old Date */
};

/**
 * transfer_init(t), transfer_free(t):
 * Allocate and free the parts of a transfer.
 */
void transfer_init(struct transfer *t);
void transfer_free(struct transfer *t);

/**
 * transfer_prepare(t, url, total_ms, max_bytes):
 * Reset the last transfer, and prepare one of ${url}.
 */
void transfer_prepare(struct transfer *t, const char *url, long total_ms,
    size_t max_bytes);

/**
 * transfer_post(t, headers, body, len):
 * Make it a POST of the ${len} bytes at ${body}, which must stay valid.
 */
void transfer_post(struct transfer *t, struct curl_slist *headers,
    const char *body, size_t len);

/**
 * transfer_date(t):
 * Return the time of the header Date, Unix seconds.  Return -1 if the answer
 * has none, several, one in another form than IMF-fixdate, or an Age.
 */
int64_t transfer_date(const struct transfer *t);

/**
 * transfer_fault(t, rc):
 * Return why it failed with ${rc}.
 */
enum net_fault transfer_fault(const struct transfer *t, CURLcode rc);

#define TRANSFER_SET(easy, option, value)				\
	do {								\
		if (curl_easy_setopt((easy), (option), (value)) !=	\
		    CURLE_OK)						\
			log_die("libcurl", #option);			\
	} while (0)

#endif /* !NET_TRANSFER_H_ */
