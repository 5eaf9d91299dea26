#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/log.h"
#include "base/num.h"
#include "web/transport.h"

/* The most bytes that are drained of a body that is too large. */
#define DRAIN_MAX (64u << 20)

extern char **environ;

struct transport {
	bool cgi;
	bool served;		/* CGI: its one request has been taken */
	FCGX_Request f;
	sigset_t idle;		/* the mask while we wait: stopping allowed */
};

/*
 * The deadline.  Soft: signals interrupt a blocking read until the program
 * notices.  Hard: the process logs a line and dies.
 */
static volatile sig_atomic_t deadline_hard, deadline_passed;

static void
on_alarm(int sig)
{
	static const char line[] = "{\"level\":\"error\",\"event\":"
	    "\"deadline\",\"advice\":\"a request hung and was ended\"}\n";
	ssize_t n;

	(void)sig;
	deadline_passed = 1;
	if (deadline_hard) {
		n = write(STDERR_FILENO, line, sizeof(line) - 1);
		(void)n;
		_exit(1);
	}
}

static void
deadline_clear(void)
{
	static const struct itimerval off;

	setitimer(ITIMER_REAL, &off, NULL);
}

static void
deadline_set(long seconds, bool hard)
{
	struct itimerval it = { { 0, 100000 }, { seconds, 0 } };

	/* A late tick of the last deadline must not count for this one. */
	deadline_clear();
	deadline_hard = hard;
	deadline_passed = 0;
	setitimer(ITIMER_REAL, &it, NULL);
}

static volatile sig_atomic_t stop;

static void
on_stop(int sig)
{

	(void)sig;
	stop = 1;
}

static const int stop_signals[] = { SIGTERM, SIGINT, SIGUSR1 };
#define STOP_SIGNALS (sizeof(stop_signals) / sizeof(stop_signals[0]))

/* Hold back the signals that stop the program. t->idle is the mask that
   lets them in. */
static void
hold_signals(struct transport *t)
{
	struct sigaction sa;
	sigset_t held;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_stop;
	sigemptyset(&held);
	for (i = 0; i < STOP_SIGNALS; i++) {
		sigaddset(&held, stop_signals[i]);
		sigaction(stop_signals[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &held, &t->idle);
	for (i = 0; i < STOP_SIGNALS; i++)
		sigdelset(&t->idle, stop_signals[i]);
}

/* ppoll() delivers no signal while connections are waiting, so ask for
   pending signals as well. */
static bool
told_to_stop(void)
{
	sigset_t pending;
	size_t i;

	sigpending(&pending);
	for (i = 0; i < STOP_SIGNALS; i++) {
		if (sigismember(&pending, stop_signals[i]))
			return (true);
	}
	return (stop);
}

/* FCGX_IsCGI() would run FCGX_Init(), which takes SIGTERM, so check here.
   A variable may be inherited, but a listening socket is certain. */
static bool
is_cgi(void)
{
	socklen_t len = sizeof(int);
	int listens = 0;

	return (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens,
	    &len) != 0 || listens == 0);
}

struct transport *
transport_open(void)
{
	struct transport *t;
	struct sigaction sa;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		log_die("out_of_memory", "transport");
	t->cgi = is_cgi();
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_alarm;	/* no SA_RESTART: reads stop */
	sigaction(SIGALRM, &sa, NULL);
	if (t->cgi)
		return (t);

	/* Several processes poll this socket.  The losers must not block in
	   accept(). */
	hold_signals(t);
	if (fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) |
	    O_NONBLOCK) != 0 || FCGX_Init() != 0 ||
	    FCGX_InitRequest(&t->f, STDIN_FILENO, 0) != 0)
		log_die("no_listening_socket", strerror(errno));
	return (t);
}

bool
transport_by_hand(const struct transport *t)
{

	return (t->cgi && getenv("GATEWAY_INTERFACE") == NULL &&
	    getenv("REQUEST_METHOD") == NULL);
}

bool
transport_is_cgi(const struct transport *t)
{

	return (t->cgi);
}

static bool
next_fcgi(struct transport *t)
{
	struct pollfd p = { .events = POLLIN };
	int rc;

	while (!told_to_stop()) {
		p.fd = t->f.ipcFd >= 0 ? t->f.ipcFd : STDIN_FILENO;
		if (ppoll(&p, 1, NULL, &t->idle) < 0 || told_to_stop())
			continue;
		deadline_set(TRANSPORT_HEAD_S, false);
		rc = FCGX_Accept_r(&t->f);
		deadline_clear();
		if (rc == 0 && FCGX_GetError(t->f.in) == 0) {
			deadline_set(TRANSPORT_TOTAL_S, true);
			return (true);
		}

		/* The parameters were cut short. libfcgi would serve them
		   as complete. */
		if (rc == 0)
			FCGX_Finish_r(&t->f);
		else if (rc != -EAGAIN && rc != -EINTR && rc != -ECONNABORTED)
			log_die("accept", rc > -9000 ? strerror(-rc) :
			    "libfcgi");
	}
	return (false);
}

bool
transport_next(struct transport *t)
{

	if (!t->cgi)
		return (next_fcgi(t));
	if (t->served)
		return (false);
	t->served = true;
	deadline_set(TRANSPORT_TOTAL_S, true);
	return (true);
}

char *const *
transport_env(const struct transport *t)
{

	return (t->cgi ? environ : t->f.envp);
}

/* Read up to n bytes.  Return 0 at the end, -1 if the connection broke or
   time is up. */
static ssize_t
read_some(struct transport *t, char *out, size_t n)
{
	ssize_t r;
	int got;

	if (!t->cgi) {
		got = FCGX_GetStr(out, (int)n, t->f.in);
		return (got > 0 || FCGX_GetError(t->f.in) == 0 ? got : -1);
	}
	do {
		r = read(STDIN_FILENO, out, n);
	} while (r < 0 && errno == EINTR && !deadline_passed);
	return (r);
}

/* Some web servers read the answer only after their body has been taken. */
static void
drain(struct transport *t, uint64_t left)
{
	char scrap[8192];
	ssize_t r;

	left = left < DRAIN_MAX ? left : DRAIN_MAX;
	while (left > 0) {
		r = read_some(t, scrap, left < sizeof(scrap) ? (size_t)left :
		    sizeof(scrap));
		if (r <= 0 || deadline_passed)
			return;
		left -= (uint64_t)r;
	}
}

/* The most bytes to read.  One more than allowed shows that the body is too
   large, but a CGI program must not read past the announced length. */
static size_t
read_limit(const struct transport *t, bool announced, int64_t want,
    int64_t max)
{

	if (t->cgi && !announced &&
	    getenv("HTTP_TRANSFER_ENCODING") == NULL)
		return (0);
	if (t->cgi && announced && want <= max)
		return ((size_t)want);
	return ((size_t)max + 1);
}

static enum err
read_body(struct transport *t, bool announced, int64_t want, int64_t max,
    char *body, size_t *len)
{
	size_t limit = read_limit(t, announced, want, max);
	ssize_t r;

	for (*len = 0; *len < limit; *len += (size_t)r) {
		r = read_some(t, body + *len, limit - *len);
		if (deadline_passed)
			return (ERR_BODY_TIMEOUT);
		if (r < 0)
			return (ERR_IO);
		if (r == 0)
			break;
	}
	if (*len > (size_t)max || (announced && want > max)) {
		drain(t, announced && t->cgi ? (uint64_t)want - *len :
		    UINT64_MAX);
		return (ERR_TOO_LARGE);
	}
	return (announced && (size_t)want != *len ? ERR_BODY : ERR_OK);
}

enum err
transport_body(struct transport *t, const char *content_length, size_t max,
    char body[TRANSPORT_BODY_MAX + 1], size_t *len)
{
	bool announced = content_length != NULL && content_length[0] != '\0';
	int64_t want = 0;
	enum err e;

	*len = 0;

	/* Some FastCGI servers send -1 for an unknown length. */
	if (announced && !t->cgi && strcmp(content_length, "-1") == 0)
		announced = false;
	deadline_set(TRANSPORT_BODY_S, false);
	if (announced && (content_length[0] == '-' ||
	    num_parse(content_length, strlen(content_length), 0, INT64_MAX,
	    &want) != ERR_OK)) {
		drain(t, UINT64_MAX);
		e = ERR_BODY;
	} else {
		e = read_body(t, announced, want, (int64_t)max, body, len);
	}
	deadline_set(TRANSPORT_TOTAL_S, true);
	return (e);
}

void
transport_drain(struct transport *t)
{

	if (!t->cgi)
		return;
	deadline_set(TRANSPORT_BODY_S, false);
	drain(t, UINT64_MAX);
	deadline_set(TRANSPORT_TOTAL_S, true);
}

void
transport_send(struct transport *t, const char *data, size_t len)
{
	ssize_t r;

	/* A peer that has left is no error, since nothing was kept for it. */
	if (!t->cgi) {
		(void)FCGX_PutStr(data, (int)len, t->f.out);
		return;
	}
	while (len > 0) {
		r = write(STDOUT_FILENO, data, len);
		if (r < 0 && errno != EINTR)
			return;
		if (r > 0) {
			data += r;
			len -= (size_t)r;
		}
	}
}

void
transport_finish(struct transport *t)
{

	if (!t->cgi)
		FCGX_Finish_r(&t->f);
	deadline_clear();
}

void
transport_close(struct transport *t)
{

	if (!t->cgi)
		FCGX_Free(&t->f, 1);
	free(t);
}
