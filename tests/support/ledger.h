#ifndef TESTS_LEDGER_H_
#define TESTS_LEDGER_H_

/*
 * For the tests of ledger/ledger: a directory of its own for each test, a Redis
 * on a socket in it, the log in a file, and requests.  Time is a number.
 */
#include "test.h"
#include "tmpdir.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger.h"

#define NOW INT64_C(1795360631000)
#define DAY_MS INT64_C(86400000)
#define TODAY (NOW / DAY_MS)
#define REDIS "/usr/bin/redis-server"

static char dir[64], url[160], socket_path[100];
static pid_t redis_pid;

/* The clock of each Redis follows the requests', by so much ahead. */
static volatile int64_t *redis_clock;
static int64_t redis_ahead_ms;
static int saved_stderr;

static inline double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

static inline void
nap_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* The path of ${name} in the directory; good for the next three calls. */
static inline const char *
in_dir(const char *name)
{
	static char path[4][400];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return (path[i]);
}

static inline void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* How often ${text} is in the log so far. */
static inline int
logged(const char *text)
{
	static char all[65536];
	const char *s = all;
	ssize_t len;
	int fd, n = 0;

	fd = open(in_dir("log"), O_RDONLY);
	assert_int_not_equal(fd, -1);
	len = read(fd, all, sizeof(all) - 1);
	close(fd);
	all[len > 0 ? len : 0] = '\0';
	while ((s = strstr(s, text)) != NULL) {
		s += strlen(text);
		n++;
	}
	return (n);
}

/* Say one line to the Redis at the socket; the start of its answer, or NULL. */
static inline const char *
redis_say(const char *path, const char *line)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct timeval tv = { 5, 0 };
	static char answer[512];
	ssize_t n = -1;
	int fd;

	snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0) {
		dprintf(fd, "%s\r\n", line);
		n = recv(fd, answer, sizeof(answer) - 1, 0);
	}
	close(fd);
	if (n <= 0)
		return (NULL);
	answer[n] = '\0';
	return (answer);
}

/* Where the library is that reads redis_clock: beside the tests. */
static inline void
preload(char out[PATH_MAX + 40])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(len > 0);
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(out, PATH_MAX + 40, "%s/../test/redis_clock.so", self);
}

static inline void
redis_at(int64_t now_ms)
{

	if (redis_clock != NULL)
		*redis_clock = now_ms + redis_ahead_ms;
}

static inline void
make_redis_clock(void)
{
	int fd = open(in_dir("clock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p;

	assert_int_equal(ftruncate(fd, sizeof(*redis_clock)), 0);
	p = mmap(NULL, sizeof(*redis_clock), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	assert_true(p != MAP_FAILED);
	close(fd);
	redis_clock = p;
	redis_ahead_ms = 0;
}

/* Start a Redis on the socket ${path}, with up to two more arguments. */
static inline pid_t
redis_start(const char *path, const char *option, const char *value)
{
	char library[PATH_MAX + 40];
	const char *answer;
	pid_t pid;
	int i, null;

	preload(library);
	if ((pid = fork()) == 0) {
		setenv("LD_PRELOAD", library, 1);
		setenv("REDIS_CLOCK", in_dir("clock"), 1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execl(REDIS, REDIS, "--port", "0", "--unixsocket", path,
		    "--save", "", "--appendonly", "no", "--dir", dir,
		    "--enable-debug-command", "yes", option, value, NULL);
		_exit(1);
	}
	for (i = 0; i < 1000; i++) {
		answer = redis_say(path, "PING");
		if (answer != NULL && strncmp(answer, "-LOADING", 8) != 0)
			return (pid);
		nap_ms(10);
	}
	fail_msg("redis-server does not start");
	return (-1);
}

static inline void
redis_stop(pid_t *pid)
{

	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

static inline int
make_dir(void **state)
{
	int fd;

	(void)state;
	if (tmpdir_make_in("/tmp", dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(socket_path, sizeof(socket_path), "%s/redis", dir);
	url[0] = '\0';

	/* What is logged is looked at by the tests. */
	saved_stderr = dup(2);
	fd = open(in_dir("log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (saved_stderr == -1 || fd == -1 || dup2(fd, 2) == -1)
		return (-1);
	return (close(fd));
}

/* The same, and a Redis. */
static inline int
make_redis(void **state)
{

	if (make_dir(state) != 0)
		return (-1);
	if (access(REDIS, X_OK) != 0)
		return (0);
	make_redis_clock();
	redis_pid = redis_start(socket_path, NULL, NULL);
	snprintf(url, sizeof(url), "unix://%s", socket_path);
	return (0);
}

static inline int
remove_dir(void **state)
{

	(void)state;
	redis_stop(&redis_pid);
	if (redis_clock != NULL)
		munmap((void *)redis_clock, sizeof(*redis_clock));
	redis_clock = NULL;
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	return (tmpdir_clear(dir) == 0 ? rmdir(dir) : -1);
}

/* The ledger of this test's engine. */
static inline struct ledger *
opened(void)
{
	struct ledger_options o = { .directory = dir, .redis_url = url,
	    .redis_password_file = "", .wait_ms = 5000 };
	struct ledger *s;

	assert_int_equal(ledger_open(&o, &s), ERR_OK);
	return (s);
}

/* A replay key for each number. */
static inline const uint8_t *
key(int64_t n)
{
	static uint8_t k[LEDGER_KEY_LEN];

	memset(k, 0x80, sizeof(k));
	k[7] = 0;
	memcpy(k + 32, &n, sizeof(n));
	return (k);
}

/* A request of ${now_ms}, with replay key number ${n} (0: none) signed then. */
static inline struct ledger_request
request(int64_t n, int64_t signed_ms, int64_t now_ms)
{
	struct ledger_request r = { .replay_key = n != 0 ? key(n) : NULL,
	    .signed_at_ms = signed_ms, .now_ms = now_ms,
	    .day = now_ms / DAY_MS };

	redis_at(now_ms);
	return (r);
}

/* Admit what only has a replay key. */
static inline enum err
admit(struct ledger *s, int64_t n, int64_t signed_ms, int64_t now_ms)
{
	struct ledger_request r = request(n, signed_ms, now_ms);
	struct ledger_result out;

	return (ledger_admit(s, &r, &out));
}

/* Admit what is only counted. */
static inline enum err
spend(struct ledger *s, const char *name, int64_t limit, int64_t now_ms)
{
	struct ledger_counter c = { name, limit, false };
	struct ledger_request r = request(0, 0, now_ms);
	struct ledger_result out;

	r.counter = &c;
	r.counters = 1;
	return (ledger_admit(s, &r, &out));
}

/* A ledger that was born ten minutes ago. */
static inline struct ledger *
born(void)
{
	struct ledger *s = opened();

	assert_int_equal(admit(s, 1, NOW - 600000, NOW - 600000),
	    ERR_SIGNED_EARLY);
	return (s);
}

static inline void
add_used(void *user, const char *name, int64_t used)
{

	(void)name;
	*(int64_t *)user += used;
}

/* The sum of all counters of ${day} whose name starts with ${prefix}. */
static inline int64_t
used(struct ledger *s, int64_t day, const char *prefix)
{
	int64_t sum = 0;

	assert_int_equal(ledger_usage(s, day, prefix, add_used, &sum), ERR_OK);
	return (sum);
}

/* A test, or why there is none. */
static inline void
skip_redis(void **state)
{

	(void)state;
	print_message("# SKIP: no " REDIS "\n");
	skip();
}

#define IF_REDIS(test) (access(REDIS, X_OK) == 0 ? (test) : skip_redis)

#endif /* !TESTS_LEDGER_H_ */
