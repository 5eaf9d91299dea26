#ifndef WEB_REQUEST_H_
#define WEB_REQUEST_H_

#include "auth/btauth.h"
#include "auth/tao.h"
#include "base/err.h"

/* The variables of a request that the frame reads, each given at most once. */
struct request {
	const char *method;		/* "" if not given */
	const char *content_type;	/* NULL if not given or empty */
	const char *content_length;	/* NULL if not given or empty */
	const char *target;		/* REQUEST_URI as sent; or NULL */
	const char *authorization;	/* NULL if not given or empty */
	const char *accept;		/* NULL if not given or empty */
	struct tao tao;			/* each NULL if not given or empty */
	struct btauth btauth;		/* each NULL if not given or empty */
	const char *remote_addr;	/* NULL if not given or empty */
	const char *forwarded_for;	/* X-Forwarded-For; or NULL */
	const char *origin;		/* NULL if not given once */
	const char *asked_method;	/* Access-Control-Request-Method, of a
					   preflight; NULL if not given once */
	const char *id;			/* X-Request-ID; NULL if not given once,
					   or not of the form in web.h */
};

/**
 * request_read(env, r):
 * Find the variables in ${env}.  The strings stay in place.  A variable that
 * identifies the caller must have one value: web servers pass a header that
 * was sent twice as two variables, or joined by a comma.
 *   Errors  ERR_HEADER one of the variables above, an X-Tao or X-Bittensor
 *	     header or a forwarding header is given twice; ${r} then has all
 *	     others.  The last three identify nobody: if one is given twice, it
 *	     is absent.
 */
CHECKED enum err request_read(char *const *env, struct request *r);

#endif /* !WEB_REQUEST_H_ */
