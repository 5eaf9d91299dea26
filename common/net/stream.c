#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/multi.h"
#include "net/stream.h"
#include "net/stream_body.h"

#define CONNECT_MS 30000

/* Of libcurl's buffers, per connection. */
#define BUFFER_BYTES (128L << 10)

struct stream_set {
	struct multi multi;
	struct hurry hurry;
	const char *ca_file;
};

struct stream_set *
stream_new(const volatile sig_atomic_t *stop, const char *ca_file)
{
	struct stream_set *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		log_die("out_of_memory", "streams");
	multi_init(&m->multi, stop);
	m->ca_file = ca_file == NULL || ca_file[0] == '\0' ? NULL : ca_file;
	return (m);
}

void
stream_free(struct stream_set *m)
{

	if (m == NULL)
		return;
	multi_free(&m->multi);
	free(m);
}

unsigned
stream_running(const struct stream_set *m)
{

	return (m->multi.running);
}

static void
add_header(struct stream_own *own, const char *name, const char *value)
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
make_form(struct stream_own *own)
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
	mime_set(curl_mime_data_cb(part, s->bytes, stream_body_read,
	    stream_body_seek, NULL, own));
	TRANSFER_SET(own->t.easy, CURLOPT_MIMEPOST, own->form);
}

static void
make_put(struct stream_own *own)
{

	TRANSFER_SET(own->t.easy, CURLOPT_UPLOAD, 1L);
	TRANSFER_SET(own->t.easy, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)own->s->bytes);
	TRANSFER_SET(own->t.easy, CURLOPT_READFUNCTION,
	    stream_body_read);
	TRANSFER_SET(own->t.easy, CURLOPT_READDATA, own);
	TRANSFER_SET(own->t.easy, CURLOPT_SEEKFUNCTION,
	    stream_body_seek);
	TRANSFER_SET(own->t.easy, CURLOPT_SEEKDATA, own);
}

static void
make_get(struct stream_own *own)
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
prepare(struct stream_set *m, struct stream_own *own)
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
	TRANSFER_SET(easy, CURLOPT_WRITEFUNCTION, stream_body_write);
	TRANSFER_SET(easy, CURLOPT_WRITEDATA, own);
	TRANSFER_SET(easy, CURLOPT_HEADERFUNCTION,
	    stream_body_header);
	TRANSFER_SET(easy, CURLOPT_HEADERDATA, own);
	TRANSFER_SET(easy, CURLOPT_PRIVATE, own);
	hurry_prepare(&m->hurry, easy);
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
forget(struct stream_own *own)
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
	struct stream_own *own = s->own;

	if (own == NULL) {
		if ((own = calloc(1, sizeof(*own))) == NULL)
			log_die("out_of_memory", "stream");
		transfer_init(&own->t);
		own->s = s;
		own->hurry = &m->hurry;
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
	s->answer_len = own->held = 0;
	own->fault = NET_FINE;
	stream_head_clear(&own->head);
	prepare(m, own);
	multi_add(&m->multi, own->t.easy);
	own->running = true;
}

static void
end(struct stream_set *m, struct stream_own *own)
{

	if (own->running)
		multi_remove(&m->multi, own->t.easy);
	own->running = false;
}

/* Set the result of a transfer that libcurl has ended with ${rc}. */
static void
finish(struct stream_own *own, CURLcode rc)
{
	struct stream *s = own->s;
	long status = 0;

	if (s->file_errno == 0 && !stream_body_flush(own))
		rc = CURLE_WRITE_ERROR;
	curl_easy_getinfo(own->t.easy, CURLINFO_RESPONSE_CODE, &status);
	s->status = (int)status;
	s->retry_after_s = multi_retry_after(own->t.easy);
	memcpy(s->etag, own->head.etag, sizeof(s->etag));
	s->whole = own->head.whole != -1 ? own->head.whole :
	    status == 200 ? own->head.length : -1;
	s->fault = own->fault != NET_FINE ? own->fault :
	    s->file_errno != 0 ? NET_OTHER : transfer_fault(&own->t, rc);
	s->failed = s->fault == NET_FINE ? NULL : net_fault_words(s->fault);
}

struct stream *
stream_next(struct stream_set *m, long wait_ms)
{
	struct stream_own *own;
	CURLcode rc;

	if ((own = multi_next(&m->multi, wait_ms, &rc)) == NULL)
		return (NULL);
	finish(own, rc);
	end(m, own);
	forget(own);
	return (own->s);
}

void
stream_drop(struct stream_set *m, struct stream *s)
{
	struct stream_own *own = s->own;

	if (own == NULL)
		return;
	end(m, own);
	forget(own);
	transfer_free(&own->t);
	free(own->hold);
	free(own);
	s->own = NULL;
	s->answer = NULL;
}
