#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "net/asker.h"
#include "net/asker_wire.h"
#include "net/http.h"

/* The keeper waits this long before it makes the process again. */
#define AGAIN_NS 100000000

/* The process ends a request by itself.  This much later it has hung. */
#define LATE_S 1

/* Answers to earlier questions that are skipped. */
#define LATE_MAX 16

struct asker {
	int fd;			/* -1: lost */
	pid_t pid;		/* of the keeper or the process; 0: none */
	enum asker_sandbox sandbox;
	uint32_t id;
	bool *lost;		/* the caller's */
	bool hung;		/* it did not answer in time */
	struct asker_answer answer;	/* the last one */
};

static const struct asker_answer no_answer = {
	.fault = NET_OTHER, .date_s = -1
};

/* End with the process that made this one. */
static void
follow(pid_t maker)
{

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    getppid() != maker)
		_exit(1);
}

/* Signals that stop the program must not stop its request, so they are ignored
   here.  The program's descriptors belong to its web server. */
static void
leave_program(void)
{
	static const int theirs[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP };
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		signal(theirs[i], SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null == -1) {
		/* Without /dev, sockets may take their places. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
	} else {
		if (dup2(null, STDIN_FILENO) == -1 ||
		    dup2(null, STDOUT_FILENO) == -1)
			_exit(1);
		close(null);
	}
	secret_wipe_env();
}

/* Make the process again whenever it dies.  It ends with status 0 when the
   program has closed its end. */
static _Noreturn void
keep(int fd)
{
	const struct timespec again = { 0, AGAIN_NS };
	const pid_t self = getpid();
	int status;
	pid_t pid;

	for (;;) {
		if ((pid = fork()) == -1)
			_exit(1);
		if (pid == 0) {
			follow(self);
			_exit(asker_wire_serve(fd));
		}
		while (waitpid(pid, &status, 0) == -1) {
			if (errno != EINTR)
				_exit(1);
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			_exit(0);
		if (send(fd, &no_answer, sizeof(no_answer),
		    MSG_NOSIGNAL) == -1)
			_exit(1);
		(void)nanosleep(&again, NULL);
	}
}

struct asker *
asker_over(int fd, bool *lost)
{
	struct asker *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		log_die("out_of_memory", "asker");
	a->fd = fd;
	a->lost = lost;
	a->answer = no_answer;
	return (a);
}

struct asker *
asker_new(bool keeps, bool *lost)
{
	const pid_t self = getpid();
	struct asker *a;
	int fd[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0 ||
	    (pid = fork()) == -1)
		log_die("asker", strerror(errno));
	if (pid == 0) {
		follow(self);
		close(fd[0]);
		leave_program();
		if (keeps)
			keep(fd[1]);
		_exit(asker_wire_serve(fd[1]));
	}
	close(fd[1]);
	a = asker_over(fd[0], lost);
	a->pid = pid;
	return (a);
}

void
asker_free(struct asker *a)
{

	if (a == NULL)
		return;
	if (a->fd != -1)
		close(a->fd);

	/* One that hangs ends with this program. */
	if (a->pid != 0 && !a->hung)
		(void)waitpid(a->pid, NULL, 0);
	free(a);
}

void
asker_limit(struct asker *a, enum asker_sandbox sandbox)
{

	a->sandbox = sandbox;
}

/* It is gone, or what it says cannot be true. */
static enum err
lose(struct asker *a, const char *reason)
{

	LOG(LOG_ERROR, "asker_lost", LOG_S("reason", reason));
	if (a->fd != -1)
		close(a->fd);
	a->fd = -1;
	*a->lost = true;
	return (ERR_IO);
}

/* Forget what came after its time. */
static void
forget_late(struct asker *a)
{
	struct asker_answer late;
	int i;

	for (i = 0; i < LATE_MAX; i++) {
		if (recv(a->fd, &late, sizeof(late), MSG_DONTWAIT) <= 0)
			return;
	}
}

static enum err
send_question(struct asker *a, const char *url,
    const struct http_limits *limits)
{
	static struct asker_question q;
	const size_t url_len = strlen(url);
	const struct timeval wait = { limits->total_s + LATE_S, 0 };
	size_t len = ASKER_QUESTION_LEN(url_len);

	if (a->fd == -1 || url_len > ASKER_URL_MAX)
		return (ERR_IO);
	if (setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &wait,
	    sizeof(wait)) != 0)
		return (lose(a, strerror(errno)));
	forget_late(a);
	q.id = ++a->id != 0 ? a->id : ++a->id;
	q.sandbox = a->sandbox;
	q.total_s = (uint32_t)limits->total_s;
	q.max_bytes = (uint32_t)limits->max_bytes;
	memcpy(q.url, url, url_len + 1);
	if (send(a->fd, &q, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		return (lose(a, "it is gone"));
	return (ERR_OK);
}

/* Receive the answer to the last question. */
static enum err
receive(struct asker *a, struct asker_answer *answer)
{
	ssize_t n;
	int i;

	for (i = 0; i < LATE_MAX; i++) {
		n = recv(a->fd, answer, sizeof(*answer), MSG_TRUNC);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return (lose(a, "it is gone"));
		if (n < 0) {
			a->hung = true;
			return (ERR_IO);
		}
		if (!asker_wire_answer(answer, (size_t)n))
			return (lose(a, "it gave an answer that cannot be"));
		if (answer->id == 0 || answer->id == a->id)
			return (ERR_OK);
	}
	return (lose(a, "it gives answers to no question"));
}

enum err
asker_head(struct asker *a, const char *url, const struct http_limits *limits,
    int *status, bool *etag)
{
	struct asker_answer answer;
	enum err e;

	*status = 0;
	*etag = false;
	a->answer = no_answer;
	if ((e = send_question(a, url, limits)) != ERR_OK ||
	    (e = receive(a, &answer)) != ERR_OK)
		return (e);
	a->answer = answer;
	if (answer.fault != NET_FINE)
		return (ERR_IO);
	*status = (int)answer.status;
	*etag = answer.etag != 0;
	return (ERR_OK);
}

enum net_fault
asker_fault(const struct asker *a)
{

	return ((enum net_fault)a->answer.fault);
}

int64_t
asker_date(const struct asker *a)
{

	return (a->answer.date_s);
}
