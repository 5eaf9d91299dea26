#ifndef NET_WIRE_H_
#define NET_WIRE_H_

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "net/fault.h"

/*
 * One request as exact bytes over a connection of its own, by libcurl, under
 * the rules of net/transfer.h: for foldergate selftest, which sends what no
 * client would.
 */
struct wire_request {
	const char *origin;	/* a URL; its scheme, host and port are used */
	const char *ca_file;	/* as of http_trust(); NULL: the system's */
	const char *bytes;	/* all of the request */
	size_t len;
	bool bare;		/* its answer has no body, as for HEAD */
	bool several;		/* the bytes may be several requests: read
				   until the peer closes, or is silent for
				   WIRE_SILENT_MS */
	const volatile sig_atomic_t *stop;	/* or NULL */
};

#define WIRE_TOTAL_MS 20000
#define WIRE_SEVERAL_MS 3000	/* in place of it, if there are several */
#define WIRE_SILENT_MS 400
#define WIRE_ANSWER_MAX ((size_t)4 << 20)

struct wire_answer {
	int status;		/* of the first answer that is not 1xx;
				   0: there was none */
	enum net_fault fault;	/* then why; a peer that closes without an
				   answer is NET_CUT */
	char *bytes;		/* what came, with a NUL after it */
	size_t len;
	size_t body;		/* where the first answer's body begins; of one
				   answer, it has no chunks any more */
};

/**
 * wire_send(r, a):
 * Open a connection, send the bytes, read the answer into ${a}.  A peer may
 * answer before it has all bytes; the rest is then not sent.
 * wire_free() must be called in any case.
 */
void wire_send(const struct wire_request *r, struct wire_answer *a);

/**
 * wire_free(a):
 * Free what ${a} holds, and make it all zero.
 */
void wire_free(struct wire_answer *a);

#endif /* !NET_WIRE_H_ */
