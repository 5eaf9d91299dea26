#ifndef CLIENT_TOP_LINE_H_
#define CLIENT_TOP_LINE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lines, parts and columns of a given width, for client/top_view.c. */

/* A line that is being written.  Its text has ${columns} columns. */
struct top_line {
	char *out;
	size_t size, len;	/* of out, in bytes */
	size_t columns, width;
	bool color;
};

/**
 * top_line_begin(l, out, size, width, color):
 * Begin an empty line of at most ${width} columns in the ${size} bytes at
 * ${out}.  SGR codes are left out unless ${color}.
 */
void top_line_begin(struct top_line *l, char *out, size_t size, size_t width,
    bool color);

/**
 * top_line_put(l, sgr, text):
 * Append ${text}, as far as it fits, in the colour ${sgr} (NULL: as it is).
 * What is no printable ASCII becomes a question mark.
 */
void top_line_put(struct top_line *l, const char *sgr, const char *text);

/**
 * top_line_pad(l, columns):
 * Append blanks until the line has that many columns.
 */
void top_line_pad(struct top_line *l, size_t columns);

/* A column of a table.  The first one is as wide as the others allow, from
   ${width} to ${most}. */
struct top_column {
	const char *head;
	size_t width, most;
	unsigned worth;		/* those of the least worth go first */
	bool left;		/* the text begins at the left */
};

#define TOP_COLUMNS_MAX 10

struct top_table {
	const struct top_column *column;
	size_t n;
	size_t width[TOP_COLUMNS_MAX];	/* 0: left out */
};

/**
 * top_table_fit(t, column, n, width):
 * Choose the columns that fit into ${width}.  There are two blanks between
 * columns.
 */
void top_table_fit(struct top_table *t, const struct top_column *column,
    size_t n, size_t width);

/**
 * top_table_row(t, l, sgr, cell):
 * Write a row; cell i is for column i.  A text that is too long loses its
 * middle if it stands at the left, else its end.
 */
void top_table_row(const struct top_table *t, struct top_line *l,
    const char *sgr, const char *const *cell);

/**
 * top_line_count(n, exact, out), top_line_rate(rate, out),
 * top_line_time(us, out), top_line_age(s, out):
 * Write a number in at most 5 signs, or exactly: "12345", "1.23M"; a number a
 * second; a duration: "850us", "1.2ms", ">5s", "-"; an age: "12 s", "3 d".
 */
#define TOP_WORD_MAX 31
void top_line_count(uint64_t n, bool exact, char out[TOP_WORD_MAX + 1]);
void top_line_rate(double rate, char out[TOP_WORD_MAX + 1]);
void top_line_time(int64_t us, char out[TOP_WORD_MAX + 1]);
void top_line_age(int64_t s, char out[TOP_WORD_MAX + 1]);

#endif /* !CLIENT_TOP_LINE_H_ */
