#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sink.h"
#include "base/trusted.h"

#define PATH_SIZE 4096

static struct {
	int fd;
	char path[PATH_SIZE];
	struct stat st;			/* of the open file */
	bool torn;			/* its last line is cut */
	bool fails;			/* reported */
	const char *why;
	struct sockaddr_un daemon;
} sink = { .fd = -1 };

/* A line has been written to standard error.  Say once why. */
static void
report(void)
{

	if (sink.fails)
		return;
	sink.fails = true;
	LOG(LOG_WARN, "log_not_written", LOG_S("path", sink.path),
	    LOG_S("reason", sink.why));
}

static void
close_fd(void)
{

	if (sink.fd != -1)
		close(sink.fd);
	sink.fd = -1;
}

/* Open the file, unless the open one still has its name. */
static bool
follow(void)
{
	struct stat st;

	if (sink.fd != -1 && (lstat(sink.path, &st) != 0 ||
	    st.st_dev != sink.st.st_dev || st.st_ino != sink.st.st_ino))
		close_fd();
	if (sink.fd != -1)
		return (true);
	sink.torn = false;
	sink.fd = trusted_open(sink.path, TRUSTED_OWN, O_WRONLY | O_APPEND |
	    O_CREAT, &sink.st, &sink.why);
	if (sink.fd == -1)
		return (false);

	/* We have just made it. */
	if (sink.st.st_size == 0 && (sink.st.st_mode & 07777) == 0600)
		(void)fchmod(sink.fd, 0640);
	return (true);
}

static bool
append(const char *line, size_t len)
{
	ssize_t n;

	/* A cut line must not spoil the next one. */
	if (sink.torn && write(sink.fd, "\n", 1) == 1)
		sink.torn = false;
	n = write(sink.fd, line, len);
	if (n >= 0 && (size_t)n == len)
		return (true);
	sink.torn |= n > 0;
	sink.why = n < 0 ? strerror(errno) : "no room";
	return (false);
}

static bool
to_file(enum log_level level, const char *program, const char *line, size_t len)
{

	(void)level;
	(void)program;
	if (follow() && append(line, len)) {
		sink.fails = false;
		return (true);
	}
	return (false);
}

/* Facility daemon, and the severities of RFC 3164. */
#define FACILITY (3 << 3)

static bool
to_syslog(enum log_level level, const char *program, const char *line,
    size_t len)
{
	static const int severity[] = { 6, 4, 3 };
	char head[96];
	int n = snprintf(head, sizeof(head), "<%d>%.60s[%d]: ",
	    FACILITY | severity[level], program, (int)getpid());
	struct iovec part[2] = { { head, (size_t)n },
	    { (void *)(uintptr_t)line, len - 1 } };
	struct msghdr m = { .msg_name = &sink.daemon,
	    .msg_namelen = sizeof(sink.daemon), .msg_iov = part,
	    .msg_iovlen = 2 };

	/* A daemon that does not read must not stop a request. */
	if (sendmsg(sink.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) != -1) {
		sink.fails = false;
		return (true);
	}
	sink.why = strerror(errno);
	return (false);
}

void
sink_file(const char *path)
{

	sink_close();
	snprintf(sink.path, sizeof(sink.path), "%s", path);
	log_sink(to_file, report);
}

enum err
sink_syslog(const char *path)
{

	sink_close();
	snprintf(sink.path, sizeof(sink.path), "%s", path);
	sink.daemon.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sink.daemon.sun_path))
		return (ERR_IO);
	memcpy(sink.daemon.sun_path, path, strlen(path) + 1);
	sink.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sink.fd == -1)
		return (ERR_IO);
	log_sink(to_syslog, report);
	return (ERR_OK);
}

void
sink_close(void)
{

	close_fd();
	sink.torn = sink.fails = false;
	log_sink(NULL, NULL);
}
