#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/lock.h"

/* How often the signal is repeated once time is up.  A signal that comes
   just before a system call is entered interrupts nothing. */
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

/* The bytes that are locked.  None of them is in the file, which holds the last
   number that was drawn. */
#define DRAWING (UINT64_C(1) << 40)
#define NUMBERS (DRAWING + 2)

static int
lock_byte(int fd, int how, short type, uint64_t byte)
{
	struct flock f = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = (off_t)byte, .l_len = 1 };

	return (fcntl(fd, how, &f));
}

static uint64_t
draw(int fd)
{
	uint64_t n = 0;

	/* Without the count there is no order, and no harm. */
	(void)!pread(fd, &n, sizeof(n), 0);
	n++;
	(void)!pwrite(fd, &n, sizeof(n), 0);
	return (NUMBERS + n % DRAWING);
}

/* A place in the queue: what comes next, and our byte. */
struct place {
	enum { DRAW, MARK, QUEUE, ENTER } next;
	uint64_t byte;
};

/* Go on, to the end or to something to wait for: 0, or -1 with errno.  Whoever
   drew a number marks its byte before another one draws. */
static int
advance(int fd, struct place *p, bool wait)
{
	const int how = wait ? F_OFD_SETLKW : F_OFD_SETLK;

	if (p->next == DRAW) {
		if (lock_byte(fd, how, F_WRLCK, DRAWING) != 0)
			return (-1);
		p->byte = draw(fd);
		p->next = MARK;
	}
	if (p->next == MARK) {
		if (lock_byte(fd, how, F_WRLCK, p->byte) != 0)
			return (-1);
		lock_byte(fd, F_OFD_SETLK, F_UNLCK, DRAWING);
		p->next = QUEUE;
	}
	if (p->next == QUEUE) {
		if (lock_byte(fd, how, F_RDLCK, p->byte - 1) != 0)
			return (-1);
		p->next = ENTER;
	}
	return (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)));
}

/* Go on from ${p}, and wait for up to ${wait_ms}. */
static enum err
wait_at(int fd, struct place *p, int64_t wait_ms)
{
	timer_t timer;
	int rc, saved;

	/* A late tick of an earlier wait is delivered here, and must not
	   count. */
	mask_tick(SIG_UNBLOCK);
	passed = 0;
	if (!start(&timer, wait_ms)) {
		mask_tick(SIG_BLOCK);
		return (ERR_IO);
	}
	do {
		rc = advance(fd, p, true);
	} while (rc != 0 && errno == EINTR && !passed);
	saved = errno;
	timer_delete(timer);
	mask_tick(SIG_BLOCK);
	errno = saved;
	if (rc == 0)
		return (ERR_OK);
	return (saved == EINTR ? ERR_LEDGER : ERR_IO);
}

enum err
ledger_lock(int fd, int64_t wait_ms)
{
	struct place p = { .next = DRAW };
	enum err e;
	int saved;

	if (advance(fd, &p, false) == 0)
		return (ERR_OK);
	if (errno != EWOULDBLOCK && errno != EACCES)
		e = ERR_IO;
	else if (wait_ms <= 0)
		e = ERR_LEDGER;
	else
		e = wait_at(fd, &p, wait_ms);
	if (e != ERR_OK) {
		saved = errno;
		ledger_lock_leave(fd);
		errno = saved;
	}
	return (e);
}

/* The file first: the next one waits for our byte, and finds the file free. */
void
ledger_lock_leave(int fd)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	flock(fd, LOCK_UN);
	fcntl(fd, F_OFD_SETLK, &all);
}
