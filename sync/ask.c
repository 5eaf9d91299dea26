#include "ask.h"
#include "base/buf.h"
#include "base/skew.h"
#include "s3/refusal.h"

#define URL_TTL_S 300

void
ask_blame(struct walk *w, const struct s3_fault *f, const char *region)
{

	w->fault = s3_fault_by_clock(f, w->skew_ms, URL_TTL_S);
	s3_fault_text(w->fault, w->signer->bucket, region, w->text,
	    sizeof(w->text));
	w->reason = w->text;
}

const struct s3_fault *
ask_fault(const struct walk *w)
{

	return (w->reason == w->text ? w->fault : NULL);
}

/* Send a request, and compare the clocks. */
static enum err
get(struct walk *w, const char *url, const char **answer, size_t *len,
    int *status)
{
	const struct http_limits limits = {
		.total_s = (long)w->cfg->bucket_timeout_s,
		.max_bytes = (size_t)w->cfg->bucket_max_answer_bytes };
	const int64_t sent_ms = w->now_ms();
	int64_t skew_ms;
	enum err e;

	e = http_get(w->http, url, &limits, answer, len, status);
	skew_ms = skew_of(sent_ms, w->now_ms(), http_date(w->http));
	if (skew_ms != SKEW_UNKNOWN)
		w->skew_ms = skew_ms;
	return (e);
}

enum err
ask(struct walk *w, const struct presign_list *list, const char **answer,
    size_t *len)
{
	char url[PRESIGN_LIST_MAX + 1];
	struct refusal r;
	struct buf b;
	int status;
	enum err e;

	buf_init(&b, url, sizeof(url));
	if (presign_list(w->signer, w->now_ms() / 1000, list, URL_TTL_S, &b) !=
	    ERR_OK) {
		w->reason = "a name that cannot be asked for";
		return (ERR_RANGE);
	}
	w->lost++;
	e = get(w, url, answer, len, &status);
	if (e == ERR_RANGE) {
		w->reason = net_fault_words(http_fault(w->http));
		w->lost = 0;
		return (e);
	}
	if (e != ERR_OK) {
		ask_blame(w, s3_fault_of_net(http_fault(w->http)), NULL);
		return (ERR_IO);
	}
	if (status != 200) {
		refusal_read(status, *answer, *len, &r);
		ask_blame(w, r.fault, r.region);
		return (ERR_IO);
	}
	w->lost = 0;
	return (ERR_OK);
}
