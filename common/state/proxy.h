#ifndef STATE_PROXY_H_
#define STATE_PROXY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/*
 * A proxy that nobody named: it is near (on this machine or in a private
 * network), sends X-Forwarded-For, and is not in web.trusted_proxies.  All
 * clients behind it then share one address, its own.  Endpoints note one such
 * proxy in a file; readyz and check-config read it.
 */
#define PROXY_FILE "proxy.untrusted"

/* The time when X-Forwarded-For could not be read, while that lasts. */
#define PROXY_UNREAD_FILE "forwarded.unread"

/**
 * proxy_note(directory, a, trusted, n):
 * Log ${a}, and note it in ${directory}, unless one that is not in the ${n}
 * ranges of ${trusted} is noted there already.  Once in the life of a process.
 */
void proxy_note(const char *directory, const struct address *a,
    const struct address_range *trusted, size_t n);

/**
 * proxy_noted(directory, trusted, n, a):
 * Set ${a} to the proxy that is noted in ${directory}; false: there is none, or
 * it is trusted by now.
 */
bool proxy_noted(const char *directory, const struct address_range *trusted,
    size_t n, struct address *a);

/**
 * proxy_unread(directory, value, now_s):
 * A trusted proxy has passed on ${value}, which is no address.  Log it, unless
 * that was noted in ${directory} in the last ten minutes, by any process.  A
 * process looks once a minute.
 */
void proxy_unread(const char *directory, const char *value, int64_t now_s);

/**
 * proxy_read(directory, now_s):
 * X-Forwarded-For was read.  Log that, and forget the note, if there is one
 * that is older than ten minutes.  A process looks once a minute.
 */
void proxy_read(const char *directory, int64_t now_s);

#endif /* !STATE_PROXY_H_ */
