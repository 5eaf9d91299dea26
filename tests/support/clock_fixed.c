#include <sys/mman.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

/*
 * Linked in place of base/clock.c in the test build: time stands still at
 * FOLDERGATE_NOW, Unix seconds, or the path of a file that holds them, read at
 * every look; the machine was started at FOLDERGATE_BOOT, or in 1970.  The
 * files are mapped before main(), since the sandbox would refuse them later, so
 * a test writes into them and does not replace them.
 */
static const char *mapped[2];

static void
map(const char *name, const char **to)
{
	const char *path = getenv(name);
	int fd;
	void *p;

	if (path == NULL || path[0] != '/' ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return;
	p = mmap(NULL, 32, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		*to = p;
}

__attribute__((constructor)) static void
map_both(void)
{

	map("FOLDERGATE_NOW", &mapped[0]);
	map("FOLDERGATE_BOOT", &mapped[1]);
}

/* The digits in a file.  What follows them in its page is zero. */
static const char *
content(const char *in)
{
	static char text[20 + 1];

	if (in == NULL)
		return (NULL);
	memcpy(text, in, sizeof(text) - 1);
	return (text);
}

static int64_t
variable(const char *name, const char *in, const char *fallback)
{
	const char *s = getenv(name);
	int64_t t;

	if (s == NULL)
		s = fallback;
	if (s != NULL && s[0] == '/')
		s = content(in);
	if (s == NULL || num_parse(s, strlen(s), 0, INT64_MAX / 1000, &t) !=
	    ERR_OK) {
		log_open("test", NULL);
		log_die("no_time", name);
	}
	return (t * 1000);
}

int64_t
clock_now_ms(void)
{

	return (variable("FOLDERGATE_NOW", mapped[0], NULL));
}

int64_t
clock_boot_ms(void)
{

	return (variable("FOLDERGATE_BOOT", mapped[1], "0"));
}

/* Another FOLDERGATE_BOOT is another boot; a file of that name is one whose time
   changes because the clock is set. */
const char *
clock_boot_id(void)
{
	const char *s = getenv("FOLDERGATE_BOOT");

	return (s != NULL ? s : "0");
}

int64_t
clock_run_us(void)
{

	return (0);
}

/* Waiting takes its time in tests, too. */
int64_t
clock_tick_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}
