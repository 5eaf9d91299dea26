#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "paper.h"
#include "terminal.h"

/* Narrower than this, folding helps nobody. */
#define COLUMNS_LEAST 40

/* 0: no terminal. */
static size_t
columns(void)
{
	size_t n;

	if (!isatty(STDOUT_FILENO))
		return (0);
	n = terminal_size(STDOUT_FILENO).columns;
	return (n < COLUMNS_LEAST ? COLUMNS_LEAST : n);
}

/* How much of ${s} fits into ${width}: to the last blank that does, or to the
   first one if the first word is longer. */
static size_t
fits(const char *s, size_t width)
{
	size_t n;

	if (strlen(s) <= width)
		return (strlen(s));
	for (n = width; n > 0 && s[n] != ' '; n--)
		continue;
	return (n > 0 ? n : strcspn(s, " "));
}

static void
fold(const char *s, size_t width, int indent)
{
	size_t lead, n;

	/* What a line begins with is no place to break it. */
	lead = strspn(s, "\n");
	printf("%.*s", (int)lead, s);
	s += lead;
	lead = strspn(s, " ");
	n = lead + fits(s + lead, width - lead);
	printf("%.*s\n", (int)n, s);
	for (s += n; *(s += strspn(s, " ")) != '\0'; s += n) {
		n = fits(s, width - (size_t)indent);
		printf("%*s%.*s\n", indent, "", (int)n, s);
	}
}

void
paper(int indent, const char *fmt, ...)
{
	const size_t width = columns();
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		log_die("out_of_memory", "paper");
	if (width == 0)
		printf("%s\n", text);
	else
		fold(text, width, indent);
	free(text);
}
