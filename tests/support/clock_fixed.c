#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

/*
 * Linked in place of base/clock.c in the test build: time stands still at
 * FOLDERGATE_NOW, Unix seconds, or the path of a file that holds them, read at
 * every look; the machine was started at FOLDERGATE_BOOT, or in 1970.
 */

static const char *
content(const char *path)
{
	static char text[20 + 1];
	FILE *f;

	if ((f = fopen(path, "re")) == NULL)
		return (NULL);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return (text);
}

static int64_t
variable(const char *name, const char *fallback)
{
	const char *s = getenv(name);
	int64_t t;

	if (s == NULL)
		s = fallback;
	if (s != NULL && s[0] == '/')
		s = content(s);
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

	return (variable("FOLDERGATE_NOW", NULL));
}

int64_t
clock_boot_ms(void)
{

	return (variable("FOLDERGATE_BOOT", "0"));
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
