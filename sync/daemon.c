#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/build.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/skew.h"
#include "base/timefmt.h"
#include "base/trusted.h"
#include "daemon.h"
#include "state/seen.h"

/* The wait after a first failure.  It doubles with each one, up to the
   interval. */
#define BACKOFF_FIRST_S 5

/* A temporary file of this age belongs to a writer that was killed. */
#define LEFT_BEHIND_S 60

/* A status file is one line, with a sentence for each of several endpoints. */
#define STATUS_MAX 8192

volatile sig_atomic_t daemon_stop;

static void
on_stop(int sig)
{

	(void)sig;
	daemon_stop = 1;
}

/* Name a file in the state directory.  A name that does not fit cannot be
   opened. */
static void
path_of(const struct daemon *d, const char *name, const char *suffix,
    char path[PATH_MAX])
{

	if (snprintf(path, PATH_MAX, "%s/%s%s", d->directory, name, suffix) >=
	    PATH_MAX)
		path[0] = '\0';
}

bool
daemon_asked(int argc, char **argv, const char *name, const char *usage,
    enum daemon_status *status)
{

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		fputs(usage, stdout);
	else if (argc == 2 && strcmp(argv[1], "--version") == 0)
		printf("%s %s\n", name, build_version);
	else
		return (false);
	*status = DAEMON_OK;
	if (fflush(stdout) != 0) {
		fprintf(stderr, "%s: standard output cannot be written\n",
		    name);
		*status = DAEMON_WRITE;
	}
	return (true);
}

enum daemon_status
daemon_lock(const struct daemon *d)
{
	char path[PATH_MAX];
	const char *why;
	struct stat st;
	int fd;

	path_of(d, d->name, ".lock", path);
	if (path[0] == '\0')
		return (DAEMON_USAGE);

	/* Never closed, since the lock ends with the process.  Only the
	   directory's owner can open it, and so hold it. */
	fd = trusted_open(path, TRUSTED_OWN, O_RDWR | O_CREAT, &st, &why);
	if (fd != -1 && fchmod(fd, 0600) != 0) {
		why = strerror(errno);
		close(fd);
		fd = -1;
	}
	if (fd == -1) {
		LOG(LOG_ERROR, "not_locked", LOG_S("path", path),
		    LOG_S("reason", why));
		return (DAEMON_WRITE);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return (DAEMON_OK);
	LOG(LOG_ERROR, "already_running", LOG_S("path", path));
	close(fd);
	return (DAEMON_BUSY);
}

void
daemon_signals(void)
{
	struct sigaction sa;

	/* Without SA_RESTART, a signal interrupts waits. */
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_stop;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}

/* Only this program, and people by hand, write these files. */
static void
sweep(const struct daemon *d)
{
	const int64_t before_s = clock_now_ms() / 1000 - LEFT_BEHIND_S;
	char path[PATH_MAX];

	path_of(d, d->keeps, "", path);
	file_sweep(path, before_s);
	path_of(d, d->name, ".status", path);
	file_sweep(path, before_s);
	path_of(d, d->name, ".seen", path);
	file_sweep(path, before_s);
}

void
daemon_note(struct daemon *d, enum daemon_status status, const char *members,
    const char *reason)
{
	char path[PATH_MAX], text[STATUS_MAX], when[TIMEFMT_ISO_MAX + 1];
	struct buf b;

	d->failures = status == DAEMON_OK ? 0 : d->failures + 1;
	timefmt_iso(clock_now_ms() / 1000, when);
	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, "{\"at\":\"%s\",\"ok\":%s,%s,\"failures\":%u,"
	    "\"reason\":", when, status == DAEMON_OK ? "true" : "false",
	    members, d->failures);
	if (status == DAEMON_OK)
		buf_str(&b, "null");
	else
		buf_json(&b, reason, strlen(reason));
	buf_str(&b, "}\n");
	path_of(d, d->name, ".status", path);
	if (buf_end(&b) == ERR_OK && path[0] != '\0' &&
	    file_replace(path, text, b.len, 0640) != ERR_OK) {
		/* No file is better than one with an old status. */
		LOG(LOG_WARN, "status_not_written", LOG_S("path", path));
		unlink(path);
	}
}

void
daemon_seen(struct daemon *d, struct seen *seen)
{
	const bool off = skew_is_off(seen->skew_ms);
	char name[NAME_MAX + 1];

	seen->at_s = clock_now_ms() / 1000;
	snprintf(name, sizeof(name), "%s.seen", d->name);
	seen_write(d->directory, name, seen);
	if (off && !d->clock_off)
		LOG(LOG_WARN, "clock_off", LOG_I("seconds",
		    skew_seconds(seen->skew_ms)), LOG_S("reason",
		    seen->skew_ms > 0 ? "this machine's clock is behind" :
		    "this machine's clock is ahead"));
	else if (!off && d->clock_off)
		LOG(LOG_WARN, "clock_good_again", LOG_S("reason",
		    "the peers' clocks agree, or none is known"));
	d->clock_off = off;
}

/* The time until the next look: the interval, or less after failures, with
   a random part so that installations differ. */
static int64_t
pause_ms(const struct daemon *d, enum daemon_status last)
{
	int64_t most = d->interval_s * 1000, wait = most;
	uint16_t r = 0;

	if (last != DAEMON_OK && d->failures > 0 && d->failures < 20) {
		wait = INT64_C(1000) * BACKOFF_FIRST_S << (d->failures - 1);
		wait = wait < most ? wait : most;
	}
	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = 0;

	/* The last quarter is random. */
	return (wait - wait / 4 * r / UINT16_MAX);
}

static void
rest(int64_t ms)
{
	const struct timespec slice = { 0, 100000000 };

	for (; ms > 0 && !daemon_stop; ms -= 100)
		nanosleep(&slice, NULL);
}

enum daemon_status
daemon_run(struct daemon *d, bool once, enum daemon_status (*look)(void *),
    void *user)
{
	enum daemon_status status;

	do {
		sweep(d);
		status = look(user);
		if (!once && !daemon_stop)
			rest(pause_ms(d, status));
	} while (!once && !daemon_stop);
	return (once ? status : DAEMON_OK);
}
