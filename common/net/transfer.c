#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "net/ca.h"
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

/* Is this line the header ${name}, which ends with a colon?  Set ${value} and
   ${len} to its value without the blanks around it. */
static bool
header_is(const char *line, size_t n, const char *name, const char **value,
    size_t *len)
{
	const size_t name_len = strlen(name);
	const char *end = line + n;

	if (n < name_len || strncasecmp(line, name, name_len) != 0)
		return (false);
	for (line += name_len; line < end && (*line == ' ' || *line == '\t');
	    line++)
		continue;
	while (end > line && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	*value = line;
	*len = (size_t)(end - line);
	return (true);
}

static void
note_time(struct transfer *t, const char *line, size_t n)
{
	const char *value;
	size_t len;

	/* An answer of status 1xx precedes the one that counts. */
	if (header_is(line, n, "http/", &value, &len)) {
		t->dates = 0;
		t->cached = false;
	} else if (header_is(line, n, "date:", &value, &len)) {
		t->dates++;
		t->date_s = -1;
		if (timefmt_http_read(value, len, &t->date_s) != ERR_OK)
			t->date_s = -1;
	} else if (header_is(line, n, "age:", &value, &len)) {
		t->cached |= !text_equal(value, len, "0");
	}
}

static size_t
on_header(char *data, size_t one, size_t n, void *user)
{
	struct transfer *t = user;

	(void)one;
	note_time(t, data, n);
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
	const char *ca = ca_file();

	/* This keeps connections and resets everything else. */
	curl_easy_reset(t->easy);
	TRANSFER_SET(t->easy, CURLOPT_URL, url);
	TRANSFER_SET(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	TRANSFER_SET(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	TRANSFER_SET(t->easy, CURLOPT_PROXY, "");
	TRANSFER_SET(t->easy, CURLOPT_NOSIGNAL, 1L);

	/* Do not wait for the thread that looks up a name. */
	TRANSFER_SET(t->easy, CURLOPT_QUICK_EXIT, 1L);
	if (ca != NULL)
		TRANSFER_SET(t->easy, CURLOPT_CAINFO, ca);
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
	t->too_large = t->etag = t->cached = false;
	t->dates = 0;
	t->date_s = -1;
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

int64_t
transfer_date(const struct transfer *t)
{

	return (t->dates == 1 && !t->cached ? t->date_s : -1);
}

/* Why a certificate was refused.  libcurl compares the name itself, after
   OpenSSL has accepted the rest.  The result is then the one that libcurl
   began with, 0 or 1.  Source: OpenSSL, X509_STORE_CTX_get_error(3),
   X509_V_ERR; libcurl, lib/vtls/openssl.c. */
static enum net_fault
certificate_fault(const struct transfer *t)
{
	long result = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	switch (result) {
	case 0:
	case 1:
	case 62:	/* HOSTNAME_MISMATCH */
	case 64:	/* IP_ADDRESS_MISMATCH */
		return (NET_CERT_NAME);
	case 9:		/* CERT_NOT_YET_VALID */
		return (NET_CERT_EARLY);
	case 10:	/* CERT_HAS_EXPIRED */
		return (NET_CERT_EXPIRED);
	case 2:		/* UNABLE_TO_GET_ISSUER_CERT */
	case 18:	/* DEPTH_ZERO_SELF_SIGNED_CERT */
	case 19:	/* SELF_SIGNED_CERT_IN_CHAIN */
	case 20:	/* UNABLE_TO_GET_ISSUER_CERT_LOCALLY */
	case 21:	/* UNABLE_TO_VERIFY_LEAF_SIGNATURE */
		return (NET_CERT_UNKNOWN);
	default:
		return (NET_CERT_BAD);
	}
}

static enum net_fault
connection_fault(const struct transfer *t)
{
	long number = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	return (number == ECONNREFUSED ? NET_REFUSED : NET_UNREACHABLE);
}

enum net_fault
transfer_fault(const struct transfer *t, CURLcode rc)
{

	if (t->too_large)
		return (NET_TOO_LARGE);
	switch (rc) {
	case CURLE_OK:
		return (NET_FINE);
	case CURLE_COULDNT_RESOLVE_HOST:
		return (NET_NAME_UNKNOWN);
	case CURLE_COULDNT_CONNECT:
		return (connection_fault(t));
	case CURLE_OPERATION_TIMEDOUT:
		return (NET_TIMEOUT);
	case CURLE_PEER_FAILED_VERIFICATION:
		return (certificate_fault(t));
	case CURLE_SSL_CONNECT_ERROR:
		return (NET_NO_TLS);
	case CURLE_SSL_CACERT_BADFILE:
		return (NET_CA_FILE);
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return (NET_CUT);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return (NET_NO_HTTP);
	default:
		return (NET_OTHER);
	}
}
