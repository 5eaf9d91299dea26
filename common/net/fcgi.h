#ifndef NET_FCGI_H_
#define NET_FCGI_H_

#include <stdint.h>

#include "base/err.h"

/**
 * fcgi_ask(at, method, path, wait_ms, status, why):
 * Ask the FastCGI program that listens on the unix socket ${at} for
 * ${path}, as a web server on this machine does for a client at 127.0.0.1, and
 * without a body.  Set ${status} to the HTTP status of its answer.
 *   Source  FastCGI Specification 1.0
 *   Errors  ERR_IO no connection, or no answer within ${wait_ms}; ERR_FORMAT it
 *	     is no answer; not logged, ${why} is a static text, and errno is
 *	     that of connect() if there is no connection, else 0
 */
CHECKED enum err fcgi_ask(const char *at, const char *method,
    const char *path, int64_t wait_ms, int *status, const char **why);

#endif /* !NET_FCGI_H_ */
