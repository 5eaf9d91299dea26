/* An endpoint that reaches, on purpose, for the thing that REACHES names, at
   the file or for the port that TARGET names.  Its answer is 200 only if it got
   there; else 500. */

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/io_uring.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "web/endpoint.h"
#include "web/program.h"

struct response {
	bool got;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, got, EMIT_FLAG, NULL, "It got there"),
	EMIT_END
};

static const char *target;

static bool
runs_a_shell(void)
{

	return (system("exit 0") == 0);
}

static bool
replaces_itself(void)
{

	/* On success the shell gives the answer of this program. */
	execl("/bin/sh", "sh", "-c", "printf 'Status: 200 OK\\r\\n"
	    "Content-Type: application/json\\r\\nContent-Length: 12\\r\\n"
	    "Cache-Control: no-store\\r\\nX-Content-Type-Options: nosniff\\r\\n"
	    "Referrer-Policy: no-referrer\\r\\nContent-Security-Policy: "
	    "default-src \\047none\\047; frame-ancestors "
	    "\\047none\\047\\r\\n"
	    "X-Request-ID: aaaaaaaaaaaaaaaaaaaa\\r\\n\\r\\n{\"got\":true}'",
	    (char *)NULL);
	return (false);
}

static bool
forks(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return (pid > 0 && waitpid(pid, NULL, 0) == pid);
}

static void *
nothing(void *p)
{

	return (p);
}

static bool
starts_a_thread(void)
{
	pthread_t t;

	return (pthread_create(&t, NULL, nothing, NULL) == 0 &&
	    pthread_join(t, NULL) == 0);
}

static bool
opens(int flags)
{
	const int fd = open(target, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		return (false);
	close(fd);
	return (true);
}

static bool
reads(void)
{

	return (opens(O_RDONLY));
}

static bool
writes(void)
{

	return (opens(O_WRONLY));
}

static bool
creates(void)
{

	return (opens(O_WRONLY | O_CREAT | O_EXCL) && unlink(target) == 0);
}

static bool
renames(void)
{
	char to[4096];

	snprintf(to, sizeof(to), "%s.new", target);
	return (rename(target, to) == 0 && rename(to, target) == 0);
}

static bool
makes_a_socket(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return (false);
	close(fd);
	return (true);
}

static bool
connects(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons((uint16_t)strtol(target, NULL, 10));
	return (fd != -1 && connect(fd, (struct sockaddr *)&to, sizeof(to)) ==
	    0 && close(fd) == 0);
}

static bool
listens(void)
{
	struct sockaddr_in on = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return (fd != -1 && bind(fd, (struct sockaddr *)&on, sizeof(on)) ==
	    0 && listen(fd, 1) == 0);
}

static bool
traces(void)
{

	return (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

static bool
makes_a_namespace(void)
{

	return (unshare(CLONE_NEWUSER) == 0);
}

static bool
makes_a_ring(void)
{
	struct io_uring_params p = { .flags = 0 };

	return (syscall(SYS_io_uring_setup, 1, &p) >= 0);
}

static bool
signals_another(void)
{

	return (kill(getppid(), 0) == 0);
}

static bool
makes_code(void)
{

	return (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static const struct {
	const char *name;
	bool (*try)(void);
} things[] = {
	{ "system", runs_a_shell }, { "exec", replaces_itself },
	{ "fork", forks }, { "thread", starts_a_thread },
	{ "read", reads }, { "write", writes }, { "create", creates },
	{ "rename", renames }, { "socket", makes_a_socket },
	{ "connect", connects }, { "listen", listens }, { "ptrace", traces },
	{ "namespace", makes_a_namespace }, { "ring", makes_a_ring },
	{ "kill", signals_another }, { "code", makes_code },
};

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	const char *name = getenv("REACHES");
	struct response *o = out;
	size_t i;

	(void)w;
	(void)in;
	(void)p;
	target = getenv("TARGET");
	for (i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		if (name != NULL && strcmp(name, things[i].name) == 0)
			o->got = things[i].try();
	}
	return (o->got ? ERR_OK : ERR_INTERNAL);
}

int
main(void)
{
	/* readyz's: all that any endpoint has. */
	static const struct need *const all[] = {
		&need_bucket, &need_keyring, &need_identity, &need_index,
		&need_ready, NULL
	};
	static const struct need *const few[] = { &need_identity, NULL };
	static const struct need *const none[] = { NULL };
	const char *needs = getenv("NEEDS");
	const struct endpoint ep = {
		.path = "/reaches", .method = "GET",
		.summary = "Reaches for what it does not need",
		.needs = needs == NULL ? none : strcmp(needs, "all") == 0 ?
		    all : few,
		.response = response_fields,
		.response_size = sizeof(struct response), .vend = vend,
	};

	return (program_main(&ep));
}
