#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"

/* A failed write must report an error instead of ending the program. */
static const int ignored[] = { SIGPIPE, SIGXFSZ };

/*
 * A blocked signal stays blocked across exec(), and an ignored one stays
 * ignored. nohup ignores SIGHUP for the program that it starts.
 */
static void
signals_reset(void)
{
	struct sigaction sa, old;
	sigset_t none;
	size_t i;
	int sig;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = SIG_DFL;
	for (sig = 1; sig <= SIGRTMAX; sig++) {
		if (sig != SIGHUP && sigaction(sig, NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			sigaction(sig, &sa, NULL);
	}
	sa.sa_handler = SIG_IGN;
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* An alarm set before exec() still fires. */
static void
timers_reset(void)
{
	static const struct itimerval off;

	setitimer(ITIMER_REAL, &off, NULL);
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	setitimer(ITIMER_PROF, &off, NULL);
}

void
process_harden(void)
{
	struct rlimit none = { 0, 0 };

	/* Stop the timers before a pending signal is let in. */
	timers_reset();
	signals_reset();
	umask(S_IRWXG | S_IRWXO);
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		LOG(LOG_WARN, "not_hardened", LOG_I("errno", errno));
}

void
process_alone(void)
{

	/* An old kernel lacks this call, and the descriptors stay open. */
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
}

void
process_warn_root(void)
{

	if (geteuid() == 0)
		LOG(LOG_WARN, "started_as_root", LOG_S("advice",
		    "run it as a user of its own: root is not needed"));
}
