#include <stdlib.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/many.h"
#include "net/transfer.h"

/* The longest time until a stop is noticed. */
#define LOOK_MS 200

struct many {
	CURLM *multi;
	struct curl_slist *headers;
	const volatile sig_atomic_t *stop;
	const char *ca_file;
	unsigned running;
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

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (m = calloc(1, sizeof(*m))) == NULL ||
	    (m->multi = curl_multi_init()) == NULL ||
	    (m->headers = curl_slist_append(NULL,
	    "Content-Type: application/json")) == NULL)
		log_die("out_of_memory", "many");
	m->stop = stop;
	m->ca_file = ca_file;
	return (m);
}

void
many_free(struct many *m)
{

	if (m == NULL)
		return;
	curl_multi_cleanup(m->multi);
	curl_slist_free_all(m->headers);
	free(m);
	curl_global_cleanup();
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
	if (curl_multi_add_handle(m->multi, own->t.easy) != CURLM_OK)
		log_die("libcurl", "curl_multi_add_handle");
	own->running = true;
	m->running++;
}

static void
end(struct many *m, struct own *own)
{

	if (!own->running)
		return;
	curl_multi_remove_handle(m->multi, own->t.easy);
	own->running = false;
	m->running--;
}

/* Return a job that libcurl has finished, or NULL. */
static struct many_job *
done(struct many *m)
{
	struct many_job *job;
	curl_off_t after_s = 0;
	struct own *own;
	char *private;
	CURLcode rc;
	long status = 0;
	CURLMsg *msg;
	int left;

	do {
		if ((msg = curl_multi_info_read(m->multi, &left)) == NULL)
			return (NULL);
	} while (msg->msg != CURLMSG_DONE);
	rc = msg->data.result;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
	job = (void *)private;
	own = job->own;
	curl_easy_getinfo(own->t.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(own->t.easy, CURLINFO_RETRY_AFTER, &after_s);
	end(m, own);
	job->failed = rc == CURLE_OK ? NULL :
	    net_fault_words(transfer_fault(&own->t, rc));
	job->status = (int)status;

	/* Negative: a date that has passed. */
	job->retry_after_s = after_s < 0 ? 0 : after_s > 1000000 ? 1000000 :
	    (long)after_s;
	job->date_s = transfer_date(&own->t);
	job->answer = own->t.answer;
	job->answer_len = own->t.len;
	return (job);
}

struct many_job *
many_next(struct many *m, long wait_ms)
{
	struct many_job *job;
	int running, slice;

	for (;;) {
		if (many_stopped(m) ||
		    curl_multi_perform(m->multi, &running) != CURLM_OK)
			return (NULL);
		if ((job = done(m)) != NULL)
			return (job);
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

	curl_multi_cleanup(m->multi);
	if ((m->multi = curl_multi_init()) == NULL)
		log_die("out_of_memory", "many");
}

bool
many_stopped(const struct many *m)
{

	return (m->stop != NULL && *m->stop != 0);
}
