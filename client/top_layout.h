#ifndef CLIENT_TOP_LAYOUT_H_
#define CLIENT_TOP_LAYOUT_H_

#include "top_line.h"
#include "top_view.h"

/* A view that is being laid out.  Only client/top_view.c and
   client/top_tables.c use it. */
struct top_layout {
	struct top_view *v;
	const struct top_look *look;
	const struct top_sample *s;
	const struct top_change *c;
	const struct top_facts *f;
	size_t width;
	struct top_line line;		/* the last one of the view */
};

#define TOP_LAYOUT_PART_MAX 80

/**
 * top_layout_line(l):
 * Begin the next line.
 */
void top_layout_line(struct top_layout *l);

/**
 * top_layout_part(l, sgr, text):
 * Append ${text} to the line, or begin another line with it.
 */
void top_layout_part(struct top_layout *l, const char *sgr, const char *text);

/**
 * top_layout_percent(n, most):
 * Return how much of ${most} that is, from 0 to 100.
 */
int top_layout_percent(double n, double most);

/**
 * top_tables_counted(l), top_tables_keys(l):
 * Append the tables of endpoints and refusals; the busiest keys.
 */
void top_tables_counted(struct top_layout *l);
void top_tables_keys(struct top_layout *l);

#endif /* !CLIENT_TOP_LAYOUT_H_ */
