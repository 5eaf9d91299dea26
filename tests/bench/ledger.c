/*
 * Decisions of the ledger: how many a second, and how long one takes, for 1, 2
 * and 4 processes at once; beside the same loop around no ledger at all.  A
 * request has a replay key and three counters, and is never refused.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/ledger.h"

#define SECONDS 2.0
#define PROCESSES_MAX 4
#define SAMPLES_MAX 1000000
#define REDIS "/usr/bin/redis-server"

/* What a process measured, in memory that all share. */
struct samples {
	size_t n;
	float us[SAMPLES_MAX];
};

static struct samples *samples;
static char dir[64], url[128];

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3);
}

/* One decision; none if there is no ledger. */
static enum err
decide(struct ledger *s, int process, int64_t n)
{
	char own[64], coldkey[64];
	struct ledger_counter c[3] = { { own, INT64_MAX, false },
	    { coldkey, INT64_MAX, false }, { "upload", INT64_MAX, true } };
	struct ledger_request r = { .counter = c, .counters = 3, .free = 1 };
	uint8_t key[LEDGER_KEY_LEN] = { 0 };
	struct ledger_result out;

	snprintf(own, sizeof(own), "upload:hotkey:%d", (int)(n % 256));
	snprintf(coldkey, sizeof(coldkey), "upload:coldkey:%d", (int)(n % 32));
	key[0] = (uint8_t)(n * 167);
	memcpy(key + 1, &process, sizeof(process));
	memcpy(key + 8, &n, sizeof(n));
	r.now_ms = clock_now_ms();
	memcpy(key + 16, &r.now_ms, sizeof(r.now_ms));
	r.replay_key = key;
	r.signed_at_ms = r.now_ms + 30000;
	r.day = r.now_ms / 86400000;
	return (s == NULL ? ERR_OK : ledger_admit(s, &r, &out));
}

static void
work(const struct ledger_options *o, int process)
{
	struct samples *mine = &samples[process];
	double start, before, after;
	struct ledger *s = NULL;

	if (o != NULL && ledger_open(o, &s) != ERR_OK)
		_exit(1);
	(void)!decide(s, process, -1);		/* connects */
	after = start = now_us();
	while (mine->n < SAMPLES_MAX && after - start < SECONDS * 1e6) {
		before = now_us();
		if (decide(s, process, (int64_t)mine->n) != ERR_OK)
			_exit(1);
		after = now_us();
		mine->us[mine->n++] = (float)(after - before);
	}
	ledger_free(s);
	_exit(0);
}

static double
cpu_of(const struct rusage *r)
{

	return ((double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1e6 +
	    (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec));
}

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return ((x > y) - (x < y));
}

/* Run ${processes} at once and print a line of the table. */
static void
cell(const char *name, const struct ledger_options *o, int processes)
{
	double start, took, cpu_us = 0;
	struct rusage used;
	int i, status, failed = 0;
	size_t n = 0;
	float *all;

	for (i = 0; i < PROCESSES_MAX; i++)
		samples[i].n = 0;
	fflush(stdout);
	start = now_us();
	for (i = 0; i < processes; i++) {
		if (fork() == 0)
			work(o, i);
	}
	for (i = 0; i < processes; i++) {
		wait4(-1, &status, 0, &used);
		cpu_us += cpu_of(&used);
		failed += status != 0;
	}
	took = now_us() - start;

	if ((all = calloc(PROCESSES_MAX, sizeof(samples[0].us))) == NULL)
		exit(1);
	for (i = 0; i < processes; i++) {
		memcpy(all + n, samples[i].us, samples[i].n * sizeof(all[0]));
		n += samples[i].n;
	}
	if (name == NULL) {
		printf("%.0f\n", n == 0 ? 0 : cpu_us / (double)n);
	} else if (failed != 0 || n == 0) {
		printf("%-14s %9d  failed\n", name, processes);
	} else {
		qsort(all, n, sizeof(all[0]), by_size);
		printf("%-14s %9d %11.0f %9.1f %9.1f %9.1f %9.1f\n", name,
		    processes, (double)n / took * 1e6, (double)all[n / 2],
		    (double)all[n - 1 - n / 100],
		    (double)all[n - 1 - n / 1000], cpu_us / (double)n);
	}
	free(all);
}

static void
row(const char *name, const struct ledger_options *o)
{

	cell(name, o, 1);
	cell(name, o, 2);
	cell(name, o, 4);
}

static pid_t
start_redis(void)
{
	char path[100];
	pid_t pid;
	int i;

	snprintf(path, sizeof(path), "%s/redis", dir);
	snprintf(url, sizeof(url), "unix://%s", path);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(REDIS, REDIS, "--port", "0", "--unixsocket", path,
		    "--save", "", "--appendonly", "no", "--logfile",
		    "/dev/null", NULL);
		_exit(1);
	}
	for (i = 0; i < 500 && access(path, F_OK) != 0; i++)
		usleep(10000);
	return (pid);
}

/* "cpu": only what a decision of the local ledger costs, with two processes. */
int
main(int argc, char **argv)
{
	struct ledger_options o = { .directory = dir, .redis_url = "",
	    .redis_password_file = "", .wait_ms = 5000 };
	char command[100];
	pid_t pid;

	samples = mmap(NULL, PROCESSES_MAX * sizeof(*samples),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(dir, sizeof(dir), "/tmp/bench-ledger.XXXXXX");
	if (samples == MAP_FAILED || mkdtemp(dir) == NULL)
		return (1);
	if (argc == 2 && strcmp(argv[1], "cpu") == 0) {
		cell(NULL, &o, 2);
		goto out;
	}
	printf("ledger          processes   decisions/s   p50 us    p99 us"
	    "  p99.9 us    CPU us\n");
	row("none", NULL);
	row("local, NORMAL", &o);
	o.full_sync = true;
	row("local, FULL", &o);
	if (access(REDIS, X_OK) == 0) {
		pid = start_redis();
		o.redis_url = url;
		row("Redis, socket", &o);
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	} else {
		printf("SKIP: no " REDIS "\n");
	}
out:
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return (system(command) == 0 ? 0 : 1);
}
