#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "json/emit.h"
#include "web/answer.h"
#include "web/cors.h"
#include "web/web.h"

/* The headers are written last, into HEAD_MAX bytes that are kept free
   before the body, so that one send carries both. */
#define HEAD_MAX 2048
#define ANSWER_FIRST 16384
#define ANSWER_MAX ((size_t)256 << 20)

/* Seconds for Retry-After when the fault is the service's. */
#define RETRY_AFTER "30"
#define RETRY_START "5"

static void
start(struct web *w)
{

	buf_free(&w->answer);
	buf_init_growing(&w->answer, ANSWER_FIRST, ANSWER_MAX);
	w->answer.len = HEAD_MAX;
	w->answer.data[HEAD_MAX] = '\0';
}

struct buf *
answer_text(struct web *w, const char *media)
{

	start(w);
	w->media = media;
	return (&w->answer);
}

enum err
answer_write(struct web *w, const struct emit_field *fields, const void *out)
{

	start(w);
	return (emit_object(&w->answer, fields, out));
}

/* The list that FastAPI answers: location, message, type.  It never
   contains the input. */
static void
schema_detail(struct buf *b, const struct schema_errors *errors)
{
	const char *field;
	size_t i;

	for (i = 0; i < errors->n; i++) {
		field = errors->error[i].field;
		buf_str(b, i > 0 ? "," : "");
		buf_str(b, "{\"loc\":[");
		buf_json(b, errors->error[i].where,
		    strlen(errors->error[i].where));
		if (field != NULL) {
			buf_char(b, ',');
			buf_json(b, field, strlen(field));
		}
		buf_str(b, "],\"msg\":");
		buf_json(b, errors->error[i].msg, strlen(errors->error[i].msg));
		buf_str(b, ",\"type\":");
		buf_json(b, errors->error[i].type,
		    strlen(errors->error[i].type));
		buf_char(b, '}');
	}
}

void
answer_refuse(struct web *w, enum err e)
{
	const char *detail = err_detail(e), *code = err_code(e);
	char own[64];

	/* The contract puts the limit into the text, except where it would
	   contain the digits 409. */
	if (e == ERR_LIMIT) {
		snprintf(own, sizeof(own), "Daily limit of %" PRId64
		    " exceeded.", w->admit.limit);
		if (strstr(own, "409") == NULL)
			detail = own;
	}

	start(w);
	w->media = NULL;
	buf_str(&w->answer, "{\"detail\":");
	if (e == ERR_SCHEMA) {
		buf_char(&w->answer, '[');
		schema_detail(&w->answer, &w->errors);
		buf_char(&w->answer, ']');
	} else {
		buf_json(&w->answer, detail, strlen(detail));
	}
	buf_str(&w->answer, ",\"code\":");
	buf_json(&w->answer, code, strlen(code));
	if (e == ERR_NOT_READY) {
		buf_str(&w->answer, ",\"reasons\":");
		emit_texts(&w->answer, w->reasons);
	}
	buf_char(&w->answer, '}');
}

void
answer_preflight(struct web *w)
{

	start(w);
	buf_str(&w->answer, "OK");
}

/* Some web servers pass a status on without adding a reason phrase.
   Source: RFC 9110, section 15, and RFC 6585. */
static const char *
phrase(int status)
{

	switch (status) {
	case 200:
		return ("OK");
	case 400:
		return ("Bad Request");
	case 401:
		return ("Unauthorized");
	case 404:
		return ("Not Found");
	case 405:
		return ("Method Not Allowed");
	case 408:
		return ("Request Timeout");
	case 409:
		return ("Conflict");
	case 413:
		return ("Content Too Large");
	case 422:
		return ("Unprocessable Content");
	case 429:
		return ("Too Many Requests");
	case 503:
		return ("Service Unavailable");
	default:
		return ("Internal Server Error");
	}
}

/* No browser may guess another type, frame an answer, run it, keep it or name
   its URL to others. */
#define SECURITY							\
	"Cache-Control: no-store\r\n"					\
	"X-Content-Type-Options: nosniff\r\n"				\
	"Referrer-Policy: no-referrer\r\n"				\
	"Content-Security-Policy: default-src 'none'; "			\
	"frame-ancestors 'none'\r\n"

const char *
answer_end(struct web *w, enum err e, const char *allow, size_t *len)
{
	char head[HEAD_MAX];
	struct buf b;

	buf_init(&b, head, sizeof(head));
	buf_fmt(&b, "Status: %d %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n" SECURITY "X-Request-ID: %s\r\n",
	    err_status(e), phrase(err_status(e)),
	    w->is_preflight && e == ERR_OK ? "text/plain; charset=utf-8" :
	    w->media != NULL ? w->media : "application/json",
	    w->answer.len - HEAD_MAX,
	    w->given_id[0] != '\0' ? w->given_id : w->request_id);
	cors_headers(w, e, allow, &b);
	if (e == ERR_UNAUTHORIZED)
		buf_str(&b, "WWW-Authenticate: Bearer\r\n");
	if (err_status(e) == 405)
		buf_fmt(&b, "Allow: %s\r\n", allow);
	if (w->admit.counted)
		buf_fmt(&b, "RateLimit-Limit: %" PRId64 "\r\n"
		    "RateLimit-Remaining: %" PRId64 "\r\n"
		    "RateLimit-Reset: %" PRId64 "\r\n", w->admit.limit,
		    w->admit.remaining, w->admit.reset_s);
	if (w->unstarted)
		buf_str(&b, "Retry-After: " RETRY_START "\r\n");
	else if (err_status(e) == 503)
		buf_str(&b, "Retry-After: " RETRY_AFTER "\r\n");
	else if (e == ERR_ADDRESS_LIMIT)
		buf_fmt(&b, "Retry-After: %" PRId64 "\r\n",
		    (w->retry_ms + 999) / 1000);
	else if (err_status(e) == 429)
		buf_fmt(&b, "Retry-After: %" PRId64 "\r\n", w->admit.reset_s);
	buf_str(&b, "\r\n");
	*len = b.len + (w->is_head ? 0 : w->answer.len - HEAD_MAX);
	memcpy(w->answer.data + HEAD_MAX - b.len, head, b.len);
	return (w->answer.data + HEAD_MAX - b.len);
}
