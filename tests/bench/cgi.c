/*
 * Run a CGI program once for each file of a directory, which is its body, some
 * of them at once.  Prints a line: the number of runs, of answers that are no
 * 200, CPU time in us for each, the largest resident set in kB, and the time in
 * ms that half of them and the slowest took.
 *
 * usage: cgi AT_ONCE DIRECTORY PROGRAM
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE_MAX 256
#define RUNS_MAX 100000
#define OK "Status: 200 "

static struct run {
	pid_t pid;		/* 0: none */
	int out;
	double start_us;
} running[AT_ONCE_MAX];

static size_t runs, refused;
static double cpu_us, took_us[RUNS_MAX];
static long rss_kb;

static void
die(const char *what)
{

	perror(what);
	exit(1);
}

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3);
}

/* The answer fits into the pipe, so nobody needs to read it before the end. */
static void
start(struct run *r, const char *body, const char *program)
{
	char length[24];
	struct stat st;
	int in, p[2];

	if ((in = open(body, O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(in, &st) != 0 || pipe2(p, O_CLOEXEC) != 0)
		die(body);
	snprintf(length, sizeof(length), "%lld", (long long)st.st_size);
	setenv("CONTENT_LENGTH", length, 1);
	r->out = p[0];
	r->start_us = now_us();
	if ((r->pid = fork()) == 0) {
		dup2(in, STDIN_FILENO);
		dup2(p[1], STDOUT_FILENO);
		execl(program, program, (char *)NULL);
		die(program);
	}
	close(in);
	close(p[1]);
}

/* Wait for one to end, and count it. */
static struct run *
finish(size_t at_once)
{
	struct run *r = running;
	char head[sizeof(OK) - 1];
	struct rusage u;
	int status;
	pid_t pid;

	if ((pid = wait4(-1, &status, 0, &u)) == -1)
		die("wait4");
	while (r->pid != pid && r < &running[at_once - 1])
		r++;
	took_us[runs++] = now_us() - r->start_us;
	if (read(r->out, head, sizeof(head)) != (ssize_t)sizeof(head) ||
	    memcmp(head, OK, sizeof(head)) != 0 || status != 0)
		refused++;
	cpu_us += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	rss_kb = u.ru_maxrss > rss_kb ? u.ru_maxrss : rss_kb;
	close(r->out);
	r->pid = 0;
	return (r);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

int
main(int argc, char **argv)
{
	size_t at_once, n = 0;
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (argc != 4 || (at_once = strtoul(argv[1], NULL, 10)) < 1 ||
	    at_once > AT_ONCE_MAX)
		return (2);
	if ((d = opendir(argv[2])) == NULL)
		die(argv[2]);
	while ((e = readdir(d)) != NULL && n < RUNS_MAX) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[2], e->d_name);
		start(n < at_once ? &running[n] : finish(at_once), path,
		    argv[3]);
		n++;
	}
	closedir(d);
	while (runs < n)
		finish(at_once);
	if (n == 0)
		return (1);
	qsort(took_us, n, sizeof(took_us[0]), by_size);
	printf("%zu %zu %.0f %ld %.1f %.1f\n", n, refused, cpu_us / (double)n,
	    rss_kb, took_us[n / 2] / 1e3, took_us[n - 1] / 1e3);
	return (0);
}
