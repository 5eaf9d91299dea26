#include <sys/ioctl.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

struct terminal_size
terminal_size(int fd)
{
	struct terminal_size size = { TERMINAL_COLUMNS_USUAL,
	    TERMINAL_ROWS_USUAL };
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) != 0)
		return (size);
	if (w.ws_col > 0)
		size.columns = w.ws_col;
	if (w.ws_row > 0)
		size.rows = w.ws_row;
	return (size);
}

bool
terminal_draws(int fd)
{
	const char *term = getenv("TERM");

	return (isatty(fd) && term != NULL && strcmp(term, "dumb") != 0);
}

static size_t
add(char *out, size_t len, const char *text)
{

	memcpy(out + len, text, strlen(text));
	return (len + strlen(text));
}

size_t
terminal_bar(char out[TERMINAL_BAR_TEXT + 1], size_t n, int percent,
    bool color)
{
	const size_t full = n * (size_t)percent / 100;
	size_t i, len = 0;

	len = add(out, len, "[");
	if (color)
		len = add(out, len, TERMINAL_GREEN);
	for (i = 0; i < n; i++) {
		if (color && i == full)
			len = add(out, len, TERMINAL_PLAIN);
		out[len++] = i < full ? '#' : '-';
	}
	if (color && full == n)
		len = add(out, len, TERMINAL_PLAIN);
	len = add(out, len, "]");
	out[len] = '\0';
	return (len);
}
