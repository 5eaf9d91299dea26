#include <sys/file.h>
#include <sys/timerfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/file.h"
#include "base/trusted.h"

void
audit_file_init(struct audit_file *f, const char *path, const char *suffix,
    int flags)
{

	snprintf(f->path, sizeof(f->path), "%s%s", path, suffix);
	f->flags = flags;
	f->fd = -1;
	f->opened = 0;
}

void
audit_file_close(struct audit_file *f)
{

	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}

bool
audit_file_follow(struct audit_file *f)
{
	const char *why;
	struct stat st;

	if (f->fd != -1 && (lstat(f->path, &st) != 0 ||
	    st.st_dev != f->st.st_dev || st.st_ino != f->st.st_ino))
		audit_file_close(f);
	if (f->fd == -1) {
		f->fd = trusted_open(f->path, TRUSTED_OWN, f->flags | O_RDWR |
		    O_CREAT, &st, &why);
		if (f->fd == -1)
			return (false);
		f->opened++;
	}
	f->st = st;
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 && st.st_nlink < 2)
		return (true);
	audit_file_close(f);
	errno = EPERM;
	return (false);
}

/* A lock on a file that has lost its name is worthless: return 0 and try
   again. */
static int
try_lock(struct audit_file *f)
{
	const unsigned opened = f->opened;

	if (f->fd != -1 && flock(f->fd, LOCK_EX | LOCK_NB) != 0)
		return (errno == EWOULDBLOCK || errno == EINTR ? 0 : -1);
	if (!audit_file_follow(f))
		return (-1);
	return (f->opened == opened);
}

/*
 * Poll instead of waiting in flock().  Waiting would need a signal to end it,
 * and signals belong to web/transport.  The lock is held for about 20 us of a
 * request's life, so a process that tries 1,000 times in 200 ms gets it.  The
 * timer is the deadline: no clock is read, and sleeps that take too long do
 * not add up.
 */
#define PAUSE_NS 200000

static int
wait_lock(struct audit_file *f, int64_t wait_ms)
{
	const struct itimerspec until = { .it_value = {
	    wait_ms / 1000, wait_ms % 1000 * 1000000 } };
	const struct timespec pause = { 0, PAUSE_NS };
	struct pollfd timer = { .events = POLLIN };
	int rc = -1;

	timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (timer.fd == -1)
		return (-1);
	if (timerfd_settime(timer.fd, 0, &until, NULL) == 0) {
		while ((rc = try_lock(f)) == 0 &&
		    ppoll(&timer, 1, &pause, NULL) != 1)
			continue;
	}
	close(timer.fd);
	return (rc);
}

int
audit_file_lock(struct audit_file *f, int64_t wait_ms)
{
	const int rc = try_lock(f);

	return (rc != 0 ? rc : wait_lock(f, wait_ms));
}

void
audit_file_unlock(struct audit_file *f)
{

	flock(f->fd, LOCK_UN);
}
