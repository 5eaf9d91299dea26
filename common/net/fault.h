#ifndef NET_FAULT_H_
#define NET_FAULT_H_

/* Why there is no answer.  Each has its words in net/fault.c. */
enum net_fault {
	NET_FINE,
	NET_NAME_UNKNOWN,	/* of the host */
	NET_REFUSED,		/* nobody listens there */
	NET_UNREACHABLE,	/* no connection for another reason */
	NET_TIMEOUT,
	NET_CERT_EXPIRED,
	NET_CERT_EARLY,		/* not valid yet */
	NET_CERT_NAME,		/* of another host */
	NET_CERT_UNKNOWN,	/* of an authority that is not known here */
	NET_CERT_BAD,		/* otherwise not valid */
	NET_NO_TLS,
	NET_CA_FILE,		/* our own file of certificates */
	NET_CUT,
	NET_NO_HTTP,
	NET_TOO_LARGE,
	NET_STOPPED,		/* we were told to stop */
	NET_OTHER
};

/**
 * net_fault_words(fault):
 * Return what happened, in fixed words.
 */
const char *net_fault_words(enum net_fault fault);

#endif /* !NET_FAULT_H_ */
