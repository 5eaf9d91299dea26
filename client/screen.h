#ifndef CLIENT_SCREEN_H_
#define CLIENT_SCREEN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A whole terminal that a command draws on, by a few codes of ECMA-48 and
 * xterm's alternate screen.  Keys come one by one.  The terminal is given back
 * at the end, also by exit(), and while the command is stopped (Ctrl-Z).
 *
 *	if ((s = screen_open()) == NULL)
 *		...
 *	while (screen_wait(s, 1000, &key) != SCREEN_STOPPED)
 *		screen_draw(s, lines, n);
 *	return (screen_close(s));
 */
struct screen;

enum screen_event {
	SCREEN_NOTHING,		/* the time is over */
	SCREEN_KEY,
	SCREEN_CHANGED,		/* its size, or it was away: draw again */
	SCREEN_STOPPED,		/* a signal asks the command to end */
	SCREEN_LOST		/* the terminal cannot be read or written */
};

/* Keys that are no letters. */
enum { SCREEN_UP = 256, SCREEN_DOWN, SCREEN_PAGE_UP, SCREEN_PAGE_DOWN };

/**
 * screen_open():
 * Take the terminal of standard input and output.  NULL: that fails.  From here
 * on signals wait for screen_wait() or screen_draw().
 */
struct screen *screen_open(void);

/**
 * screen_close(s):
 * Give the terminal and the signals back.  If a signal other than SIGINT has
 * stopped it, end by that signal.  Return whether SIGINT has.
 */
bool screen_close(struct screen *s);

/**
 * screen_draw(s, line, size, n):
 * Show ${n} lines, of ${size} bytes each, from the top.  They must fit.  The
 * rest of the screen is cleared.  Return false if the terminal cannot be
 * written, or a signal came first.
 */
bool screen_draw(struct screen *s, const char *line, size_t size, size_t n);

/**
 * screen_wait(s, ms, key):
 * Wait up to ${ms} for a key, a signal or another size.
 */
enum screen_event screen_wait(struct screen *s, int64_t ms, int *key);

#endif /* !CLIENT_SCREEN_H_ */
