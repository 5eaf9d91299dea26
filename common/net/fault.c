#include "net/fault.h"

static const char *const words[] = {
	[NET_FINE] = "no fault",
	[NET_NAME_UNKNOWN] = "name cannot be resolved",
	[NET_REFUSED] = "no connection",
	[NET_UNREACHABLE] = "no connection",
	[NET_TIMEOUT] = "timed out",
	[NET_CERT_EXPIRED] = "certificate not valid: it has expired",
	[NET_CERT_EARLY] = "certificate not valid yet: is the clock right?",
	[NET_CERT_NAME] = "certificate not valid: it is for another name",
	[NET_CERT_UNKNOWN] = "certificate not valid: unknown authority",
	[NET_CERT_BAD] = "certificate not valid",
	[NET_NO_TLS] = "no TLS connection",
	[NET_CA_FILE] = "the file of certificates cannot be used",
	[NET_CUT] = "answer cut short",
	[NET_NO_HTTP] = "the answer is not HTTP",
	[NET_TOO_LARGE] = "answer too large",
	[NET_STOPPED] = "told to stop",
	[NET_OTHER] = "transfer failed",
};

const char *
net_fault_words(enum net_fault fault)
{

	return (words[fault]);
}
