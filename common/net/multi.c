#include <stdlib.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/multi.h"

/* The longest time until a stop is noticed. */
#define LOOK_MS 200

#define AFTER_MAX_S 1000000

void
multi_init(struct multi *m, const volatile sig_atomic_t *stop)
{

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (m->curl = curl_multi_init()) == NULL)
		log_die("out_of_memory", "transfers");
	m->stop = stop;
	m->running = 0;
}

void
multi_free(struct multi *m)
{

	curl_multi_cleanup(m->curl);
	curl_global_cleanup();
}

void
multi_renew(struct multi *m)
{

	curl_multi_cleanup(m->curl);
	if ((m->curl = curl_multi_init()) == NULL)
		log_die("out_of_memory", "transfers");
}

void
multi_add(struct multi *m, CURL *easy)
{

	if (curl_multi_add_handle(m->curl, easy) != CURLM_OK)
		log_die("libcurl", "curl_multi_add_handle");
	m->running++;
}

void
multi_remove(struct multi *m, CURL *easy)
{

	curl_multi_remove_handle(m->curl, easy);
	m->running--;
}

bool
multi_stopped(const struct multi *m)
{

	return (m->stop != NULL && *m->stop != 0);
}

/* Return the CURLOPT_PRIVATE of a transfer that libcurl has ended, or NULL. */
static void *
done(struct multi *m, CURLcode *rc)
{
	char *private;
	CURLMsg *msg;
	int left;

	do {
		if ((msg = curl_multi_info_read(m->curl, &left)) == NULL)
			return (NULL);
	} while (msg->msg != CURLMSG_DONE);
	*rc = msg->data.result;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
	return (private);
}

void *
multi_next(struct multi *m, long wait_ms, CURLcode *rc)
{
	void *private;
	int running, slice;

	for (;;) {
		if (multi_stopped(m) ||
		    curl_multi_perform(m->curl, &running) != CURLM_OK)
			return (NULL);
		if ((private = done(m, rc)) != NULL)
			return (private);
		if (m->running == 0 || wait_ms <= 0)
			return (NULL);
		slice = wait_ms < LOOK_MS ? (int)wait_ms : LOOK_MS;
		if (curl_multi_poll(m->curl, NULL, 0, slice, NULL) !=
		    CURLM_OK)
			return (NULL);
		wait_ms -= slice;
	}
}

long
multi_retry_after(CURL *easy)
{
	curl_off_t after_s = 0;

	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after_s);
	return (after_s < 0 ? 0 : after_s > AFTER_MAX_S ? AFTER_MAX_S :
	    (long)after_s);
}
