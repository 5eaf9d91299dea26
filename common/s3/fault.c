#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/skew.h"
#include "base/text.h"
#include "s3/bucket.h"
#include "s3/fault.h"

enum row {
#define FAULT(code, mend, words) ROW_##code,
#include "s3/fault.def"
#undef FAULT
	ROWS
};

static const struct s3_fault table[] = {
#define FAULT(code, mend, words) { #code, S3_FAULT_##mend, words },
#include "s3/fault.def"
#undef FAULT
};

const struct s3_fault *
s3_fault_named(const char *code, size_t len)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (text_equal(code, len, table[i].code))
			return (&table[i]);
	}
	return (NULL);
}

static enum row
row_of_status(int status)
{

	if (status >= 300 && status < 400)
		return (ROW_redirected);
	switch (status) {
	case 400:
		return (ROW_not_understood);
	case 401:
		return (ROW_login_needed);
	case 403:
		return (ROW_AccessDenied);
	case 404:
		return (ROW_not_there);
	case 405:
		return (ROW_MethodNotAllowed);
	case 407:
		return (ROW_proxy_refuses);
	case 408:
		return (ROW_RequestTimeout);
	case 429:
		return (ROW_TooManyRequests);
	case 501:
		return (ROW_NotImplemented);
	case 503:
		return (ROW_ServiceUnavailable);
	case 507:
		return (ROW_InsufficientStorage);
	default:
		return (status >= 500 ? ROW_server_error : status < 300 ?
		    ROW_not_a_store : ROW_refused_otherwise);
	}
}

const struct s3_fault *
s3_fault_of_status(int status)
{

	return (&table[row_of_status(status)]);
}

const struct s3_fault *
s3_fault_of_net(enum net_fault fault)
{
	static const enum row rows[] = {
		[NET_FINE] = ROW_transfer_failed,
		[NET_NAME_UNKNOWN] = ROW_host_unknown,
		[NET_REFUSED] = ROW_connection_refused,
		[NET_UNREACHABLE] = ROW_unreachable,
		[NET_TIMEOUT] = ROW_timed_out,
		[NET_CERT_EXPIRED] = ROW_certificate_expired,
		[NET_CERT_EARLY] = ROW_certificate_early,
		[NET_CERT_NAME] = ROW_certificate_name,
		[NET_CERT_UNKNOWN] = ROW_certificate_unknown,
		[NET_CERT_BAD] = ROW_certificate_bad,
		[NET_NO_TLS] = ROW_no_tls,
		[NET_CA_FILE] = ROW_certificate_bad,
		[NET_CUT] = ROW_answer_cut,
		[NET_NO_HTTP] = ROW_not_http,
		[NET_TOO_LARGE] = ROW_answer_too_large,
		[NET_STOPPED] = ROW_stopped,
		[NET_OTHER] = ROW_transfer_failed,
	};

	return (&table[rows[fault]]);
}

const struct s3_fault *
s3_fault_by_clock(const struct s3_fault *f, int64_t skew_ms, int64_t ttl_s)
{

	if (f != &table[ROW_AccessDenied] || skew_ms == SKEW_UNKNOWN ||
	    llabs(skew_ms) < ttl_s * 1000)
		return (f);
	return (&table[ROW_RequestTimeTooSkewed]);
}

void
s3_fault_text(const struct s3_fault *f, const struct s3_bucket *b,
    const char *region, char *out, size_t size)
{
	const int n = snprintf(out, size, "%s, bucket %s at %s: ", f->code,
	    b->name, b->host);

	if (n < 0 || (size_t)n >= size)
		return;
	if (region != NULL)
		snprintf(out + n, size - (size_t)n,
		    "set s3.region to %s, which the store names", region);
	else
		snprintf(out + n, size - (size_t)n, "%s", f->words);
}
