#ifndef CLIENT_TERMINAL_H_
#define CLIENT_TERMINAL_H_

#include <stdbool.h>
#include <stddef.h>

/* What commands that draw on a terminal have in common. */

struct terminal_size {
	size_t columns, rows;
};

/* The size of a terminal that does not report one. */
#define TERMINAL_COLUMNS_USUAL 80
#define TERMINAL_ROWS_USUAL 24

/**
 * terminal_size(fd):
 * Return the size that the terminal ${fd} has now.
 */
struct terminal_size terminal_size(int fd);

/**
 * terminal_draws(fd):
 * Is ${fd} a terminal that moves its cursor as it is told?  TERM=dumb is none.
 */
bool terminal_draws(int fd);

/**
 * terminal_bar(out, n, percent, color):
 * Write a bar of ${n} signs in brackets, of which ${percent} (0 to 100) are
 * full.  Return its length in bytes.  ${n} is at most TERMINAL_BAR_MAX.
 */
#define TERMINAL_BAR_MAX 50
#define TERMINAL_BAR_TEXT (TERMINAL_BAR_MAX + 12)
size_t terminal_bar(char out[TERMINAL_BAR_TEXT + 1], size_t n, int percent,
    bool color);

/* Colours, by ECMA-48's SGR. */
#define TERMINAL_PLAIN "\033[0m"
#define TERMINAL_BOLD "\033[1m"
#define TERMINAL_REVERSE "\033[7m"
#define TERMINAL_RED "\033[31m"
#define TERMINAL_GREEN "\033[32m"
#define TERMINAL_YELLOW "\033[33m"

#endif /* !CLIENT_TERMINAL_H_ */
