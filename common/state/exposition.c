#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/build.h"
#include "state/exposition.h"

#define VALUES_MAX 8

static const struct {
	const char *name;
	const char *value[VALUES_MAX + 1];
} labels[METRICS_LABELS] = {
	[METRICS_LABEL_ENDPOINT] = { "endpoint", { NULL } },
#define LABEL(NAME, name, values)					\
	[METRICS_LABEL_##NAME] = { name, { values NULL } },
#define VALUE(LABEL_, NAME, text) text,
#include "state/metrics.def"
};

const char *
exposition_value(enum metrics_label label, unsigned i)
{

	return (i < VALUES_MAX ? labels[label].value[i] : NULL);
}

/* --- lines --------------------------------------------------------------- */

/* In help, a quote is not escaped. */
static void
escaped(struct buf *b, const char *text, bool quote)
{

	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buf_str(b, "\\n");
			continue;
		}
		if (*text == '\\' || (quote && *text == '"'))
			buf_char(b, '\\');
		buf_char(b, *text);
	}
}

void
exposition_head(const struct exposition *x, enum metrics_id id)
{
	static const char *const types[] = {
		[METRICS_COUNTER] = "counter",
		[METRICS_HISTOGRAM] = "histogram", [METRICS_GAUGE] = "gauge",
	};
	const struct metrics_family *f = &metrics_families[id];
	size_t n = strlen(f->name);

	/* In OpenMetrics the name of a counter is that without "_total". */
	if (x->open && f->type == METRICS_COUNTER)
		n -= strlen("_total");
	buf_str(x->b, "# HELP ");
	buf_add(x->b, f->name, n);
	buf_char(x->b, ' ');
	escaped(x->b, f->help, x->open);
	buf_str(x->b, "\n# TYPE ");
	buf_add(x->b, f->name, n);
	buf_fmt(x->b, " %s\n", types[f->type]);
}

void
exposition_end(const struct exposition *x)
{

	if (x->open)
		buf_str(x->b, "# EOF\n");
}

/* ${n}: labels written before, which becomes one more. */
static void
label(struct buf *b, int *n, const char *name, const char *value)
{

	buf_str(b, (*n)++ == 0 ? "{" : ",");
	buf_fmt(b, "%s=\"", name);
	escaped(b, value, true);
	buf_char(b, '"');
}

static void
start(const struct exposition *x, enum metrics_id id, const char *suffix,
    const char *a, const char *b, int *n)
{
	const struct metrics_family *f = &metrics_families[id];

	*n = 0;
	buf_fmt(x->b, "%s%s", f->name, suffix);
	if (a != NULL)
		label(x->b, n, labels[f->label[0]].name, a);
	if (b != NULL)
		label(x->b, n, labels[f->label[1]].name, b);
}

/* ${value} in units of 10^-${digits}. */
static void
decimal(struct buf *b, uint64_t value, int digits)
{
	uint64_t unit = 1, rest;
	int i;

	for (i = 0; i < digits; i++)
		unit *= 10;
	buf_fmt(b, "%" PRIu64, value / unit);
	if ((rest = value % unit) == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	buf_fmt(b, ".%0*" PRIu64, digits, rest);
}

static void
finish(const struct exposition *x, int n, uint64_t value, int digits)
{

	buf_str(x->b, n > 0 ? "} " : " ");
	decimal(x->b, value, digits);
	buf_char(x->b, '\n');
}

void
exposition_gauge(const struct exposition *x, enum metrics_id id, const char *a,
    const char *b, int64_t thousandths)
{
	int n;

	start(x, id, "", a, b, &n);
	buf_fmt(x->b, "%s %s", n > 0 ? "}" : "", thousandths < 0 ? "-" : "");
	decimal(x->b, thousandths < 0 ? -(uint64_t)thousandths :
	    (uint64_t)thousandths, 3);
	buf_char(x->b, '\n');
}

/* --- families ------------------------------------------------------------ */

/* Return the ${i}th value of the first label, "" for NONE, or NULL if there is
   none. */
static const char *
first_value(const struct metrics *m, enum metrics_label l, unsigned i)
{

	if (l == METRICS_LABEL_NONE)
		return (i == 0 ? "" : NULL);
	if (l == METRICS_LABEL_ENDPOINT)
		return (metrics_endpoint(m, i));
	return (exposition_value(l, i));
}

/* Was this status and code written for an error before ${e}? */
static bool
is_again(enum err e)
{
	int i;

	for (i = 0; i < (int)e; i++) {
		if (err_status((enum err)i) == err_status(e) &&
		    strcmp(err_code((enum err)i), err_code(e)) == 0)
			return (true);
	}
	return (false);
}

/* A counter that begins with its first event hides this event from increase(),
   so alerts need these at 0. */
static bool
is_watched(enum err e)
{
	static const enum err watched[] = {
		ERR_REPLAY, ERR_DENIED, ERR_LIMIT, ERR_COLDKEY_LIMIT,
		ERR_TOTAL_LIMIT, ERR_ADDRESS_LIMIT, ERR_INTERNAL
	};
	size_t i;

	for (i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		if (watched[i] == e)
			return (true);
	}
	return (false);
}

/* Several errors may be one to a client. */
static uint64_t
of_code(const struct metrics *m, enum metrics_id id, unsigned a, enum err e)
{
	uint64_t sum = 0;
	int i;

	for (i = (int)e; i < ERR_COUNT; i++) {
		if (err_status((enum err)i) == err_status(e) &&
		    strcmp(err_code((enum err)i), err_code(e)) == 0)
			sum += metrics_counted(m, id, a, (unsigned)i);
	}
	return (sum);
}

static void
errors(const struct exposition *x, const struct metrics *m,
    enum metrics_id id, const char *value, unsigned a)
{
	char status[12];
	struct buf b;
	uint64_t sum;
	int e, n;

	for (e = 0; e < ERR_COUNT; e++) {
		if (is_again((enum err)e))
			continue;
		sum = of_code(m, id, a, (enum err)e);
		if (sum == 0 && !is_watched((enum err)e))
			continue;
		buf_init(&b, status, sizeof(status));
		buf_int(&b, err_status((enum err)e));
		start(x, id, "", value, NULL, &n);
		label(x->b, &n, "status", status);
		label(x->b, &n, "code", err_code((enum err)e));
		finish(x, n, sum, 0);
	}
}

static void
counter(const struct exposition *x, const struct metrics *m,
    enum metrics_id id, const char *value, unsigned a)
{
	const struct metrics_family *f = &metrics_families[id];
	const char *second = "";
	unsigned b;
	int n;

	if (f->label[1] == METRICS_LABEL_ERROR) {
		errors(x, m, id, value, a);
		return;
	}
	for (b = 0; second != NULL; b++) {
		if (f->label[1] == METRICS_LABEL_NONE)
			second = b == 0 ? "" : NULL;
		else
			second = exposition_value(f->label[1], b);
		if (second == NULL || (metrics_counted(m, id, a, b) == 0 &&
		    f->label[0] == METRICS_LABEL_ENDPOINT))
			continue;
		start(x, id, "", *value != '\0' ? value : NULL,
		    *second != '\0' ? second : NULL, &n);
		finish(x, n, metrics_counted(m, id, a, b), 0);
	}
}

/* OpenMetrics wants a point in every bound, and 0.0.4 allows it. */
static void
bound_text(struct buf *b, uint64_t us)
{

	decimal(b, us, 6);
	if (us % 1000000 == 0)
		buf_str(b, ".0");
}

/* Buckets are written with all that are below them. */
static void
histogram(const struct exposition *x, const struct metrics *m,
    enum metrics_id id, const char *value, unsigned a)
{
	uint64_t in[METRICS_BUCKETS + 1], sum_us, count = 0;
	char bound[32];
	struct buf b;
	unsigned i;
	int n;

	sum_us = metrics_timed(m, id, a, in);
	if (*value == '\0')
		value = NULL;
	for (i = 0; i <= METRICS_BUCKETS; i++) {
		buf_init(&b, bound, sizeof(bound));
		if (i < METRICS_BUCKETS)
			bound_text(&b, (uint64_t)metrics_bucket_us[i]);
		else
			buf_str(&b, "+Inf");
		count += in[i];
		start(x, id, "_bucket", value, NULL, &n);
		label(x->b, &n, "le", bound);
		finish(x, n, count, 0);
	}
	start(x, id, "_sum", value, NULL, &n);
	finish(x, n, sum_us, 6);
	start(x, id, "_count", value, NULL, &n);
	finish(x, n, count, 0);
}

void
exposition_counted(const struct exposition *x, const struct metrics *m,
    enum metrics_id id)
{
	const struct metrics_family *f = &metrics_families[id];
	const char *value;
	unsigned a;

	exposition_head(x, id);
	for (a = 0; a < METRICS_ENDPOINTS; a++) {
		if ((value = first_value(m, f->label[0], a)) == NULL)
			continue;
		if (f->type == METRICS_HISTOGRAM)
			histogram(x, m, id, value, a);
		else
			counter(x, m, id, value, a);
	}
}
