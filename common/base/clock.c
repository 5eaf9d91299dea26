#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

int64_t
clock_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

int64_t
clock_boot_ms(void)
{
	struct timespec since;

	clock_gettime(CLOCK_BOOTTIME, &since);
	return (clock_now_ms() - (int64_t)since.tv_sec * 1000 -
	    since.tv_nsec / 1000000);
}

const char *
clock_boot_id(void)
{
	static char id[36 + 1];
	ssize_t len;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (id[0] == '\0' && fd != -1) {
		len = read(fd, id, sizeof(id) - 1);
		id[len > 0 ? len : 0] = '\0';
	}
	if (fd != -1)
		close(fd);
	return (id);
}

int64_t
clock_run_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

int64_t
clock_tick_ms(void)
{

	return (clock_run_us() / 1000);
}
