#include <stdio.h>

#include "base/timefmt.h"

struct civil {
	unsigned year, month, day, hour, minute, second;
};

/* Days since 1970 to a date: Howard Hinnant, "chrono-compatible low-level
   date algorithms", civil_from_days, for eras from 1970 on. */
static struct civil
civil_at(int64_t t)
{
	struct civil c;
	unsigned days, sec, era, doe, yoe, doy, mp;

	t = t < 0 ? 0 : t > TIMEFMT_S_MAX ? TIMEFMT_S_MAX : t;
	days = (unsigned)(t / 86400) + 719468;
	sec = (unsigned)(t % 86400);
	era = days / 146097;
	doe = days % 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = doy - (153 * mp + 2) / 5 + 1;
	c.month = mp < 10 ? mp + 3 : mp - 9;
	c.year = yoe + era * 400 + (c.month <= 2);
	c.hour = sec / 3600;
	c.minute = sec / 60 % 60;
	c.second = sec % 60;

	/* The values are within these bounds already.  The compiler's
	   format check needs them. */
	c.year %= 10000;
	c.month %= 100;
	c.day %= 100;
	return (c);
}

void
timefmt_iso(int64_t t, char out[TIMEFMT_ISO_MAX + 1])
{
	struct civil c = civil_at(t);

	snprintf(out, TIMEFMT_ISO_MAX + 1,
	    "%04u-%02u-%02uT%02u:%02u:%02u+00:00", c.year, c.month, c.day,
	    c.hour, c.minute, c.second);
}

void
timefmt_zulu(int64_t t, char out[TIMEFMT_ZULU_MAX + 1])
{
	struct civil c = civil_at(t);

	snprintf(out, TIMEFMT_ZULU_MAX + 1, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    c.year, c.month, c.day, c.hour, c.minute, c.second);
}

void
timefmt_amz(int64_t t, char out[TIMEFMT_AMZ_MAX + 1])
{
	struct civil c = civil_at(t);

	snprintf(out, TIMEFMT_AMZ_MAX + 1, "%04u%02u%02uT%02u%02u%02uZ",
	    c.year, c.month, c.day, c.hour, c.minute, c.second);
}

void
timefmt_date(int64_t t, char out[TIMEFMT_DATE_MAX + 1])
{
	struct civil c = civil_at(t);

	snprintf(out, TIMEFMT_DATE_MAX + 1, "%04u%02u%02u", c.year, c.month,
	    c.day);
}
