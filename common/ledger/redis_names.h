#ifndef LEDGER_REDIS_NAMES_H_
#define LEDGER_REDIS_NAMES_H_

#include <netinet/in.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The addresses of a host, with a limit on the wait.  A name server that does
 * not answer holds getaddrinfo() up for 20 s or more, so it runs in a thread,
 * which continues after the wait has ended.
 */
#define REDIS_NAMES_MAX 8
#define REDIS_NAMES_LEN (INET6_ADDRSTRLEN + 16)	/* with a scope */

struct redis_names {
	size_t n;
	char address[REDIS_NAMES_MAX][REDIS_NAMES_LEN + 1];
};

struct redis_lookup;

/**
 * redis_names_find(l, host, wait_ms, timer, out):
 * Wait for the addresses of ${host} for up to ${wait_ms}, and no longer than
 * until the file descriptor ${timer} is readable.  A look-up that takes longer
 * stays at ${l}, which is NULL at first, and the next call waits for it.  At
 * most one thread runs at a time.  Text that is already an address needs none.
 *   Errors  ERR_IO no answer yet; ERR_FORMAT there is no such name, or no
 *	     thread
 */
CHECKED enum err redis_names_find(struct redis_lookup **l, const char *host,
    int wait_ms, int timer, struct redis_names *out);

/**
 * redis_names_free(l):
 * Stop waiting for ${l}.  NULL is accepted.
 */
void redis_names_free(struct redis_lookup *l);

#endif /* !LEDGER_REDIS_NAMES_H_ */
