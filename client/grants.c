/* Print the grants in the audit log that outlive a denial. */

#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "grants.h"
#include "json/document.h"

/* A longer line was not written by foldergate. */
#define LINE_MAX_BYTES 65536

struct search {
	const struct grants_of *of;
	int64_t now_s;
	struct stat first;	/* the first file that was read */
	uintmax_t files, alive, unread_lines, unread_files;
};

/* Return a string member, or NULL. document_parse() refuses NUL in strings. */
static const char *
member(struct json_object *o, const char *name)
{
	struct json_object *v;

	return (json_object_object_get_ex(o, name, &v) &&
	    json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) : NULL);
}

/* Print a text between quotes, without any byte that a terminal obeys.  The
   escaper lets C1 pass, which UTF-8 writes as 0xc2 and one more byte. */
static void
print_text(const char *s)
{
	char out[TEXT_ESCAPE_MAX];
	size_t n, taken, len;

	putchar('"');
	for (len = strlen(s); len > 0; s += taken, len -= taken) {
		n = text_json_escape(s, len, out, &taken);
		if (n == 2 && taken == 2 && out[0] == '\xc2' &&
		    (unsigned char)out[1] < 0xa0)
			printf("\\u00%02x", (unsigned char)out[1]);
		else
			fwrite(out, 1, n, stdout);
	}
	putchar('"');
}

static void
print_grant(struct json_object *o, int64_t until)
{
	static const char *const names[] = { "kind", "scope", "request_id" };
	char when[TIMEFMT_ISO_MAX + 1];
	const char *s;
	size_t i;

	timefmt_iso(until, when);
	printf("  until %s", when);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		printf(" %s ", names[i]);
		if ((s = member(o, names[i])) == NULL)
			printf("unknown");
		else
			print_text(s);
	}
	putchar('\n');
}

/* Print the line if it is a wanted grant that is still valid.  Return false
   if the line does not show that. */
static bool
look_at(struct search *s, struct json_object *o)
{
	const char *decision, *whose;
	struct json_object *until;

	/* A line without a decision is about the log itself. */
	if ((decision = member(o, "decision")) == NULL)
		return (member(o, "event") != NULL);
	if (strcmp(decision, "granted") != 0)
		return (true);
	if (!json_object_object_get_ex(o, "until", &until) ||
	    !json_object_is_type(until, json_type_int))
		return (false);
	if (json_object_get_int64(until) <= s->now_s)
		return (true);
	if ((whose = member(o, s->of->member)) == NULL)
		return (false);
	if (strcmp(whose, s->of->ss58) == 0) {
		print_grant(o, json_object_get_int64(until));
		s->alive++;
	}
	return (true);
}

static void
read_line(struct search *s, const char *line, size_t len)
{
	struct json_object *o = NULL;

	if (len > LINE_MAX_BYTES ||
	    document_parse(line, len, DOCUMENT_ANY, &o) != NULL ||
	    !look_at(s, o))
		s->unread_lines++;
	json_object_put(o);
}

/* Read the next line and keep as much of it as fits.  Return false at the
   end. */
static bool
next_line(FILE *f, char line[LINE_MAX_BYTES], size_t *len)
{
	int c;

	for (*len = 0; (c = getc_unlocked(f)) != EOF && c != '\n'; (*len)++) {
		if (*len < LINE_MAX_BYTES)
			line[*len] = (char)c;
	}
	return (c != EOF || *len > 0);
}

/* Others may write into that directory, so accept no link and no FIFO. */
static FILE *
open_log(const char *path, struct stat *st)
{
	FILE *f = NULL;
	int fd;

	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) ==
	    -1)
		return (NULL);
	errno = EINVAL;
	if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode) ||
	    (f = fdopen(fd, "r")) == NULL)
		close(fd);
	return (f);
}

static void
unread(struct search *s, const char *path)
{

	fprintf(stderr, "foldergate: %s: %s\n", path, strerror(errno));
	s->unread_files++;
}

static void
read_file(struct search *s, const char *path)
{
	static char line[LINE_MAX_BYTES];
	struct stat st;
	size_t len;
	FILE *f;

	if ((f = open_log(path, &st)) == NULL) {
		if (errno != ENOENT)
			unread(s, path);
		return;
	}

	/* The first file may have been renamed since. */
	if (s->files == 0 || st.st_dev != s->first.st_dev ||
	    st.st_ino != s->first.st_ino) {
		if (s->files++ == 0)
			s->first = st;
		while (next_line(f, line, &len))
			read_line(s, line, len);
		if (ferror(f))
			unread(s, path);
	}
	fclose(f);
}

/* Accept NAME.N or NAME-N of NAME, with any suffix.  Compressed files are
   reported as lines that could not be read. */
static bool
is_older(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return (strncmp(entry, name, len) == 0 &&
	    (entry[len] == '.' || entry[len] == '-') &&
	    isdigit((unsigned char)entry[len + 1]));
}

/* Read the present file first, so that a file renamed meanwhile is read
   twice instead of missed. */
static void
read_all(struct search *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char dir[PATH_MAX], older[PATH_MAX];
	struct dirent **all;
	int i, n;

	read_file(s, path);
	snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 1 :
	    (int)(slash - path) + 1, slash == NULL ? "." : path);
	if ((n = scandir(dir, &all, NULL, versionsort)) < 0) {
		unread(s, dir);
		return;
	}
	for (i = 0; i < n; i++) {
		if (is_older(all[i]->d_name, name) && snprintf(older,
		    sizeof(older), "%s/%s", dir, all[i]->d_name) < PATH_MAX)
			read_file(s, older);
		free(all[i]);
	}
	free(all);
}

void
grants_print(const char *audit_path, const struct grants_of *of, int64_t now_s)
{
	struct search s = { .of = of, .now_s = now_s };

	if (audit_path[0] != '\0')
		read_all(&s, audit_path);
	if (s.files == 0)
		printf("no audit log%s: it is not known which grants are still "
		    "alive\n", s.unread_files > 0 ? " that can be read" : "");
	else
		printf("%ju %s still alive\n", s.alive, s.alive == 1 ?
		    "grant is" : "grants are");
	if (s.unread_lines > 0)
		printf("%ju line%s could not be read\n", s.unread_lines,
		    s.unread_lines == 1 ? "" : "s");
	if (s.files > 0 && s.unread_files > 0)
		printf("%ju file%s could not be read\n", s.unread_files,
		    s.unread_files == 1 ? "" : "s");
	if (s.files == 0 || s.alive > 0 || s.unread_lines > 0 ||
	    s.unread_files > 0)
		printf("only removing the S3 key that signed them ends grants "
		    "earlier\n");
}
