#ifndef NET_STREAM_BODY_H_
#define NET_STREAM_BODY_H_

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include "net/hurry.h"
#include "net/stream.h"
#include "net/stream_head.h"
#include "net/transfer.h"

#define STREAM_HOLD ((size_t)128 << 10)

/* The part of a stream that net/stream owns.  For net/ only. */
struct stream_own {
	struct transfer t;
	struct stream *s;
	const struct hurry *hurry;	/* of the set */
	struct stream_head head;
	curl_mime *form;
	struct curl_slist *headers;
	enum net_fault fault;	/* found here, before libcurl noticed */
	bool checked;		/* the head of a GET */
	bool running;
	char *hold;		/* of a GET: what is not written yet */
	size_t held;
	char answer[STREAM_ANSWER_MAX + 1];
};

/**
 * stream_body_read(out, one, n, user), stream_body_seek(user, offset, origin):
 * Give libcurl the file to send; ${user} is a struct stream_own.
 */
size_t stream_body_read(char *out, size_t one, size_t n, void *user);
int stream_body_seek(void *user, curl_off_t offset, int origin);

/**
 * stream_body_header(line, one, n, user),
 * stream_body_write(data, one, n, user):
 * Take what came: of a GET into the file, otherwise into own->answer.
 */
size_t stream_body_header(char *line, size_t one, size_t n, void *user);
size_t stream_body_write(char *data, size_t one, size_t n, void *user);

/**
 * stream_body_flush(own):
 * Write what is held.  Return false if the file failed, or the caller gives up.
 */
bool stream_body_flush(struct stream_own *own);

#endif /* !NET_STREAM_BODY_H_ */
