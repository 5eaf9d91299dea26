/* A row of foldergate doctor: are the installed programs of one version? */

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/clock.h"
#include "doctor.h"

/* A program that prints its version ends at once. */
#define WAIT_MS 1000

#define LINE_LEN_MAX 100

/* The programs that are installed beside this one, and print a version. */
static const char *const programs[] = { "chain-sync", "bucket-sync" };

/* The path of a program beside this one. */
static bool
beside_us(const char *name, char path[PATH_MAX + 1])
{
	const ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n <= 0)
		return (false);
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL ||
	    (size_t)(slash + 1 - path) + strlen(name) > PATH_MAX)
		return (false);
	memcpy(slash + 1, name, strlen(name) + 1);
	return (access(path, X_OK) == 0);
}

static void
run(const char *path, int out)
{
	char *const environment[] = { NULL };
	char *const argv[] = { (char *)(uintptr_t)path,
	    (char *)(uintptr_t)"--version", NULL };
	const int null = open("/dev/null", O_RDWR);

	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1)
		_exit(127);
	execve(path, argv, environment);
	_exit(127);
}

/* Read up to the first newline, or until it takes too long. */
static void
read_line(int fd, char line[LINE_LEN_MAX + 1])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const int64_t end_ms = clock_tick_ms() + WAIT_MS;
	int64_t left;
	size_t len = 0;
	ssize_t n;

	while (len < LINE_LEN_MAX && memchr(line, '\n', len) == NULL &&
	    (left = end_ms - clock_tick_ms()) > 0) {
		if (poll(&p, 1, (int)left) <= 0 ||
		    (n = read(fd, line + len, LINE_LEN_MAX - len)) <= 0)
			break;
		len += (size_t)n;
	}
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* What the program prints of itself; false: it cannot be run. */
static bool
ask(const char *path, char line[LINE_LEN_MAX + 1])
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return (false);
	(void)fflush(stdout);
	if ((child = fork()) == 0)
		run(path, fds[1]);
	close(fds[1]);
	if (child != -1) {
		read_line(fds[0], line);
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	close(fds[0]);
	return (child != -1 && line[0] != '\0');
}

void
doctor_versions(struct doctor *d)
{
	struct ready_found f = { .code = "version",
	    .what = "the installed programs", .warns = true };
	char path[PATH_MAX + 1], line[LINE_LEN_MAX + 1], want[LINE_LEN_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (!beside_us(programs[i], path) || !ask(path, line))
			continue;
		snprintf(want, sizeof(want), "%s %s", programs[i],
		    build_version);
		if (strcmp(line, want) == 0)
			continue;
		snprintf(f.reason, sizeof(f.reason), "%s is here, and "
		    "foldergate %.60s", line, build_version);
		snprintf(f.path, sizeof(f.path), "%.*s", READY_PATH_MAX, path);
		doctor_mend(d, &f, "apt-get install --only-upgrade foldergate "
		    "foldergate-client || make install");
		return;
	}
	doctor_fine(d, f.code, f.what, "%s", build_version);
}
