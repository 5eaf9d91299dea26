#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "filesum.h"

#define PIECE ((int64_t)64 << 10)

/* With less to do, a thread is not started or woken before the end. */
#define WORTH ((int64_t)1 << 20)

struct filesum {
	struct md5 *md5;
	const volatile sig_atomic_t *stop;
	int fd;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;	/* of what follows */
	pthread_cond_t more, ready;
	int64_t at, to;		/* digested, and to be digested */
	bool failed, quit;
	uint8_t buf[PIECE];
};

struct filesum *
filesum_new(int fd, const volatile sig_atomic_t *stop)
{
	struct filesum *d;
	struct md5 *md5;

	if ((md5 = md5_new()) == NULL)
		return (NULL);
	if ((d = malloc(sizeof(*d))) == NULL)
		log_die("out_of_memory", "digest");
	d->md5 = md5;
	d->stop = stop;
	d->fd = fd;
	d->threaded = d->failed = d->quit = false;
	d->at = d->to = 0;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->more, NULL);
	pthread_cond_init(&d->ready, NULL);
	return (d);
}

void
filesum_free(struct filesum *d)
{

	if (d == NULL)
		return;
	if (d->threaded) {
		pthread_mutex_lock(&d->lock);
		d->quit = true;
		pthread_cond_signal(&d->more);
		pthread_mutex_unlock(&d->lock);
		pthread_join(d->thread, NULL);
	}
	pthread_cond_destroy(&d->ready);
	pthread_cond_destroy(&d->more);
	pthread_mutex_destroy(&d->lock);
	md5_free(d->md5);
	free(d);
}

/* Digest the next bytes, at most PIECE.  The lock is held before and after, and
   not in between. */
static void
add_piece(struct filesum *d)
{
	int64_t at = d->at;
	const int64_t end = d->to - at < PIECE ? d->to : at + PIECE;
	ssize_t got = 0;

	pthread_mutex_unlock(&d->lock);
	for (; at < end; at += got) {
		got = pread(d->fd, d->buf, (size_t)(end - at), at);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			break;
		md5_add(d->md5, d->buf, (size_t)got);
	}
	pthread_mutex_lock(&d->lock);
	d->at = at;
	d->failed = at < end || *d->stop != 0;
}

static void *
run(void *user)
{
	struct filesum *d = user;

	pthread_mutex_lock(&d->lock);
	while (!d->quit) {
		if (!d->failed && d->at < d->to) {
			add_piece(d);
			continue;
		}
		pthread_cond_signal(&d->ready);
		pthread_cond_wait(&d->more, &d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	return (NULL);
}

/* Start the thread, to which no signal comes. */
static bool
start(struct filesum *d)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	d->threaded = pthread_create(&d->thread, NULL, run, d) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return (d->threaded);
}

/* Let the thread read on, if ${least} bytes are there for it.  The lock is
   held. */
static void
wake(struct filesum *d, int64_t to, int64_t least)
{

	if (to > d->to)
		d->to = to;
	if (d->to - d->at < least)
		return;
	if (d->threaded)
		pthread_cond_signal(&d->more);
	else if (least > 0)
		(void)start(d);
}

void
filesum_to(struct filesum *d, int64_t to)
{

	pthread_mutex_lock(&d->lock);
	wake(d, to, WORTH);
	pthread_mutex_unlock(&d->lock);
}

bool
filesum_end(struct filesum *d, int64_t to, uint8_t out[MD5_LEN])
{
	bool ok;

	pthread_mutex_lock(&d->lock);
	wake(d, to, 0);
	while (!d->failed && d->at < to) {
		if (d->threaded)
			pthread_cond_wait(&d->ready, &d->lock);
		else
			add_piece(d);
	}
	ok = d->at == to && !d->failed;
	pthread_mutex_unlock(&d->lock);
	if (ok)
		md5_end(d->md5, out);
	return (ok);
}
