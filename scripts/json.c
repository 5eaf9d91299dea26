#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json.h"

#define DEPTH_MAX 40
#define TEXT_MAX 65536

/* The end of each open object or array, and whether it has a member. */
static char ends[DEPTH_MAX];
static bool filled[DEPTH_MAX];
static int depth, least;

static void
indent(void)
{
	int i;

	putchar('\n');
	for (i = 0; i < depth; i++)
		putchar(' ');
}

static void
quoted(const char *s)
{
	struct buf b;

	buf_init_growing(&b, 256, 8 * TEXT_MAX);
	buf_json(&b, s, strlen(s));
	if (buf_end(&b) != ERR_OK)
		abort();
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}

/* Start a member, or an item if it has no name. */
static void
member(const char *name)
{

	if (depth > least) {
		if (filled[depth])
			putchar(',');
		filled[depth] = true;
		indent();
	}
	if (name != NULL) {
		quoted(name);
		fputs(": ", stdout);
	}
}

void
json_begin(int at)
{
	int i;

	depth = least = at;
	for (i = 0; i < at; i++)
		putchar(' ');
}

void
json_open(const char *name, char bracket)
{

	member(name);
	putchar(bracket);
	if (++depth == DEPTH_MAX)
		abort();
	ends[depth] = bracket == '{' ? '}' : ']';
	filled[depth] = false;
}

void
json_close(void)
{
	const char end = ends[depth];
	const bool some = filled[depth];

	depth--;
	if (some)
		indent();
	putchar(end);
}

void
json_text(const char *name, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		abort();
	member(name);
	quoted(text);
}

void
json_int(const char *name, int64_t n)
{

	member(name);
	printf("%" PRId64, n);
}

void
json_flag(const char *name, bool is)
{

	json_raw(name, is ? "true" : "false");
}

void
json_raw(const char *name, const char *value)
{

	member(name);
	fputs(value, stdout);
}

void
json_ref(const char *name, const char *kind, const char *of)
{

	json_open(name, '{');
	json_text("$ref", "#/components/%s/%s", kind, of);
	json_close();
}

void
json_paste(FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, in)) > 0) {
		/* A member begins with its name, at this depth. */
		if (strspn(line, " ") == (size_t)depth &&
		    line[depth] == '"') {
			if (filled[depth])
				putchar(',');
			filled[depth] = true;
		}
		printf("\n%.*s", (int)len - (line[len - 1] == '\n'), line);
	}
	free(line);
}
