#ifndef NET_MULTI_H_
#define NET_MULTI_H_

#include <signal.h>
#include <stdbool.h>

#include <curl/curl.h>

/* Several transfers at once, waited for in one thread.  For net/ only. */
struct multi {
	CURLM *curl;
	const volatile sig_atomic_t *stop;	/* not 0: give up; or NULL */
	unsigned running;
};

/**
 * multi_init(m, stop), multi_free(m):
 * Make an empty set, which keeps its connections for the next transfer.
 * Remove all transfers before freeing.
 */
void multi_init(struct multi *m, const volatile sig_atomic_t *stop);
void multi_free(struct multi *m);

/**
 * multi_renew(m):
 * Close all kept connections.  None may be running.
 */
void multi_renew(struct multi *m);

/**
 * multi_add(m, easy), multi_remove(m, easy):
 * Start ${easy}, and end it, done or not.
 */
void multi_add(struct multi *m, CURL *easy);
void multi_remove(struct multi *m, CURL *easy);

/**
 * multi_next(m, wait_ms, rc):
 * Return the CURLOPT_PRIVATE of a transfer that is done, and set ${rc} to its
 * result; it has to be removed then.  Return NULL if there is none within
 * ${wait_ms}, none is running, or multi_stopped().
 */
void *multi_next(struct multi *m, long wait_ms, CURLcode *rc);

/**
 * multi_stopped(m):
 * Has ${stop} been set?
 */
bool multi_stopped(const struct multi *m);

/**
 * multi_retry_after(easy):
 * Return the header Retry-After of the answer, in seconds, at most 1000000; 0
 * if there is none, or a date that has passed.
 */
long multi_retry_after(CURL *easy);

#endif /* !NET_MULTI_H_ */
