#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "state/metrics.h"
#include "terminal.h"
#include "top_line.h"
#include "top_sample.h"

#define GAP 2

/* Two dots, and so many signs at the end of a text without its middle. */
#define TAIL 4

/* --- lines --------------------------------------------------------------- */

void
top_line_begin(struct top_line *l, char *out, size_t size, size_t width,
    bool color)
{

	*l = (struct top_line){ out, size, 0, 0, width, color };
	out[0] = '\0';
}

/* Append bytes that take no column. */
static void
code(struct top_line *l, const char *sgr)
{
	const size_t n = strlen(sgr);

	memcpy(l->out + l->len, sgr, n + 1);
	l->len += n;
}

void
top_line_put(struct top_line *l, const char *sgr, const char *text)
{
	const size_t ends = strlen(TERMINAL_PLAIN);
	const size_t begins = sgr != NULL && l->color ? strlen(sgr) : 0;
	size_t n;

	/* The code that ends the colour must fit, too. */
	if (l->len + begins + ends >= l->size || l->columns >= l->width)
		return;
	n = l->size - 1 - l->len - begins - ends;
	if (n > l->width - l->columns)
		n = l->width - l->columns;
	if (begins > 0)
		code(l, sgr);
	for (; *text != '\0' && n > 0; text++, n--) {
		l->out[l->len++] = *text >= ' ' && *text <= '~' ? *text : '?';
		l->columns++;
	}
	l->out[l->len] = '\0';
	if (begins > 0)
		code(l, TERMINAL_PLAIN);
}

void
top_line_pad(struct top_line *l, size_t columns)
{

	while (l->columns < columns && l->columns < l->width &&
	    l->len + strlen(TERMINAL_PLAIN) + 1 < l->size)
		top_line_put(l, NULL, " ");
}

/* --- columns ------------------------------------------------------------- */

void
top_table_fit(struct top_table *t, const struct top_column *column, size_t n,
    size_t width)
{
	size_t used = 0, least, i;

	t->column = column;
	t->n = n;
	for (i = 0; i < n; i++) {
		t->width[i] = column[i].width;
		used += column[i].width + (i > 0 ? GAP : 0);
	}
	while (used > width) {
		least = 0;
		for (i = 1; i < n; i++) {
			if (t->width[i] > 0 && (least == 0 ||
			    column[i].worth < column[least].worth))
				least = i;
		}
		if (least == 0)
			break;
		used -= t->width[least] + GAP;
		t->width[least] = 0;
	}
	if (width > used)
		t->width[0] += width - used;
	if (t->width[0] > column[0].most)
		t->width[0] = column[0].most;
}

/* Write ${text} in at most ${width} signs, with its end. */
static void
shorten(const char *text, size_t width, char *out, size_t size)
{
	const size_t len = strlen(text);

	if (width >= size)
		width = size - 1;
	if (len <= width || width < 2 * TAIL + 2)
		snprintf(out, size, "%.*s", (int)width, text);
	else
		snprintf(out, size, "%.*s..%s", (int)(width - TAIL - 2), text,
		    text + len - TAIL);
}

void
top_table_row(const struct top_table *t, struct top_line *l, const char *sgr,
    const char *const *cell)
{
	char text[256];
	size_t i, at = 0;

	for (i = 0; i < t->n; i++) {
		if (t->width[i] == 0)
			continue;
		if (i > 0)
			at += GAP;
		if (t->column[i].left)
			shorten(cell[i], t->width[i], text, sizeof(text));
		else
			snprintf(text, sizeof(text), "%s", cell[i]);
		if (!t->column[i].left && strlen(text) < t->width[i])
			top_line_pad(l, at + t->width[i] - strlen(text));
		else
			top_line_pad(l, at);
		top_line_put(l, sgr, text);
		at += t->width[i];
	}
}

/* --- numbers ------------------------------------------------------------- */

/* Three digits and a unit. */
static void
scaled(double n, char out[TOP_WORD_MAX + 1])
{
	static const char units[] = " kMGTPEZ";
	size_t i = 0;

	while (n >= 999.5 && units[i + 1] != '\0') {
		n /= 1000;
		i++;
	}
	if (n > 999)
		n = 999;
	snprintf(out, TOP_WORD_MAX + 1, n < 9.995 ? "%.2f%c" : n < 99.95 ?
	    "%.1f%c" : "%.0f%c", n, units[i]);
}

void
top_line_count(uint64_t n, bool exact, char out[TOP_WORD_MAX + 1])
{

	if (exact || n < 100000)
		snprintf(out, TOP_WORD_MAX + 1, "%" PRIu64, n);
	else
		scaled((double)n, out);
}

void
top_line_rate(double rate, char out[TOP_WORD_MAX + 1])
{

	if (rate >= 99999.5)
		scaled(rate, out);
	else
		snprintf(out, TOP_WORD_MAX + 1, rate < 9.995 ? "%.2f" :
		    rate < 99.95 ? "%.1f" : "%.0f", rate);
}

void
top_line_time(int64_t us, char out[TOP_WORD_MAX + 1])
{
	const double s = (double)us / 1000000;

	if (us == TOP_NO_TIME)
		snprintf(out, TOP_WORD_MAX + 1, "-");
	else if (us == TOP_LONG_TIME)
		snprintf(out, TOP_WORD_MAX + 1, ">%" PRId64 "s",
		    metrics_bucket_us[METRICS_BUCKETS - 1] / 1000000);
	else if (us < 1000)
		snprintf(out, TOP_WORD_MAX + 1, "%" PRId64 "us", us);
	else if (us < 9950)
		snprintf(out, TOP_WORD_MAX + 1, "%.1fms", s * 1000);
	else if (us < 999500)
		snprintf(out, TOP_WORD_MAX + 1, "%.0fms", s * 1000);
	else if (us < 99950000)
		snprintf(out, TOP_WORD_MAX + 1, "%.1fs", s);
	else if (us < INT64_C(9999000000))
		snprintf(out, TOP_WORD_MAX + 1, "%.0fs", s);
	else
		snprintf(out, TOP_WORD_MAX + 1, ">9999");
}

void
top_line_age(int64_t s, char out[TOP_WORD_MAX + 1])
{

	if (s >= 2 * 86400)
		snprintf(out, TOP_WORD_MAX + 1, "%" PRId64 " d", s / 86400);
	else if (s >= 2 * 3600)
		snprintf(out, TOP_WORD_MAX + 1, "%" PRId64 " h", s / 3600);
	else if (s >= 120)
		snprintf(out, TOP_WORD_MAX + 1, "%" PRId64 " min", s / 60);
	else
		snprintf(out, TOP_WORD_MAX + 1, "%" PRId64 " s", s);
}
