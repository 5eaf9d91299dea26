#ifndef NET_ASKER_H_
#define NET_ASKER_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/fault.h"

/*
 * A process of its own that asks another server for the headers of a URL, so
 * that the program that holds secrets opens no connection.  It is made before
 * any secret is read, and knows the URLs only.  It ends when the program ends.
 *
 * If it dies, a third process, the keeper, makes it again.  The program itself
 * could only make a copy that has its secrets.  A CGI program has no keeper,
 * because it asks once.
 */
struct asker;
struct http_limits;

/* How the process limits itself before its first request. */
enum asker_sandbox { ASKER_FREE, ASKER_SANDBOX, ASKER_SANDBOX_REQUIRED };

/* The longest URL. */
#define ASKER_URL_MAX 8191

/**
 * asker_new(keeps, lost), asker_free(a):
 * Start the process, with a keeper if ${keeps} is set.  The caller must have
 * read no secret.  The environment of the process is wiped.  Set ${lost} once
 * the process is gone and nobody is left to make another.  ${a} may be NULL.
 */
struct asker *asker_new(bool keeps, bool *lost);
void asker_free(struct asker *a);

/**
 * asker_limit(a, sandbox):
 * Use ${sandbox} from the next process's first request on.
 */
void asker_limit(struct asker *a, enum asker_sandbox sandbox);

/**
 * asker_head(a, url, limits, status, etag):
 * As http_head(), by the process.
 *   Errors  ERR_IO there was no answer, or none that can be true; see
 *	     asker_fault()
 */
CHECKED enum err asker_head(struct asker *a, const char *url,
    const struct http_limits *limits, int *status, bool *etag);

/**
 * asker_fault(a), asker_date(a):
 * As http_fault() and http_date().  NET_OTHER also means that the process was
 * not there.
 */
enum net_fault asker_fault(const struct asker *a);
int64_t asker_date(const struct asker *a);

/**
 * asker_over(fd, lost):
 * Make an asker that speaks to whoever has the other end of the socket ${fd},
 * for tests.
 */
struct asker *asker_over(int fd, bool *lost);

#endif /* !NET_ASKER_H_ */
