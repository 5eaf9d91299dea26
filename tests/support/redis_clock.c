#include <sys/mman.h>
#include <sys/time.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * Preloaded into a Redis: its time is the number of milliseconds in the first
 * 8 bytes of the file REDIS_CLOCK, which tests change while it runs; 0: that of
 * the machine.
 */
static const volatile int64_t *
shared(void)
{
	static const volatile int64_t none, *map;
	const char *path = getenv("REDIS_CLOCK");
	void *p;
	int fd;

	if (map != NULL)
		return (map);
	map = &none;
	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (map);
	p = mmap(NULL, sizeof(*map), PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		map = p;
	close(fd);
	return (map);
}

int
gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	const int64_t ms = *shared();
	struct timespec ts;

	(void)tz;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ms != 0 ? (time_t)(ms / 1000) : ts.tv_sec;
	tv->tv_usec = ms != 0 ? (suseconds_t)(ms % 1000 * 1000) :
	    (suseconds_t)(ts.tv_nsec / 1000);
	return (0);
}
