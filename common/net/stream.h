#ifndef NET_STREAM_H_
#define NET_STREAM_H_

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "net/fault.h"

/*
 * Files up and down by HTTP, several at once in one thread, by libcurl, under
 * the rules of net/transfer.h.  A file is read and written piece by piece, so
 * memory does not grow with it.  There is no limit on the time of a transfer,
 * but one that moves less than a byte a second for STREAM_STALL_S ends.
 */
struct stream_set;

#define STREAM_STALL_S 60
#define STREAM_ETAG_MAX 255
#define STREAM_USUAL 4		/* connections at once */

/* The most bytes of a store's answer, such as a refusal, that are kept. */
#define STREAM_ANSWER_MAX 65536

enum stream_kind {
	STREAM_FORM,	/* POST a form with the file as its last part */
	STREAM_PUT,	/* PUT the file */
	STREAM_GET	/* GET into the file */
};

struct stream {
	/* The caller's.  All must stay until the stream is done or
	   dropped. */
	enum stream_kind kind;
	const char *url;
	const struct text_pair *fields;		/* STREAM_FORM: before the
						   file */
	size_t n_fields;
	const char *filename;			/* STREAM_FORM: of that part */
	const struct text_pair *headers;	/* more header lines */
	size_t n_headers;
	int fd;			/* read with pread(), written with pwrite();
				   -1: a GET for ${piece} alone */
	int64_t offset;		/* of the first byte, in the file; of a GET
				   also in the object: then a Range is asked
				   for */
	int64_t bytes;		/* how many are sent.  GET: how many are
				   accepted at most, from offset on */

	/* Called with each piece that was written, or is sent, in their order;
	   or NULL.  What is sent may begin again.  false: give up. */
	bool (*piece)(void *user, const void *data, size_t len);

	/* Called with each line of the head of the answer, its end included,
	   status lines too; or NULL.  net/stream_head.h reads it. */
	void (*header)(void *user, const char *line, size_t len);
	void *user;

	/* Set while it runs: bytes of the file that were moved.  It falls to
	   0 if libcurl sends the file once more over a new connection. */
	int64_t moved;

	/* Set when it is done. */
	enum net_fault fault;	/* NET_FINE: there is an answer */
	const char *failed;	/* why there is none, or NULL */
	int file_errno;		/* our own file failed; fault is NET_OTHER */
	int status;		/* HTTP's */
	long retry_after_s;	/* the header; 0: none */
	char etag[STREAM_ETAG_MAX + 1];	/* with its quotes; "": none */
	int64_t whole;		/* GET: bytes of the object; -1: not told */
	bool no_range;		/* GET: an offset was asked for, but the whole
				   object came; nothing was written */
	const char *answer;	/* status 300 or more, or an upload: the
				   body, cut, with a NUL; until it is dropped */
	size_t answer_len;

	void *own;		/* of net/stream; NULL at first */
};

/**
 * stream_new(stop, ca_file), stream_free(m):
 * Make a client that keeps its connections for the next transfer.  It gives up
 * when ${stop} (NULL: none) is not 0.  ${ca_file} is as of http_trust(); NULL:
 * the system's.  Both must stay valid.  Drop all streams before freeing.
 */
struct stream_set *stream_new(const volatile sig_atomic_t *stop,
    const char *ca_file);
void stream_free(struct stream_set *m);

/**
 * stream_start(m, s):
 * Start ${s}, whose second part is set to zero.  A stream that is done may be
 * started again.
 *   GET     only status 200 or 206 is written to the file.  More than
 *	     ${bytes}, or a Content-Range other than the one asked for, ends it
 *	     with NET_TOO_LARGE or NET_NO_HTTP
 */
void stream_start(struct stream_set *m, struct stream *s);

/**
 * stream_next(m, wait_ms):
 * Move bytes.  Return a stream that is done, or NULL if there is none within
 * ${wait_ms}, none is running, or stop is set.  Call it with a short time to
 * show progress in between: ${moved} of each stream.
 */
struct stream *stream_next(struct stream_set *m, long wait_ms);

/**
 * stream_running(m):
 * Return how many are running.
 */
unsigned stream_running(const struct stream_set *m);

/**
 * stream_drop(m, s):
 * Drop ${s}, done or not, and free what it holds.
 */
void stream_drop(struct stream_set *m, struct stream *s);

#endif /* !NET_STREAM_H_ */
