#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

/*
 * Linked in place of base/clock.c in the test build: time stands still at
 * FOLDERGATE_NOW, Unix seconds.
 */
int64_t
clock_now_ms(void)
{
	const char *s = getenv("FOLDERGATE_NOW");
	int64_t now;

	if (s == NULL || num_parse(s, strlen(s), 0, INT64_MAX / 1000, &now) !=
	    ERR_OK) {
		log_open("test", NULL);
		log_die("no_time", "FOLDERGATE_NOW must be Unix seconds");
	}
	return (now * 1000);
}
