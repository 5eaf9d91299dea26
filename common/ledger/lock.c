#include <sys/file.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "ledger/lock.h"

/* How often the signal is repeated once time is up.  A signal that comes
   just before flock() is entered interrupts nothing. */
#define AGAIN_MS 20

static volatile sig_atomic_t passed;

static void
on_tick(int sig)
{

	(void)sig;
	passed = 1;
}

static void
mask_tick(int how)
{
	sigset_t tick;

	sigemptyset(&tick);
	sigaddset(&tick, SIGRTMIN);
	sigprocmask(how, &tick, NULL);
}

void
ledger_lock_init(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_tick;	/* no SA_RESTART: it interrupts */
	mask_tick(SIG_BLOCK);
	sigaction(SIGRTMIN, &sa, NULL);
}

static struct timespec
timespec_ms(int64_t ms)
{
	struct timespec ts = { 0 };

	ts.tv_sec = (time_t)(ms / 1000);
	ts.tv_nsec = (long)(ms % 1000) * 1000000;
	return (ts);
}

/* Start a timer that ticks from ${wait_ms} on. */
static bool
start(timer_t *timer, int64_t wait_ms)
{
	struct itimerspec it;
	struct sigevent ev;

	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = SIGRTMIN;
	if (timer_create(CLOCK_MONOTONIC, &ev, timer) != 0)
		return (false);
	it.it_value = timespec_ms(wait_ms);
	it.it_interval = timespec_ms(AGAIN_MS);
	if (timer_settime(*timer, 0, &it, NULL) == 0)
		return (true);
	timer_delete(*timer);
	return (false);
}

enum err
ledger_lock(int fd, int64_t wait_ms)
{
	timer_t timer;
	int rc, saved;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return (ERR_OK);
	if (errno != EWOULDBLOCK)
		return (ERR_IO);
	if (wait_ms <= 0)
		return (ERR_LEDGER);

	/* A late tick of an earlier wait is delivered here, and must not
	   count. */
	mask_tick(SIG_UNBLOCK);
	passed = 0;
	if (!start(&timer, wait_ms)) {
		mask_tick(SIG_BLOCK);
		return (ERR_IO);
	}
	do {
		rc = flock(fd, LOCK_EX);
	} while (rc != 0 && errno == EINTR && !passed);
	saved = errno;
	timer_delete(timer);
	mask_tick(SIG_BLOCK);
	errno = saved;
	if (rc == 0)
		return (ERR_OK);
	return (saved == EINTR ? ERR_LEDGER : ERR_IO);
}
