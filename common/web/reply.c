#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "web/guard.h"
#include "web/web.h"

/* The headers are written last, in front of the body, so that one send carries
   all: HEAD_MAX bytes are kept free for them. */
#define HEAD_MAX 512
#define ANSWER_FIRST 16384
#define ANSWER_MAX ((size_t)256 << 20)

/* When to come back, where the fault is ours. */
#define RETRY_AFTER "30"

/* None (real clients send none), application/json or application/...+json. */
static bool
is_json(const char *type)
{
	size_t n;

	if (type == NULL)
		return (true);
	n = strcspn(type, "; \t");
	if (n == strlen("application/json") &&
	    strncasecmp(type, "application/json", n) == 0)
		return (true);
	return (n > strlen("application/+json") &&
	    strncasecmp(type, "application/", strlen("application/")) == 0 &&
	    strncasecmp(type + n - 5, "+json", 5) == 0);
}

bool
web_by_headers(const struct web *w)
{

	return (w->headers_only || tao_present(&w->tao));
}

enum err
web_parse(struct web *w, const struct schema_field *fields, void *out,
    size_t size)
{
	const struct schema_body b = {
		.text = w->body,
		.len = w->body_len,
		.signed_elsewhere = web_by_headers(w),
		.arena = w->arena,
	};
	size_t i;

	if (!is_json(w->content_type)) {
		schema_refuse(&w->errors, "body", NULL,
		    "Content-Type should be application/json", "content_type");
		return (ERR_SCHEMA);
	}
	if (schema_parse(fields, &b, out, size, &w->errors) != ERR_OK &&
	    w->errors.error[0].field == NULL)
		return (ERR_SCHEMA);
	for (i = 0; b.signed_elsewhere && i < TAO_HEADERS; i++) {
		if (w->tao.header[i] == NULL)
			schema_refuse(&w->errors, "header",
			    tao_name((enum tao_header)i), "Field required",
			    "missing");
	}
	return (w->errors.n > 0 ? ERR_SCHEMA : ERR_OK);
}

enum err
web_caller(struct web *w, const struct ss58 *hotkey, int64_t timestamp,
    const char *signature, struct auth_caller *who)
{
	struct tao_proof proof;
	enum err e;

	who->by_headers = web_by_headers(w);
	if (!who->by_headers) {
		who->hotkey = *hotkey;
		who->signature = signature;
		who->signed_at_ms = timestamp * 1000;
		return (auth_time(&w->auth, timestamp));
	}
	who->signature = NULL;
	e = tao_read(&w->tao, w->body, w->body_len, w->now_ms, w->hmac, &proof);
	if (e != ERR_OK)
		return (e);
	who->hotkey = proof.hotkey;
	who->signed_at_ms = proof.signed_at_ms;
	who->header_text = proof.text;
	memcpy(who->sig, proof.sig, sizeof(who->sig));
	if (hotkey != NULL && hotkey->text[0] != '\0' &&
	    memcmp(hotkey->key, who->hotkey.key, SS58_KEY_LEN) != 0)
		return (ERR_SIGNATURE);
	return (ERR_OK);
}

enum err
web_proven(struct web *w, struct auth_caller *who,
    const struct signed_text *texts, size_t n, const struct auth_identity *id,
    size_t *which)
{
	enum err e;

	if ((e = auth_proven(id, who, texts, n, which)) == ERR_OK)
		guard_proven(w, id);
	return (e);
}

enum err
web_validator(struct web *w, struct auth_caller *who,
    const struct signed_text *text, struct auth_identity *id)
{
	size_t which;
	enum err e;

	if ((e = auth_validator(&w->auth, &who->hotkey, id)) != ERR_OK)
		return (e);
	return (web_proven(w, who, text, 1, id, &which));
}

enum err
web_admit(struct web *w, const struct auth_identity *id,
    const struct auth_caller *who, enum admit_kind kind)
{

	return (admit(&w->admit, id, who, kind));
}

void
web_granted(struct web *w, const char *scope, const char *kind, int64_t urls,
    int64_t ttl_s)
{

	w->granted = (struct web_granted){
		arena_text(w->arena, scope, strlen(scope)), kind, urls,
		w->auth.now_s + ttl_s
	};
}

void
web_answer_start(struct web *w)
{

	buf_free(&w->answer);
	buf_init_growing(&w->answer, ANSWER_FIRST, ANSWER_MAX);
	w->answer.len = HEAD_MAX;
	w->answer.data[HEAD_MAX] = '\0';
}

enum err
web_reply(struct web *w, const struct emit_field *fields, const void *out)
{

	web_answer_start(w);
	return (emit_object(&w->answer, fields, out));
}

/* FastAPI's list: where, what, which kind.  Never the input. */
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
web_refuse(struct web *w, enum err e)
{
	const char *detail = err_detail(e), *code = err_code(e);
	char own[64];

	/* The contract names the limit, unless it reads like 409. */
	if (e == ERR_LIMIT) {
		snprintf(own, sizeof(own), "Daily limit of %" PRId64
		    " exceeded.", w->admit.limit);
		if (strstr(own, "409") == NULL)
			detail = own;
	}

	web_answer_start(w);
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

const char *
web_answer_end(struct web *w, enum err e, const char *allow, size_t *len)
{
	char head[HEAD_MAX];
	struct buf b;

	buf_init(&b, head, sizeof(head));
	buf_fmt(&b, "Status: %d\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\nX-Request-ID: %s\r\n",
	    err_status(e), w->answer.len - HEAD_MAX, w->request_id);
	if (err_status(e) == 405)
		buf_fmt(&b, "Allow: %s\r\n", allow);
	if (w->admit.counted)
		buf_fmt(&b, "RateLimit-Limit: %" PRId64 "\r\n"
		    "RateLimit-Remaining: %" PRId64 "\r\n"
		    "RateLimit-Reset: %" PRId64 "\r\n", w->admit.limit,
		    w->admit.remaining, w->admit.reset_s);
	if (err_status(e) == 503)
		buf_str(&b, "Retry-After: " RETRY_AFTER "\r\n");
	else if (e == ERR_ADDRESS_LIMIT)
		buf_fmt(&b, "Retry-After: %" PRId64 "\r\n",
		    (w->retry_ms + 999) / 1000);
	else if (err_status(e) == 429)
		buf_fmt(&b, "Retry-After: %" PRId64 "\r\n", w->admit.reset_s);
	buf_str(&b, "\r\n");
	*len = w->answer.len - HEAD_MAX + b.len;
	memcpy(w->answer.data + HEAD_MAX - b.len, head, b.len);
	return (w->answer.data + HEAD_MAX - b.len);
}
