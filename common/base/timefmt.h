#ifndef BASE_TIMEFMT_H_
#define BASE_TIMEFMT_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Times as text, always UTC.  ${t} is Unix seconds within years 1970 to 9999.
 * Other values are clamped.
 */
#define TIMEFMT_S_MAX INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */

#define TIMEFMT_ISO_MAX 25	/* 2026-11-22T15:17:11+00:00 */
#define TIMEFMT_ZULU_MAX 20	/* 2026-11-22T15:17:11Z */
#define TIMEFMT_AMZ_MAX 16	/* 20261122T151711Z */
#define TIMEFMT_DATE_MAX 8	/* 20261122 */

/**
 * timefmt_iso(t, out), timefmt_zulu(t, out), timefmt_amz(t, out),
 * timefmt_date(t, out):
 * Write ${t} in the form shown beside the sizes above.
 */
void timefmt_iso(int64_t t, char out[TIMEFMT_ISO_MAX + 1]);
void timefmt_zulu(int64_t t, char out[TIMEFMT_ZULU_MAX + 1]);
void timefmt_amz(int64_t t, char out[TIMEFMT_AMZ_MAX + 1]);
void timefmt_date(int64_t t, char out[TIMEFMT_DATE_MAX + 1]);

/**
 * timefmt_days(year, month, day):
 * Return the days from 1970-01-01 to this date of 1970 or later.
 */
int64_t timefmt_days(int64_t year, int64_t month, int64_t day);

#define TIMEFMT_HTTP_LEN 29	/* Sun, 06 Nov 1994 08:49:37 GMT */

/**
 * timefmt_http(t, out), timefmt_http_read(s, len, t):
 * Write ${t} as HTTP's header Date has it.  Read such a value.
 *   Shape   IMF-fixdate and nothing else: these letters, one blank each, the
 *	     weekday of that date, and not before 1970
 *   Errors  ERR_FORMAT, ${t} untouched
 *   Source  RFC 9110, section 5.6.7
 */
void timefmt_http(int64_t t, char out[TIMEFMT_HTTP_LEN + 1]);
CHECKED enum err timefmt_http_read(const char *s, size_t len, int64_t *t);

#endif /* !BASE_TIMEFMT_H_ */
