#include <stdlib.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/many.h"
#include "net/multi.h"
#include "net/transfer.h"

struct many {
	struct multi multi;
	struct curl_slist *headers;
	const char *ca_file;
};

/* The part of a job that net/many owns. */
struct own {
	struct transfer t;
	bool running;
};

struct many *
many_new(const volatile sig_atomic_t *stop, const char *ca_file)
{
	struct many *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		log_die("out_of_memory", "many");
	multi_init(&m->multi, stop);
	if ((m->headers = curl_slist_append(NULL,
	    "Content-Type: application/json")) == NULL)
		log_die("out_of_memory", "many");
	m->ca_file = ca_file;
	return (m);
}

void
many_free(struct many *m)
{

	if (m == NULL)
		return;
	multi_free(&m->multi);
	curl_slist_free_all(m->headers);
	free(m);
}

void
many_start(struct many *m, struct many_job *job)
{
	struct own *own = job->own;

	if (own == NULL) {
		if ((own = calloc(1, sizeof(*own))) == NULL)
			log_die("out_of_memory", "many");
		transfer_init(&own->t);
		job->own = own;
	}
	transfer_prepare(&own->t, job->url, job->total_ms, job->max_bytes);
	transfer_post(&own->t, m->headers, job->body, job->body_len);
	TRANSFER_SET(own->t.easy, CURLOPT_PRIVATE, job);
	if (m->ca_file[0] != '\0')
		TRANSFER_SET(own->t.easy, CURLOPT_CAINFO, m->ca_file);
	multi_add(&m->multi, own->t.easy);
	own->running = true;
}

static void
end(struct many *m, struct own *own)
{

	if (own->running)
		multi_remove(&m->multi, own->t.easy);
	own->running = false;
}

struct many_job *
many_next(struct many *m, long wait_ms)
{
	struct many_job *job;
	struct own *own;
	CURLcode rc;
	long status = 0;

	if ((job = multi_next(&m->multi, wait_ms, &rc)) == NULL)
		return (NULL);
	own = job->own;
	curl_easy_getinfo(own->t.easy, CURLINFO_RESPONSE_CODE, &status);
	job->retry_after_s = multi_retry_after(own->t.easy);
	end(m, own);
	job->failed = rc == CURLE_OK ? NULL :
	    net_fault_words(transfer_fault(&own->t, rc));
	job->status = (int)status;
	job->date_s = transfer_date(&own->t);
	job->answer = own->t.answer;
	job->answer_len = own->t.len;
	return (job);
}

void
many_drop(struct many *m, struct many_job *job)
{
	struct own *own = job->own;

	if (own == NULL)
		return;
	end(m, own);
	transfer_free(&own->t);
	free(own);
	job->own = NULL;
}

void
many_renew(struct many *m)
{

	multi_renew(&m->multi);
}

bool
many_stopped(const struct many *m)
{

	return (multi_stopped(&m->multi));
}
