#include <sys/eventfd.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ledger/redis_names.h"

/* Shared by the thread and the waiting process.  The last user frees it. */
struct redis_lookup {
	atomic_int users;
	int done;			/* readable once the result is there */
	char host[256];
	struct redis_names found;
};

void
redis_names_free(struct redis_lookup *l)
{

	if (l == NULL || atomic_fetch_sub(&l->users, 1) > 1)
		return;
	close(l->done);
	free(l);
}

static void
look_up(const char *host, struct redis_names *found)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all, *a;

	found->n = 0;
	if (getaddrinfo(host, NULL, &hints, &all) != 0)
		return;
	for (a = all; a != NULL && found->n < REDIS_NAMES_MAX; a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen,
		    found->address[found->n], REDIS_NAMES_LEN + 1, NULL, 0,
		    NI_NUMERICHOST) == 0)
			found->n++;
	}
	freeaddrinfo(all);
}

static void *
run(void *lookup)
{
	struct redis_lookup *l = lookup;

	look_up(l->host, &l->found);
	(void)eventfd_write(l->done, 1);
	redis_names_free(l);
	return (NULL);
}

/* Signals are for the main thread, so block them in this one. */
static bool
start_thread(struct redis_lookup *l)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attr, run, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return (rc == 0);
}

static struct redis_lookup *
start(const char *host)
{
	struct redis_lookup *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		log_die("out_of_memory", "ledger");
	l->users = 2;
	l->done = eventfd(0, EFD_CLOEXEC);
	snprintf(l->host, sizeof(l->host), "%s", host);
	if (l->done != -1 && start_thread(l))
		return (l);
	if (l->done != -1)
		close(l->done);
	free(l);
	return (NULL);
}

static bool
is_done(const struct redis_lookup *l, int wait_ms, int timer)
{
	struct pollfd p[2] = {
		{ .fd = l->done, .events = POLLIN },
		{ .fd = timer, .events = POLLIN },
	};
	int rc;

	do {
		rc = poll(p, 2, wait_ms);
	} while (rc < 0 && errno == EINTR);
	return (rc > 0 && p[0].revents != 0);
}

static bool
is_address(const char *host)
{
	struct in6_addr a;

	return (strchr(host, ':') != NULL ||
	    inet_pton(AF_INET, host, &a) == 1);
}

enum err
redis_names_find(struct redis_lookup **l, const char *host, int wait_ms,
    int timer, struct redis_names *out)
{

	if (is_address(host)) {
		out->n = 1;
		snprintf(out->address[0], sizeof(out->address[0]), "%s", host);
		return (ERR_OK);
	}

	/* Sentinels may name another host than the one that is looked up. */
	if (*l != NULL && strcmp((*l)->host, host) != 0) {
		redis_names_free(*l);
		*l = NULL;
	}
	if (*l == NULL && (*l = start(host)) == NULL)
		return (ERR_FORMAT);
	if (!is_done(*l, wait_ms, timer))
		return (ERR_IO);
	*out = (*l)->found;
	redis_names_free(*l);
	*l = NULL;
	return (out->n > 0 ? ERR_OK : ERR_FORMAT);
}
