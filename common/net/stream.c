#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/stream.h"
#include "net/stream_head.h"
#include "net/transfer.h"

/* The longest time until a stop is noticed. */
#define LOOK_MS 200

#define CONNECT_MS 30000

/* Of libcurl's buffers, per connection. */
#define BUFFER_BYTES (256L << 10)

struct stream_set {
	CURLM *multi;
	const volatile sig_atomic_t *stop;
	const char *ca_file;
	unsigned running;
};

/* The part of a stream that net/stream owns. */
struct own {
	struct transfer t;
	struct stream *s;
	struct stream_head head;
	curl_mime *form;
	struct curl_slist *headers;
	enum net_fault fault;	/* found here, before libcurl noticed */
	bool checked;		/* the head of a GET */
	bool running;
	char answer[STREAM_ANSWER_MAX + 1];
};

struct stream_set *
stream_new(const volatile sig_atomic_t *stop, const char *ca_file)
{
	struct stream_set *m;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (m = calloc(1, sizeof(*m))) == NULL ||
	    (m->multi = curl_multi_init()) == NULL)
		log_die("out_of_memory", "streams");
	m->stop = stop;
	m->ca_file = ca_file == NULL || ca_file[0] == '\0' ? NULL : ca_file;
	return (m);
}

void
stream_free(struct stream_set *m)
{

	if (m == NULL)
		return;
	curl_multi_cleanup(m->multi);
	free(m);
	curl_global_cleanup();
}

unsigned
stream_running(const struct stream_set *m)
{

	return (m->running);
}

/* The file, for libcurl to send. */
static size_t
on_read(char *out, size_t one, size_t n, void *user)
{
	struct own *own = user;
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
	return ((size_t)got);
}

static int
on_seek(void *user, curl_off_t offset, int origin)
{
	struct own *own = user;

	if (origin != SEEK_SET || offset < 0 || offset > own->s->bytes)
		return (CURL_SEEKFUNC_FAIL);
	own->s->moved = offset;
	return (CURL_SEEKFUNC_OK);
}

static void
keep_answer(struct own *own, const char *data, size_t n)
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
check_head(struct own *own, long status)
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

static bool
write_all(struct stream *s, const char *data, size_t n)
{
	size_t done = 0;
	ssize_t put;

	while (s->fd != -1 && done < n) {
		put = pwrite(s->fd, data + done, n - done,
		    s->offset + s->moved + (int64_t)done);
		if (put == -1 && errno == EINTR)
			continue;
		if (put <= 0) {
			s->file_errno = put == 0 ? EIO : errno;
			return (false);
		}
		done += (size_t)put;
	}
	return (s->piece == NULL || s->piece(s->user, data, n));
}

static size_t
on_write(char *data, size_t one, size_t n, void *user)
{
	struct own *own = user;
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
	if ((int64_t)n > s->bytes - s->moved) {
		own->fault = NET_TOO_LARGE;
		return (0);
	}
	if (!write_all(s, data, n))
		return (0);
	s->moved += (int64_t)n;
	return (n);
}

static size_t
on_header(char *line, size_t one, size_t n, void *user)
{
	struct own *own = user;

	n *= one;
	return (stream_head_line(&own->head, line, n) ? n : 0);
}

static void
add_header(struct own *own, const char *name, const char *value)
{
	struct curl_slist *all;
	char *line;

	/* libcurl's form of a header with an empty value. */
	if (asprintf(&line, value[0] == '\0' ? "%s;" : "%s: %s", name,
	    value) < 0 ||
	    (all = curl_slist_append(own->headers, line)) == NULL)
		log_die("out_of_memory", "stream");
	own->headers = all;
	free(line);
}

static void
mime_set(CURLcode rc)
{

	if (rc != CURLE_OK)
		log_die("libcurl", "curl_mime");
}

/* The fields in their order, then the file. */
static void
make_form(struct own *own)
{
	const struct stream *s = own->s;
	curl_mimepart *part;
	size_t i;

	if ((own->form = curl_mime_init(own->t.easy)) == NULL)
		log_die("out_of_memory", "stream");
	for (i = 0; i < s->n_fields; i++) {
		part = curl_mime_addpart(own->form);
		mime_set(curl_mime_name(part, s->fields[i].name));
		mime_set(curl_mime_data(part, s->fields[i].value,
		    CURL_ZERO_TERMINATED));
	}
	part = curl_mime_addpart(own->form);
	mime_set(curl_mime_name(part, "file"));
	mime_set(curl_mime_filename(part, s->filename));
	mime_set(curl_mime_type(part, "application/octet-stream"));
	mime_set(curl_mime_data_cb(part, s->bytes, on_read, on_seek, NULL,
	    own));
	TRANSFER_SET(own->t.easy, CURLOPT_MIMEPOST, own->form);
}

static void
make_put(struct own *own)
{

	TRANSFER_SET(own->t.easy, CURLOPT_UPLOAD, 1L);
	TRANSFER_SET(own->t.easy, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)own->s->bytes);
	TRANSFER_SET(own->t.easy, CURLOPT_READFUNCTION, on_read);
	TRANSFER_SET(own->t.easy, CURLOPT_READDATA, own);
	TRANSFER_SET(own->t.easy, CURLOPT_SEEKFUNCTION, on_seek);
	TRANSFER_SET(own->t.easy, CURLOPT_SEEKDATA, own);
}

static void
make_get(struct own *own)
{

	char range[24];

	/* libcurl copies it.  CURLOPT_RESUME_FROM would end the transfer
	   before it is known what came. */
	if (own->s->offset > 0) {
		snprintf(range, sizeof(range), "%" PRId64 "-",
		    own->s->offset);
		TRANSFER_SET(own->t.easy, CURLOPT_RANGE, range);
	}
}

static void
prepare(const struct stream_set *m, struct own *own)
{
	const struct stream *s = own->s;
	CURL *easy = own->t.easy;
	size_t i;

	transfer_prepare(&own->t, s->url, 0, 0);
	TRANSFER_SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	TRANSFER_SET(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	TRANSFER_SET(easy, CURLOPT_LOW_SPEED_TIME, (long)STREAM_STALL_S);
	TRANSFER_SET(easy, CURLOPT_PATH_AS_IS, 1L);
	TRANSFER_SET(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	TRANSFER_SET(easy, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);

	/* With HTTP/2 all transfers would share one connection. */
	TRANSFER_SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (m->ca_file != NULL)
		TRANSFER_SET(easy, CURLOPT_CAINFO, m->ca_file);
	TRANSFER_SET(easy, CURLOPT_WRITEFUNCTION, on_write);
	TRANSFER_SET(easy, CURLOPT_WRITEDATA, own);
	TRANSFER_SET(easy, CURLOPT_HEADERFUNCTION, on_header);
	TRANSFER_SET(easy, CURLOPT_HEADERDATA, own);
	TRANSFER_SET(easy, CURLOPT_PRIVATE, own);
	for (i = 0; i < s->n_headers; i++)
		add_header(own, s->headers[i].name, s->headers[i].value);
	if (s->kind == STREAM_FORM)
		make_form(own);
	else if (s->kind == STREAM_PUT)
		make_put(own);
	else
		make_get(own);
	TRANSFER_SET(easy, CURLOPT_HTTPHEADER, own->headers);
}

/* Free what one transfer needs; ${own} may be used for the next. */
static void
forget(struct own *own)
{

	curl_easy_reset(own->t.easy);
	curl_mime_free(own->form);
	own->form = NULL;
	curl_slist_free_all(own->headers);
	own->headers = NULL;
}

void
stream_start(struct stream_set *m, struct stream *s)
{
	struct own *own = s->own;

	if (own == NULL) {
		if ((own = calloc(1, sizeof(*own))) == NULL)
			log_die("out_of_memory", "stream");
		transfer_init(&own->t);
		own->s = s;
		s->own = own;
	}
	s->moved = 0;
	s->fault = NET_OTHER;
	s->failed = NULL;
	s->file_errno = s->status = 0;
	s->retry_after_s = 0;
	s->etag[0] = own->answer[0] = '\0';
	s->whole = -1;
	s->no_range = own->checked = false;
	s->answer = own->answer;
	s->answer_len = 0;
	own->fault = NET_FINE;
	stream_head_clear(&own->head);
	prepare(m, own);
	if (curl_multi_add_handle(m->multi, own->t.easy) != CURLM_OK)
		log_die("libcurl", "curl_multi_add_handle");
	own->running = true;
	m->running++;
}

static void
end(struct stream_set *m, struct own *own)
{

	if (!own->running)
		return;
	curl_multi_remove_handle(m->multi, own->t.easy);
	own->running = false;
	m->running--;
}

/* Set the result of a transfer that libcurl has ended with ${rc}. */
static void
finish(struct own *own, CURLcode rc)
{
	struct stream *s = own->s;
	curl_off_t after_s = 0;
	long status = 0;

	curl_easy_getinfo(own->t.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(own->t.easy, CURLINFO_RETRY_AFTER, &after_s);
	s->status = (int)status;
	s->retry_after_s = after_s < 0 ? 0 : after_s > 1000000 ? 1000000 :
	    (long)after_s;
	memcpy(s->etag, own->head.etag, sizeof(s->etag));
	s->whole = own->head.whole != -1 ? own->head.whole :
	    status == 200 ? own->head.length : -1;
	s->fault = own->fault != NET_FINE ? own->fault :
	    s->file_errno != 0 ? NET_OTHER : transfer_fault(&own->t, rc);
	s->failed = s->fault == NET_FINE ? NULL : net_fault_words(s->fault);
}

/* Return a stream that libcurl has ended, or NULL. */
static struct stream *
done(struct stream_set *m)
{
	struct own *own;
	char *private;
	CURLcode rc;
	CURLMsg *msg;
	int left;

	do {
		if ((msg = curl_multi_info_read(m->multi, &left)) == NULL)
			return (NULL);
	} while (msg->msg != CURLMSG_DONE);
	rc = msg->data.result;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
	own = (void *)private;
	finish(own, rc);
	end(m, own);
	forget(own);
	return (own->s);
}

struct stream *
stream_next(struct stream_set *m, long wait_ms)
{
	struct stream *s;
	int running, slice;

	for (;;) {
		if ((m->stop != NULL && *m->stop != 0) ||
		    curl_multi_perform(m->multi, &running) != CURLM_OK)
			return (NULL);
		if ((s = done(m)) != NULL)
			return (s);
		if (m->running == 0 || wait_ms <= 0)
			return (NULL);
		slice = wait_ms < LOOK_MS ? (int)wait_ms : LOOK_MS;
		if (curl_multi_poll(m->multi, NULL, 0, slice, NULL) !=
		    CURLM_OK)
			return (NULL);
		wait_ms -= slice;
	}
}

void
stream_drop(struct stream_set *m, struct stream *s)
{
	struct own *own = s->own;

	if (own == NULL)
		return;
	end(m, own);
	forget(own);
	transfer_free(&own->t);
	free(own);
	s->own = NULL;
	s->answer = NULL;
}
