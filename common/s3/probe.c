#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/skew.h"
#include "config/config.h"
#include "net/asker.h"
#include "net/http.h"
#include "s3/fault.h"
#include "s3/presign.h"
#include "s3/probe.h"
#include "s3/bucket.h"

/* The lifetime of the URL that the probe uses. */
#define URL_TTL_S 60

#define FAULT_TEXT_MAX 511

enum err
probe_rests(const struct probe *p)
{
	const int64_t now_ms = p->now_ms();

	/* A clock that was set back must not make the pause longer. */
	return (now_ms < p->rests_until_ms &&
	    now_ms >= p->rests_until_ms - PROBE_REST_MS ? ERR_STORE : ERR_OK);
}

static enum err
configure_once(struct probe *p)
{
	enum err e;

	if (p->configured)
		return (ERR_OK);
	e = s3_bucket_configure(&p->bucket, p->cfg, p->cfg->s3_endpoint);
	p->configured = e == ERR_OK;
	return (e);
}

/* Send one HEAD.  ERR_IO: there was no answer. */
static enum err
ask(struct probe *p, const char *url, int *status)
{
	static const struct http_limits limits = {
		.total_s = 2, .max_bytes = 65536
	};
	bool etag;

	*status = 0;
	if (asker_head(p->asker, url, &limits, status, &etag) != ERR_OK)
		return (ERR_IO);
	if (*status == 200 && etag)
		return (ERR_EXISTS);
	return (*status == 404 ? ERR_OK : ERR_STORE);
}

/* An answer to HEAD has no body, so only the status tells why. */
static void
log_fault(const struct probe *p, enum err e, int status, int64_t skew_ms)
{
	char text[FAULT_TEXT_MAX + 1];
	const struct s3_fault *f;

	if (e == ERR_IO)
		f = s3_fault_of_net(asker_fault(p->asker));
	else if (status == 200)
		f = s3_fault_named("no_etag", strlen("no_etag"));
	else
		f = s3_fault_by_clock(s3_fault_of_status(status), skew_ms,
		    URL_TTL_S);
	s3_fault_text(f, &p->bucket, NULL, text, sizeof(text));
	LOG(LOG_ERROR, "store_not_asked", LOG_S("reason", text),
	    LOG_I("status", status));
}

/* There was no answer.  After several of these the store counts as down.
   The pause is counted from the end of the wait, so that the store really
   gets a pause. */
static void
note_answer(struct probe *p, bool answered)
{

	p->silent = answered ? 0 : p->silent + 1;
	if (p->silent >= PROBE_SILENT)
		p->rests_until_ms = p->now_ms() + PROBE_REST_MS;
}

enum err
probe_new_key(struct probe *p, const char *key)
{
	char url[PRESIGN_OBJECT_MAX + 1];
	struct s3_signer signer;
	const int64_t sent_ms = p->now_ms();
	struct buf b;
	int status;
	enum err e;

	if ((e = configure_once(p)) != ERR_OK)
		return (e);
	s3_signer_init(&signer, p->hmac, p->key, &p->bucket);
	buf_init(&b, url, sizeof(url));
	if ((e = presign_object(&signer, p->now_ms() / 1000, PRESIGN_HEAD, key,
	    strlen(key), URL_TTL_S, &b)) != ERR_OK)
		return (e);
	e = ask(p, url, &status);
	if (e == ERR_STORE && (status >= 500 || status == 429))
		e = ask(p, url, &status);
	note_answer(p, e != ERR_IO);
	if (e == ERR_OK || e == ERR_EXISTS)
		return (e);
	log_fault(p, e, status, skew_of(sent_ms, p->now_ms(),
	    asker_date(p->asker)));
	return (ERR_STORE);
}
