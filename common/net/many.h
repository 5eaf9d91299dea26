#ifndef NET_MANY_H_
#define NET_MANY_H_

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Many HTTP POSTs of JSON at once, by libcurl, under the rules of
 * net/transfer.h.  The caller need not wait for the slowest: it takes the jobs
 * that are done, and may drop the rest.
 */
struct many;

struct many_job {
	/* The caller's.  It must not change until the job is done or
	   dropped. */
	const char *url, *body;
	size_t body_len, max_bytes;
	long total_ms;			/* from the look-up of the name on */

	/* Set when the job is done.  The answer is valid until the next
	   start. */
	const char *failed;		/* why there is no answer, or NULL */
	int status;			/* HTTP's */
	long retry_after_s;		/* the header, in seconds; 0: none */
	int64_t date_s;			/* transfer_date() */
	const char *answer;
	size_t answer_len;

	void *own;			/* of net/many; NULL at first */
};

/**
 * many_new(stop, ca_file), many_free(m):
 * Make a client that keeps its connections for the next request.  It gives up
 * when ${stop} is not 0.  It also accepts certificates of nodes that lead to
 * one in ${ca_file}, unless that is empty.  Both pointers must stay valid.
 */
struct many *many_new(const volatile sig_atomic_t *stop, const char *ca_file);
void many_free(struct many *m);

/**
 * many_start(m, job):
 * Post job->body to job->url.
 */
void many_start(struct many *m, struct many_job *job);

/**
 * many_next(m, wait_ms):
 * Return a job that is done, or NULL if there is none within ${wait_ms}, none
 * is running, or many_stopped().
 */
struct many_job *many_next(struct many *m, long wait_ms);

/**
 * many_drop(m, job):
 * Drop ${job}, done or not, and free what it holds.
 */
void many_drop(struct many *m, struct many_job *job);

/**
 * many_renew(m):
 * Close all kept connections.  No job may be running.
 */
void many_renew(struct many *m);

/**
 * many_stopped(m):
 * Has ${stop} been set?
 */
bool many_stopped(const struct many *m);

#endif /* !NET_MANY_H_ */
