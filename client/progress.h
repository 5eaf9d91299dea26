#ifndef CLIENT_PROGRESS_H_
#define CLIENT_PROGRESS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;

/*
 * What a long command shows on standard error while it works: a bar with rate
 * and time left on a terminal, drawn at most ten times a second, with the width
 * that the terminal has then; elsewhere a line every PROGRESS_LINE_S; with
 * --quiet or --json nothing.
 */
struct progress;

#define PROGRESS_LINE_S 10

/* How much is done.  -1: not known. */
struct progress_view {
	int64_t bytes, bytes_total;
	int64_t files, files_total;
	int64_t rate;		/* bytes a second; set by progress itself */
};

/* The narrowest and the widest bar. */
#define PROGRESS_WIDTH_MIN 20
#define PROGRESS_WIDTH_MAX 200
#define PROGRESS_TEXT_MAX (PROGRESS_WIDTH_MAX + 16)

/**
 * progress_new(s, what), progress_free(p):
 * Begin.  ${what} is a short word, such as "upload", and must stay.
 * progress_free() removes the bar and leaves the cursor in an empty line.  It
 * must run before anything else is printed at the end, also after Ctrl-C.
 */
struct progress *progress_new(const struct settings *s, const char *what);
void progress_free(struct progress *p);

/**
 * progress_show(p, view):
 * Show ${view}, if it is time.  Call it as often as you like.
 */
void progress_show(struct progress *p, const struct progress_view *view);

/**
 * progress_say(p, error, fmt, ...):
 * Print a line and keep the bar below it: on standard error if ${error}, else
 * on standard output.  A line on standard output is left out with --quiet.
 */
void progress_say(struct progress *p, bool error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * progress_bar(what, view, width, color, out):
 * Write the bar of at most ${width} columns.  Parts that do not fit are left
 * out: first the numbers of files, then the bar itself, the size, the rate.
 */
void progress_bar(const char *what, const struct progress_view *view,
    size_t width, bool color, char out[PROGRESS_TEXT_MAX + 1]);

/**
 * progress_line(what, view, out):
 * Write the same as a sentence for a log.
 */
void progress_line(const char *what, const struct progress_view *view,
    char out[PROGRESS_TEXT_MAX + 1]);

/**
 * progress_size(bytes, out), progress_time(seconds, out):
 * Write "12.3 MiB"; "0:42", "3:05:00", "12 d".
 */
#define PROGRESS_WORD_MAX 24
void progress_size(int64_t bytes, char out[PROGRESS_WORD_MAX + 1]);
void progress_time(int64_t seconds, char out[PROGRESS_WORD_MAX + 1]);

#endif /* !CLIENT_PROGRESS_H_ */
