#ifndef WEB_TRANSPORT_H_
#define WEB_TRANSPORT_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The transport of a request and its answer: FastCGI if standard input is a
 * listening socket, plain CGI/1.1 otherwise.  One connection at a time.  The
 * loop is safe to stop: SIGTERM, SIGINT and SIGUSR1 are held back except while
 * it waits for a connection, so a request that has begun is finished.
 *
 * Three clocks bound a request, because no web server kills a hung program:
 * TRANSPORT_HEAD_S for its parameters, TRANSPORT_BODY_S for its body, and
 * TRANSPORT_TOTAL_S from then to its end.  After the last one the process logs
 * and dies.
 */
#define TRANSPORT_HEAD_S 5
#define TRANSPORT_BODY_S 5
#define TRANSPORT_TOTAL_S 10

/* The largest body for most endpoints, and for any endpoint (1,000 keys). */
#define TRANSPORT_BODY_USUAL 65536
#define TRANSPORT_BODY_MAX 1310720

struct transport;

/**
 * transport_open():
 * Inspect standard input and the environment, once, before anything is read.
 */
struct transport *transport_open(void);

/**
 * transport_is_cgi(t), transport_by_hand(t):
 * Does the program run as plain CGI?  Did a person start it, without a
 * request?
 */
bool transport_is_cgi(const struct transport *t);
bool transport_by_hand(const struct transport *t);

/**
 * transport_next(t):
 * Wait for the next request and take it.  Return false if there is none: a
 * signal stopped the program, or plain CGI's one request has been served.
 */
bool transport_next(struct transport *t);

/**
 * transport_env(t):
 * Return the variables of the request as "NAME=value", ended by NULL.  They
 * are valid until transport_finish().
 */
char *const *transport_env(const struct transport *t);

/**
 * transport_body(t, content_length, max, body, len):
 * Read the whole body, at most ${max} bytes, into ${body} and set ${len}.
 * ${content_length} is what the web server announced, or NULL.  Bytes over the
 * limit are drained, and so is a body whose length is not a number, since some
 * servers lose an answer whose request was not read.  In FastCGI a length of
 * -1 means that the server does not know it.
 *   Errors  ERR_TOO_LARGE; ERR_BODY it ended early, is longer than announced
 *	     or the length is not a number; ERR_BODY_TIMEOUT; ERR_IO the
 *	     connection broke, so that no answer can be sent
 */
CHECKED enum err transport_body(struct transport *t,
    const char *content_length, size_t max, char body[TRANSPORT_BODY_MAX + 1],
    size_t *len);

/**
 * transport_drain(t):
 * In CGI, read and discard the body, whatever length is announced.  This is
 * for answers that do not depend on it.  It stops at the end of input or after
 * TRANSPORT_BODY_S.  (A FastCGI server takes an answer before its body.)
 */
void transport_drain(struct transport *t);

/**
 * transport_send(t, data, len):
 * Send the whole answer, headers and body, at once.
 */
void transport_send(struct transport *t, const char *data, size_t len);

/**
 * transport_finish(t), transport_close(t):
 * End the request; end the program's part.
 */
void transport_finish(struct transport *t);
void transport_close(struct transport *t);

#endif /* !WEB_TRANSPORT_H_ */
