#include <stdio.h>
#include <string.h>

#include "base/num.h"
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

/* Howard Hinnant, as above, days_from_civil. */
int64_t
timefmt_days(int64_t year, int64_t month, int64_t day)
{
	int64_t era, yoe, doy;

	year -= month <= 2;
	era = year / 400;
	yoe = year - era * 400;
	doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return (era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468);
}

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void
timefmt_http(int64_t t, char out[TIMEFMT_HTTP_LEN + 1])
{
	static const char weekdays[] = "ThuFriSatSunMonTueWed";
	struct civil c = civil_at(t);

	t = t < 0 ? 0 : t > TIMEFMT_S_MAX ? TIMEFMT_S_MAX : t;
	snprintf(out, TIMEFMT_HTTP_LEN + 1,
	    "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
	    weekdays + 3 * (t / 86400 % 7), c.day,
	    months + 3 * ((c.month + 11) % 12), c.year, c.hour, c.minute,
	    c.second);
}

enum err
timefmt_http_read(const char *s, size_t len, int64_t *t)
{
	static const struct {
		size_t at, len;
		int64_t min, max;
	} parts[] = {
		{ 5, 2, 1, 31 }, { 12, 4, 1970, 9999 }, { 17, 2, 0, 23 },
		{ 20, 2, 0, 59 }, { 23, 2, 0, 59 }
	};
	char same[TIMEFMT_HTTP_LEN + 1];
	int64_t v[5], month = 0, found;
	size_t i;

	if (len != TIMEFMT_HTTP_LEN)
		return (ERR_FORMAT);
	for (i = 0; i < 5; i++) {
		if (num_parse(s + parts[i].at, parts[i].len, parts[i].min,
		    parts[i].max, &v[i]) != ERR_OK)
			return (ERR_FORMAT);
	}
	while (month < 12 && memcmp(months + 3 * month, s + 8, 3) != 0)
		month++;
	if (month == 12)
		return (ERR_FORMAT);
	found = timefmt_days(v[1], month + 1, v[0]) * 86400 + v[2] * 3600 +
	    v[3] * 60 + v[4];

	/* There is one way to write a time.  This checks all other bytes. */
	timefmt_http(found, same);
	if (memcmp(same, s, len) != 0)
		return (ERR_FORMAT);
	*t = found;
	return (ERR_OK);
}
