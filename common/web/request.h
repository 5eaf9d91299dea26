#ifndef WEB_REQUEST_H_
#define WEB_REQUEST_H_

#include "auth/btauth.h"
#include "auth/tao.h"
#include "base/err.h"

/* The variables of a request that matter, each given at most once. */
struct request {
	const char *method;		/* "" if not given */
	const char *content_type;	/* NULL if not given or empty */
	const char *content_length;	/* likewise */
	const char *target;		/* likewise: REQUEST_URI, as sent */
	struct tao tao;			/* likewise, each of them */
	struct btauth btauth;		/* likewise, each of them */
	const char *remote_addr;	/* likewise */
	const char *forwarded_for;	/* likewise: X-Forwarded-For */
};

/**
 * request_read(env, r):
 * Find them in ${env}; the strings stay where they are.  Whatever may be
 * believed about the caller must not have two values: servers pass a header
 * that was sent twice as two variables, or joined by a comma.
 *   Errors  ERR_HEADER one of the variables above, an X-Tao or X-Bittensor
 *	     header or a forwarding header is given twice; ${r} then has all
 *	     others
 */
CHECKED enum err request_read(char *const *env, struct request *r);

#endif /* !WEB_REQUEST_H_ */
