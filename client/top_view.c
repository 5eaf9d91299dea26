#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/build.h"
#include "base/timefmt.h"
#include "terminal.h"
#include "top_layout.h"

/* The width of a view that is plain, for its first lines. */
#define PLAIN_WIDTH 100

/* A bar shorter than this tells nothing. */
#define BAR_MIN 10

/* With fewer lines, the last one is not given to the list of keys to press. */
#define FOOT_ROWS_MIN 10

/* --- lines --------------------------------------------------------------- */

void
top_layout_line(struct top_layout *l)
{
	struct top_view *v = l->v;

	if (v->n < TOP_VIEW_LINES)
		v->n++;
	top_line_begin(&l->line, v->line[v->n - 1], TOP_VIEW_TEXT + 1,
	    l->look->plain ? TOP_VIEW_TEXT : l->width, l->look->color);
}

void
top_layout_part(struct top_layout *l, const char *sgr, const char *text)
{

	if (l->line.columns > 0 &&
	    l->line.columns + 2 + strlen(text) > l->width)
		top_layout_line(l);
	if (l->line.columns > 0)
		top_line_put(&l->line, NULL, "  ");
	top_line_put(&l->line, sgr, text);
}

int
top_layout_percent(double n, double most)
{

	return (most <= 0 || n <= 0 ? 0 : n >= most ? 100 :
	    (int)(n * 100 / most));
}

/* --- the first lines ----------------------------------------------------- */

static void
show_title(struct top_layout *l)
{
	char text[TOP_LAYOUT_PART_MAX], word[TOP_WORD_MAX + 1],
	    when[TIMEFMT_ISO_MAX + 1];

	top_layout_line(l);
	snprintf(text, sizeof(text), "foldergate %.40s", build_version);
	top_layout_part(l, TERMINAL_BOLD, text);
	if (l->s->missing == NULL && l->s->born_s > 0 &&
	    l->s->born_s <= l->f->now_s) {
		top_line_age(l->f->now_s - l->s->born_s, word);
		snprintf(text, sizeof(text), "counting for %s", word);
		top_layout_part(l, NULL, text);
	}
	timefmt_iso(l->f->now_s, when);
	top_layout_part(l, NULL, when);
	if (l->look->paused)
		top_layout_part(l, TERMINAL_REVERSE, "paused");
	else if (l->look->interval_s > 0) {
		snprintf(text, sizeof(text), l->look->plain ?
		    "rates of %" PRId64 " s" : "every %" PRId64 " s",
		    l->look->interval_s);
		top_layout_part(l, NULL, text);
	}
}

static void
show_snapshot(struct top_layout *l)
{
	const struct top_facts *f = l->f;
	char text[TOP_LAYOUT_PART_MAX], age[TOP_WORD_MAX + 1],
	    limit[TOP_WORD_MAX + 1];

	if (!f->has_snapshot) {
		top_layout_part(l, TERMINAL_RED, "no snapshot");
	} else {
		snprintf(text, sizeof(text), "snapshot of block %" PRIu64,
		    f->block);
		top_layout_part(l, NULL, text);
		top_line_age(f->snapshot_age_s, age);
		top_line_age(f->snapshot_limit_s, limit);
		snprintf(text, sizeof(text), "%s old of %s", age, limit);
		top_layout_part(l, f->snapshot_age_s < 0 ||
		    f->snapshot_age_s > f->snapshot_limit_s ? TERMINAL_RED :
		    f->snapshot_age_s > f->snapshot_limit_s / 4 * 3 ?
		    TERMINAL_YELLOW : NULL, text);
		snprintf(text, sizeof(text), "%" PRIu32 " hotkeys",
		    f->hotkeys);
		top_layout_part(l, NULL, text);
	}
	if (f->has_index) {
		top_line_age(f->index_age_s, age);
		snprintf(text, sizeof(text), "index %s old", age);
	} else {
		snprintf(text, sizeof(text), "no index");
	}
	top_layout_part(l, f->has_index ? NULL : TERMINAL_YELLOW, text);
}

static void
show_state(struct top_layout *l)
{
	const struct top_change *c = l->c;
	char text[TOP_LAYOUT_PART_MAX];

	top_layout_line(l);
	show_snapshot(l);
	snprintf(text, sizeof(text), "ledger in %s%s", l->f->ledger,
	    l->f->ledger_up ? "" : " cannot be read");
	top_layout_part(l, l->f->ledger_up ? NULL : TERMINAL_RED, text);
	if (l->s->missing != NULL) {
		snprintf(text, sizeof(text), "no counts: %.60s",
		    l->s->missing);
		top_layout_part(l, TERMINAL_RED, text);
		return;
	}
	snprintf(text, sizeof(text), "%u processes", c->confined + c->open);
	top_layout_part(l, NULL, text);
	if (c->open > 0) {
		snprintf(text, sizeof(text), "%u without sandbox", c->open);
		top_layout_part(l, TERMINAL_YELLOW, text);
	}
}

static void
show_count(struct top_layout *l, const char *name,
    const struct top_count *count, bool is_bad)
{
	const struct top_change *c = l->c;
	char rate[TOP_WORD_MAX + 1] = "-", total[TOP_WORD_MAX + 1],
	    text[TOP_LAYOUT_PART_MAX], bar[TERMINAL_BAR_TEXT + 1];
	size_t room;

	if (c->has_rates)
		top_line_rate(count->rate, rate);
	top_line_count(count->total, l->look->plain, total);
	top_layout_line(l);
	snprintf(text, sizeof(text), "%-13s %7s/s %*s", name, rate,
	    l->look->plain ? 20 : 8, total);
	top_line_put(&l->line, is_bad && count->rate > 0 ? TERMINAL_RED : NULL,
	    text);
	if (l->look->plain || l->width < l->line.columns + 4 + BAR_MIN)
		return;
	room = l->width - l->line.columns - 4;
	terminal_bar(bar, room < TERMINAL_BAR_MAX ? room : TERMINAL_BAR_MAX,
	    c->has_rates ? top_layout_percent(count->rate, l->look->peak) :
	    top_layout_percent((double)count->total,
	    (double)c->requests.total), false);
	top_line_put(&l->line, NULL, "  ");
	top_line_put(&l->line, is_bad ? TERMINAL_YELLOW : TERMINAL_GREEN, bar);
}

static void
show_counts(struct top_layout *l)
{
	const struct top_change *c = l->c;

	top_layout_line(l);
	show_count(l, "requests", &c->requests, false);
	show_count(l, "grants", &c->grants, false);
	show_count(l, "verifications", &c->verified, false);
	show_count(l, "refusals", &c->refusals, true);
	show_count(l, "errors", &c->errors, true);
}

/* --- help and foot ------------------------------------------------------- */

static void
show_help(struct top_layout *l)
{
	static const char *const help[] = {
		"q      quit",
		"r e l  sort by requests, errors, latency",
		"j k    scroll the tables; also the arrows",
		"p      pause; again: go on",
		"+ -    a longer, a shorter interval",
		"h      close this help",
		"",
		"Rates are those of the interval, other",
		"numbers those since the counts began.",
		"MEAN and 95% are times of the interval.",
	};
	size_t i;

	top_layout_line(l);
	for (i = 0; i < sizeof(help) / sizeof(help[0]); i++) {
		top_layout_line(l);
		top_line_put(&l->line, NULL, help[i]);
	}
}

static void
show_foot(struct top_layout *l)
{
	static const char *const keys[] = {
		"q quit", "h help", "r requests", "e errors", "l latency",
		"p pause", "j k scroll", "+ - interval"
	};
	char text[TOP_VIEW_WIDTH_MAX + 1] = "";
	size_t i, len = 0;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (len + 2 + strlen(keys[i]) > l->width)
			break;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%s", i > 0 ? "  " : "", keys[i]);
	}
	top_layout_line(l);
	top_line_put(&l->line, TERMINAL_REVERSE, text);
}

/* Keep the first ${head} lines, and of the others those that have room after
   some are scrolled away. */
static void
fit(struct top_layout *l, size_t head)
{
	struct top_view *v = l->v;
	const bool has_foot = l->look->height >= FOOT_ROWS_MIN;
	size_t rows = l->look->height, skip, rest;

	if (rows > TOP_VIEW_LINES)
		rows = TOP_VIEW_LINES;
	rows -= has_foot;
	v->skip_most = 0;
	if (v->n > rows && head < rows)
		v->skip_most = v->n - rows;
	skip = l->look->skip < v->skip_most ? l->look->skip : v->skip_most;
	if (skip > 0) {
		rest = v->n - head - skip;
		memmove(v->line[head], v->line[head + skip],
		    rest * sizeof(v->line[0]));
		v->n -= skip;
	}
	if (v->n > rows)
		v->n = rows;
	if (!has_foot)
		return;
	while (v->n < rows)
		top_layout_line(l);
	show_foot(l);
}

void
top_view_make(struct top_view *v, const struct top_look *look,
    const struct top_sample *s, const struct top_change *c,
    const struct top_facts *f)
{
	struct top_layout l = { .v = v, .look = look, .s = s, .c = c, .f = f };
	size_t head;

	v->n = v->skip_most = 0;
	l.width = look->plain ? PLAIN_WIDTH : look->width < 1 ? 1 :
	    look->width > TOP_VIEW_WIDTH_MAX ? TOP_VIEW_WIDTH_MAX :
	    look->width;
	show_title(&l);
	show_state(&l);
	if (s->missing == NULL)
		show_counts(&l);
	head = v->n;
	if (look->help) {
		show_help(&l);
	} else {
		if (s->missing == NULL)
			top_tables_counted(&l);
		top_tables_keys(&l);
	}
	if (!look->plain)
		fit(&l, head);
}
