#ifndef CLIENT_TOP_VIEW_H_
#define CLIENT_TOP_VIEW_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "top_facts.h"
#include "top_sample.h"

/* Lays out what foldergate top shows.  Nothing here knows a terminal. */

#define TOP_VIEW_WIDTH_MIN 40
#define TOP_VIEW_WIDTH_MAX 200
#define TOP_VIEW_LINES 256
#define TOP_VIEW_TEXT 511

/* What a person chose, and the room. */
struct top_look {
	bool plain;		/* for a file: exact numbers, all columns and
				   lines, no bars; room is not read */
	size_t width, height;	/* columns and lines */
	bool color;
	bool paused, help;
	enum top_sort sort;
	size_t skip;		/* lines of the tables that are scrolled away */
	int64_t interval_s;
	double peak;		/* the most requests a second so far */
};

struct top_view {
	size_t n;
	size_t skip_most;	/* the largest skip that shows another line */
	char line[TOP_VIEW_LINES][TOP_VIEW_TEXT + 1];
};

/**
 * top_view_make(v, look, s, c, f):
 * Lay out the sample ${s}, its change ${c} and the facts ${f}.  No line is
 * wider than look->width (at most TOP_VIEW_WIDTH_MAX, and if that is below
 * TOP_VIEW_WIDTH_MIN, as wide as that), and there are at most look->height.
 * Columns that do not fit are left out, then lines, from the bottom.  Each line
 * is printable ASCII and, with look->color, SGR codes, which end in the line.
 */
void top_view_make(struct top_view *v, const struct top_look *look,
    const struct top_sample *s, const struct top_change *c,
    const struct top_facts *f);

#endif /* !CLIENT_TOP_VIEW_H_ */
