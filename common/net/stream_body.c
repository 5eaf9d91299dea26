#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/stream_body.h"

/* The file, for libcurl to send. */
size_t
stream_body_read(char *out, size_t one, size_t n, void *user)
{
	struct stream_own *own = user;
	struct stream *s = own->s;
	const int64_t left = s->bytes - s->moved;
	ssize_t got;

	n *= one;
	if (left <= 0)
		return (0);
	if ((int64_t)n > left)
		n = (size_t)left;
	do {
		got = pread(s->fd, out, n, s->offset + s->moved);
	} while (got == -1 && errno == EINTR);
	if (got <= 0) {
		/* It failed, or became shorter. */
		s->file_errno = got == 0 ? EIO : errno;
		return (CURL_READFUNC_ABORT);
	}
	s->moved += got;
	if (s->piece != NULL && !s->piece(s->user, out, (size_t)got))
		return (CURL_READFUNC_ABORT);
	return ((size_t)got);
}

int
stream_body_seek(void *user, curl_off_t offset, int origin)
{
	struct stream_own *own = user;

	if (origin != SEEK_SET || offset < 0 || offset > own->s->bytes)
		return (CURL_SEEKFUNC_FAIL);
	own->s->moved = offset;
	return (CURL_SEEKFUNC_OK);
}

static void
keep_answer(struct stream_own *own, const char *data, size_t n)
{
	struct stream *s = own->s;

	if (n > STREAM_ANSWER_MAX - s->answer_len)
		n = STREAM_ANSWER_MAX - s->answer_len;
	memcpy(own->answer + s->answer_len, data, n);
	s->answer_len += n;
	own->answer[s->answer_len] = '\0';
}

/* Is this the part of the object that was asked for? */
static bool
check_head(struct stream_own *own, long status)
{
	struct stream *s = own->s;

	own->checked = true;
	if (status == 200 && s->offset > 0) {
		s->no_range = true;
		own->fault = NET_NO_HTTP;
		return (false);
	}
	if (status == 206 && own->head.first != s->offset) {
		own->fault = NET_NO_HTTP;
		return (false);
	}
	return (true);
}

bool
stream_body_flush(struct stream_own *own)
{
	struct stream *s = own->s;
	const size_t n = own->held;
	size_t done = 0;
	ssize_t put;

	own->held = 0;
	while (s->fd != -1 && done < n) {
		put = pwrite(s->fd, own->hold + done, n - done,
		    s->offset + s->moved + (int64_t)done);
		if (put == -1 && errno == EINTR)
			continue;
		if (put <= 0) {
			s->file_errno = put == 0 ? EIO : errno;
			return (false);
		}
		done += (size_t)put;
	}
	if (n > 0 && s->piece != NULL && !s->piece(s->user, own->hold, n))
		return (false);
	s->moved += (int64_t)n;
	return (true);
}

/* libcurl gives at most 16 KiB at once.  To write each would take longer than
   to copy it. */
static bool
hold(struct stream_own *own, const char *data, size_t n)
{
	size_t part;

	if (own->hold == NULL && (own->hold = malloc(STREAM_HOLD)) == NULL)
		log_die("out_of_memory", "stream");
	for (; n > 0; data += part, n -= part) {
		part = n < STREAM_HOLD - own->held ? n :
		    STREAM_HOLD - own->held;
		memcpy(own->hold + own->held, data, part);
		own->held += part;
		if (own->held == STREAM_HOLD && !stream_body_flush(own))
			return (false);
	}
	return (true);
}

size_t
stream_body_write(char *data, size_t one, size_t n, void *user)
{
	struct stream_own *own = user;
	struct stream *s = own->s;
	long status = 0;

	n *= one;
	curl_easy_getinfo(own->t.easy, CURLINFO_RESPONSE_CODE, &status);
	if (s->kind != STREAM_GET || (status != 200 && status != 206)) {
		keep_answer(own, data, n);
		return (n);
	}
	if (!own->checked && !check_head(own, status))
		return (0);
	if ((int64_t)n > s->bytes - s->moved - (int64_t)own->held) {
		own->fault = NET_TOO_LARGE;
		return (0);
	}
	return (hold(own, data, n) ? n : 0);
}

size_t
stream_body_header(char *line, size_t one, size_t n, void *user)
{
	struct stream_own *own = user;

	n *= one;
	if (n <= 2 && own->s->kind == STREAM_GET)
		hurry_now(own->hurry);		/* the head is complete */
	if (!stream_head_line(&own->head, line, n))
		return (0);
	if (own->s->header != NULL)
		own->s->header(own->s->user, line, n);
	return (n);
}
