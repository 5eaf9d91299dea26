#include <stdlib.h>

#include "base/skew.h"
#include "base/timefmt.h"

int64_t
skew_of(int64_t sent_ms, int64_t received_ms, int64_t date_s)
{
	int64_t first_ms, last_ms;

	if (date_s < 0 || date_s > TIMEFMT_S_MAX || received_ms < sent_ms)
		return (SKEW_UNKNOWN);
	first_ms = date_s * 1000;
	last_ms = first_ms + 999;
	if (first_ms > received_ms)
		return (first_ms - received_ms);
	if (last_ms < sent_ms)
		return (last_ms - sent_ms);
	return (0);
}

static int
by_value(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y ? -1 : x > y);
}

int64_t
skew_median(int64_t *skew, size_t n, size_t *known)
{
	int64_t low, high;
	size_t first = 0;

	/* SKEW_UNKNOWN is less than every other value. */
	if (n > 0)
		qsort(skew, n, sizeof(*skew), by_value);
	while (first < n && skew[first] == SKEW_UNKNOWN)
		first++;
	*known = n - first;
	if (2 * *known <= n)
		return (SKEW_UNKNOWN);
	low = skew[first + (*known - 1) / 2];
	high = skew[first + *known / 2];
	return (llabs(low) < llabs(high) ? low : high);
}

bool
skew_is_off(int64_t skew)
{

	return (skew != SKEW_UNKNOWN && llabs(skew) >= SKEW_OFF_MS);
}

int64_t
skew_seconds(int64_t skew)
{

	return ((llabs(skew) + 999) / 1000);
}
