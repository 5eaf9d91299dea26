#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/build.h"
#include "base/timefmt.h"
#include "terminal.h"
#include "top_line.h"
#include "top_view.h"

/* The width of a view that is plain, for its first lines. */
#define PLAIN_WIDTH 100

/* A bar shorter than this tells nothing. */
#define BAR_MIN 10

/* With fewer lines, the last one is not given to the list of keys to press. */
#define FOOT_ROWS_MIN 10

#define PART_MAX 80

struct layout {
	struct top_view *v;
	const struct top_look *look;
	const struct top_sample *s;
	const struct top_change *c;
	const struct top_facts *f;
	size_t width;
	struct top_line line;		/* the last one of the view */
};

/* --- lines --------------------------------------------------------------- */

static void
next_line(struct layout *l)
{
	struct top_view *v = l->v;

	if (v->n < TOP_VIEW_LINES)
		v->n++;
	top_line_begin(&l->line, v->line[v->n - 1], TOP_VIEW_TEXT + 1,
	    l->look->plain ? TOP_VIEW_TEXT : l->width, l->look->color);
}

/* Append a part to the line, or begin another line with it. */
static void
part(struct layout *l, const char *sgr, const char *text)
{

	if (l->line.columns > 0 &&
	    l->line.columns + 2 + strlen(text) > l->width)
		next_line(l);
	if (l->line.columns > 0)
		top_line_put(&l->line, NULL, "  ");
	top_line_put(&l->line, sgr, text);
}

/* --- the first lines ----------------------------------------------------- */

static void
show_title(struct layout *l)
{
	char text[PART_MAX], word[TOP_WORD_MAX + 1], when[TIMEFMT_ISO_MAX + 1];

	next_line(l);
	snprintf(text, sizeof(text), "foldergate %.40s", build_version);
	part(l, TERMINAL_BOLD, text);
	if (l->s->missing == NULL && l->s->born_s > 0 &&
	    l->s->born_s <= l->f->now_s) {
		top_line_age(l->f->now_s - l->s->born_s, word);
		snprintf(text, sizeof(text), "counting for %s", word);
		part(l, NULL, text);
	}
	timefmt_iso(l->f->now_s, when);
	part(l, NULL, when);
	if (l->look->paused)
		part(l, TERMINAL_REVERSE, "paused");
	else if (l->look->interval_s > 0) {
		snprintf(text, sizeof(text), l->look->plain ?
		    "rates of %" PRId64 " s" : "every %" PRId64 " s",
		    l->look->interval_s);
		part(l, NULL, text);
	}
}

static void
show_snapshot(struct layout *l)
{
	const struct top_facts *f = l->f;
	char text[PART_MAX], age[TOP_WORD_MAX + 1], limit[TOP_WORD_MAX + 1];

	if (!f->has_snapshot) {
		part(l, TERMINAL_RED, "no snapshot");
	} else {
		snprintf(text, sizeof(text), "snapshot of block %" PRIu64,
		    f->block);
		part(l, NULL, text);
		top_line_age(f->snapshot_age_s, age);
		top_line_age(f->snapshot_limit_s, limit);
		snprintf(text, sizeof(text), "%s old of %s", age, limit);
		part(l, f->snapshot_age_s < 0 ||
		    f->snapshot_age_s > f->snapshot_limit_s ? TERMINAL_RED :
		    f->snapshot_age_s > f->snapshot_limit_s / 4 * 3 ?
		    TERMINAL_YELLOW : NULL, text);
		snprintf(text, sizeof(text), "%" PRIu32 " hotkeys",
		    f->hotkeys);
		part(l, NULL, text);
	}
	if (f->has_index) {
		top_line_age(f->index_age_s, age);
		snprintf(text, sizeof(text), "index %s old", age);
	} else {
		snprintf(text, sizeof(text), "no index");
	}
	part(l, f->has_index ? NULL : TERMINAL_YELLOW, text);
}

static void
show_state(struct layout *l)
{
	const struct top_change *c = l->c;
	char text[PART_MAX];

	next_line(l);
	show_snapshot(l);
	snprintf(text, sizeof(text), "ledger in %s%s", l->f->ledger,
	    l->f->ledger_up ? "" : " cannot be read");
	part(l, l->f->ledger_up ? NULL : TERMINAL_RED, text);
	if (l->s->missing != NULL) {
		snprintf(text, sizeof(text), "no counts: %.60s",
		    l->s->missing);
		part(l, TERMINAL_RED, text);
		return;
	}
	snprintf(text, sizeof(text), "%u processes", c->confined + c->open);
	part(l, NULL, text);
	if (c->open > 0) {
		snprintf(text, sizeof(text), "%u without sandbox", c->open);
		part(l, TERMINAL_YELLOW, text);
	}
}

/* How much of ${most} that is; 0 to 100. */
static int
percent(double n, double most)
{

	return (most <= 0 || n <= 0 ? 0 : n >= most ? 100 :
	    (int)(n * 100 / most));
}

static void
show_count(struct layout *l, const char *name, const struct top_count *count,
    bool is_bad)
{
	const struct top_change *c = l->c;
	char rate[TOP_WORD_MAX + 1] = "-", total[TOP_WORD_MAX + 1],
	    text[PART_MAX], bar[TERMINAL_BAR_TEXT + 1];
	size_t room;

	if (c->has_rates)
		top_line_rate(count->rate, rate);
	top_line_count(count->total, l->look->plain, total);
	next_line(l);
	snprintf(text, sizeof(text), "%-13s %7s/s %*s", name, rate,
	    l->look->plain ? 20 : 8, total);
	top_line_put(&l->line, is_bad && count->rate > 0 ? TERMINAL_RED : NULL,
	    text);
	if (l->look->plain || l->width < l->line.columns + 4 + BAR_MIN)
		return;
	room = l->width - l->line.columns - 4;
	terminal_bar(bar, room < TERMINAL_BAR_MAX ? room : TERMINAL_BAR_MAX,
	    c->has_rates ? percent(count->rate, l->look->peak) :
	    percent((double)count->total, (double)c->requests.total), false);
	top_line_put(&l->line, NULL, "  ");
	top_line_put(&l->line, is_bad ? TERMINAL_YELLOW : TERMINAL_GREEN, bar);
}

static void
show_counts(struct layout *l)
{
	const struct top_change *c = l->c;

	next_line(l);
	show_count(l, "requests", &c->requests, false);
	show_count(l, "grants", &c->grants, false);
	show_count(l, "verifications", &c->verified, false);
	show_count(l, "refusals", &c->refusals, true);
	show_count(l, "errors", &c->errors, true);
}

/* --- tables -------------------------------------------------------------- */

/* Choose the columns, and write the heads. */
static void
begin_table(struct layout *l, struct top_table *t,
    const struct top_column *column, size_t n)
{
	const char *head[TOP_COLUMNS_MAX];
	size_t i;

	top_table_fit(t, column, n, l->look->plain ? TOP_VIEW_TEXT :
	    l->width);
	for (i = 0; i < n; i++)
		head[i] = column[i].head;
	next_line(l);
	next_line(l);
	top_table_row(t, &l->line, TERMINAL_BOLD, head);
}

static void
row(struct layout *l, const struct top_table *t, const char *sgr,
    const char *const *cell)
{

	next_line(l);
	top_table_row(t, &l->line, sgr, cell);
}

static void
show_endpoint(struct layout *l, const struct top_table *t,
    const struct top_endpoint *e)
{
	char word[8][TOP_WORD_MAX + 1];
	const char *cell[9] = { e->name };
	const bool exact = l->look->plain;
	size_t i;

	snprintf(word[0], sizeof(word[0]), "-");
	if (l->c->has_rates)
		top_line_rate(e->requests.rate, word[0]);
	top_line_count(e->requests.total, exact, word[1]);
	for (i = 2; i <= 5; i++)
		top_line_count(i == 3 ? e->confined + e->open :
		    e->status[i], exact, word[i]);
	top_line_time(e->mean_us, word[6]);
	top_line_time(e->most_us, word[7]);
	cell[1] = word[1];
	cell[2] = word[0];
	cell[3] = word[2];
	cell[4] = word[4];
	cell[5] = word[5];
	cell[6] = word[6];
	cell[7] = word[7];
	cell[8] = word[3];
	row(l, t, e->failed > 0 ? TERMINAL_RED : NULL, cell);
}

static void
show_endpoints(struct layout *l)
{
	static const struct top_column live[] = {
		{ "ENDPOINT", 12, METRICS_NAME_MAX, 9, true },
		{ "REQUESTS", 8, 0, 4, false }, { "/S", 5, 0, 8, false },
		{ "2XX", 5, 0, 2, false }, { "4XX", 5, 0, 6, false },
		{ "5XX", 5, 0, 5, false }, { "MEAN", 5, 0, 3, false },
		{ "95%", 5, 0, 7, false }, { "PROC", 5, 0, 1, false },
	};
	static const struct top_column plain[] = {
		{ "ENDPOINT", 28, 28, 9, true },
		{ "REQUESTS", 12, 0, 4, false }, { "/S", 7, 0, 8, false },
		{ "2XX", 12, 0, 2, false }, { "4XX", 12, 0, 6, false },
		{ "5XX", 12, 0, 5, false }, { "MEAN", 7, 0, 3, false },
		{ "95%", 7, 0, 7, false }, { "PROC", 7, 0, 1, false },
	};
	struct top_table t;
	size_t i;

	begin_table(l, &t, l->look->plain ? plain : live,
	    sizeof(live) / sizeof(live[0]));
	for (i = 0; i < l->c->endpoints; i++)
		show_endpoint(l, &t, &l->c->endpoint[i]);
}

static void
show_refusals(struct layout *l)
{
	static const struct top_column live[] = {
		{ "REFUSED", 16, 40, 9, true }, { "STATUS", 6, 0, 1, false },
		{ "TOTAL", 8, 0, 2, false }, { "/S", 5, 0, 3, false },
	};
	static const struct top_column plain[] = {
		{ "REFUSED", 28, 28, 9, true }, { "STATUS", 12, 0, 1, false },
		{ "TOTAL", 20, 0, 2, false }, { "/S", 7, 0, 3, false },
	};
	char status[TOP_WORD_MAX + 1], total[TOP_WORD_MAX + 1],
	    rate[TOP_WORD_MAX + 1];
	const char *cell[4] = { NULL, status, total, rate };
	const struct top_refusal *r;
	struct top_table t;
	size_t i;

	if (l->c->codes == 0)
		return;
	begin_table(l, &t, l->look->plain ? plain : live,
	    sizeof(live) / sizeof(live[0]));
	for (i = 0; i < l->c->codes; i++) {
		r = &l->c->code[i];
		cell[0] = r->code;
		top_line_count((uint64_t)r->status, true, status);
		top_line_count(r->count.total, l->look->plain, total);
		snprintf(rate, sizeof(rate), "-");
		if (l->c->has_rates)
			top_line_rate(r->count.rate, rate);
		row(l, &t, r->status >= 500 && r->count.rate > 0 ?
		    TERMINAL_RED : NULL, cell);
	}
}

/* LEVEL/KEY/LIMIT or total/ROLE, as the ledger has it. */
static void
show_key(struct layout *l, const struct top_table *t, const struct top_key *k)
{
	char name[LEDGER_NAME_MAX + 1], used[TOP_WORD_MAX + 1],
	    limit[TOP_WORD_MAX + 1] = "-", bar[TERMINAL_BAR_TEXT + 1] = "";
	const char *cell[6] = { name, "", "", used, limit, bar };
	char *slash, *last;
	int share;

	snprintf(name, sizeof(name), "%s", k->name);
	if ((last = strrchr(name, '/')) != NULL) {
		*last = '\0';
		cell[2] = last + 1;
	}
	if (last != NULL && (slash = strchr(name, '/')) != NULL) {
		*slash = '\0';
		cell[0] = slash + 1;
		cell[1] = name;
	}
	top_line_count((uint64_t)(k->used < 0 ? 0 : k->used), l->look->plain,
	    used);
	if (k->limit > 0)
		top_line_count((uint64_t)k->limit, l->look->plain, limit);
	share = percent((double)k->used, (double)k->limit);
	if (k->limit > 0 && !l->look->plain)
		terminal_bar(bar, 10, share, false);
	row(l, t, k->limit <= 0 || share < 80 ? NULL : share < 100 ?
	    TERMINAL_YELLOW : TERMINAL_RED, cell);
}

static void
show_most(struct layout *l)
{
	char text[PART_MAX];

	next_line(l);
	next_line(l);
	part(l, TERMINAL_BOLD, "THIS HOUR");
	snprintf(text, sizeof(text), "most refusals of a hotkey: %" PRIu64,
	    l->s->hotkey_refusals);
	part(l, NULL, text);
	snprintf(text, sizeof(text), "of an address: %" PRIu64,
	    l->s->address_refusals);
	part(l, NULL, text);
	snprintf(text, sizeof(text), "most addresses of a hotkey: %" PRIu64,
	    l->s->hotkey_addresses);
	part(l, NULL, text);
}

static void
show_keys(struct layout *l)
{
	static const struct top_column live[] = {
		{ "BUSIEST TODAY", 14, 48, 9, true },
		{ "LEVEL", 7, 0, 2, true }, { "LIMIT", 17, 0, 3, true },
		{ "USED", 5, 0, 5, false }, { "OF", 5, 0, 4, false },
		{ "", 12, 0, 1, true },
	};
	static const struct top_column plain[] = {
		{ "BUSIEST TODAY", 50, 50, 9, true },
		{ "LEVEL", 7, 0, 2, true }, { "LIMIT", 17, 0, 3, true },
		{ "USED", 12, 0, 5, false }, { "OF", 12, 0, 4, false },
	};
	struct top_table t;
	size_t i;

	if (l->s->missing == NULL)
		show_most(l);
	if (l->f->keys == 0)
		return;
	begin_table(l, &t, l->look->plain ? plain : live, l->look->plain ?
	    sizeof(plain) / sizeof(plain[0]) : sizeof(live) / sizeof(live[0]));
	for (i = 0; i < l->f->keys; i++)
		show_key(l, &t, &l->f->key[i]);
}

/* --- help and foot ------------------------------------------------------- */

static void
show_help(struct layout *l)
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

	next_line(l);
	for (i = 0; i < sizeof(help) / sizeof(help[0]); i++) {
		next_line(l);
		top_line_put(&l->line, NULL, help[i]);
	}
}

static void
show_foot(struct layout *l)
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
	next_line(l);
	top_line_put(&l->line, TERMINAL_REVERSE, text);
}

/* Keep the first ${head} lines, and of the others those that have room after
   some are scrolled away. */
static void
fit(struct layout *l, size_t head)
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
		next_line(l);
	show_foot(l);
}

void
top_view_make(struct top_view *v, const struct top_look *look,
    const struct top_sample *s, const struct top_change *c,
    const struct top_facts *f)
{
	struct layout l = { .v = v, .look = look, .s = s, .c = c, .f = f };
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
		if (s->missing == NULL) {
			show_endpoints(&l);
			show_refusals(&l);
		}
		show_keys(&l);
	}
	if (!look->plain)
		fit(&l, head);
}
