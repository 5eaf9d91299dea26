#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "terminal.h"
#include "top_layout.h"

/* --- tables -------------------------------------------------------------- */

/* Choose the columns, and write the heads. */
static void
begin_table(struct top_layout *l, struct top_table *t,
    const struct top_column *column, size_t n)
{
	const char *head[TOP_COLUMNS_MAX];
	size_t i;

	top_table_fit(t, column, n, l->look->plain ? TOP_VIEW_TEXT :
	    l->width);
	for (i = 0; i < n; i++)
		head[i] = column[i].head;
	top_layout_line(l);
	top_layout_line(l);
	top_table_row(t, &l->line, TERMINAL_BOLD, head);
}

static void
row(struct top_layout *l, const struct top_table *t, const char *sgr,
    const char *const *cell)
{

	top_layout_line(l);
	top_table_row(t, &l->line, sgr, cell);
}

static void
show_endpoint(struct top_layout *l, const struct top_table *t,
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
show_endpoints(struct top_layout *l)
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
show_refusals(struct top_layout *l)
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
show_key(struct top_layout *l, const struct top_table *t,
    const struct top_key *k)
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
	share = top_layout_percent((double)k->used, (double)k->limit);
	if (k->limit > 0 && !l->look->plain)
		terminal_bar(bar, 10, share, false);
	row(l, t, k->limit <= 0 || share < 80 ? NULL : share < 100 ?
	    TERMINAL_YELLOW : TERMINAL_RED, cell);
}

static void
show_most(struct top_layout *l)
{
	const struct top_facts *f = l->f;
	char text[TOP_LAYOUT_PART_MAX];

	top_layout_line(l);
	top_layout_line(l);
	top_layout_part(l, TERMINAL_BOLD, "THIS HOUR");
	snprintf(text, sizeof(text), "most refusals of a hotkey: %" PRIu64,
	    l->s->hotkey_refusals);
	top_layout_part(l, NULL, text);
	if (f->refused[0] != '\0')
		top_layout_part(l, NULL, f->refused);
	snprintf(text, sizeof(text), "of an address: %" PRIu64,
	    l->s->address_refusals);
	top_layout_part(l, NULL, text);
	snprintf(text, sizeof(text), "most addresses of a hotkey: %" PRIu64,
	    l->s->hotkey_addresses);
	top_layout_part(l, NULL, text);
	if (f->spread[0] != '\0' && l->s->hotkey_addresses > 1)
		top_layout_part(l, NULL, f->spread);
}

void
top_tables_keys(struct top_layout *l)
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

void
top_tables_counted(struct top_layout *l)
{

	show_endpoints(l);
	show_refusals(l);
}
