/* Logs, line by line. */

#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "log_read.h"

/* The escaper lets C1 pass, which UTF-8 writes as 0xc2 and one more byte. */
void
log_read_print(const char *s)
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

void
log_read_print_word(const char *s)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:+=";

	if (s[0] != '\0' && s[strspn(s, word)] == '\0')
		fputs(s, stdout);
	else
		log_read_print(s);
}

/* Read the next line and keep as much of it as fits.  Return false at the
   end. */
static bool
next_line(FILE *f, char line[LOG_READ_LINE_MAX], size_t *len)
{
	int c;

	for (*len = 0; (c = getc_unlocked(f)) != EOF && c != '\n'; (*len)++) {
		if (*len < LOG_READ_LINE_MAX)
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
unread(struct log_read *r, const char *path)
{

	fprintf(stderr, "foldergate: %s: %s\n", path, strerror(errno));
	r->unread_files++;
}

void
log_read_stream(struct log_read *r, FILE *f)
{
	static char line[LOG_READ_LINE_MAX];
	size_t len;

	while (next_line(f, line, &len))
		r->line(r->with, line, len);
}

void
log_read_file(struct log_read *r, const char *path)
{
	struct stat st;
	FILE *f;

	if ((f = open_log(path, &st)) == NULL) {
		if (errno != ENOENT)
			unread(r, path);
		return;
	}

	/* The first file may have been renamed since. */
	if (r->files == 0 || st.st_dev != r->first.st_dev ||
	    st.st_ino != r->first.st_ino) {
		if (r->files++ == 0)
			r->first = st;
		log_read_stream(r, f);
		if (ferror(f))
			unread(r, path);
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
void
log_read_all(struct log_read *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char dir[PATH_MAX], older[PATH_MAX];
	struct dirent **all;
	int i, n;

	log_read_file(r, path);
	snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 1 :
	    (int)(slash - path) + 1, slash == NULL ? "." : path);
	if ((n = scandir(dir, &all, NULL, versionsort)) < 0) {
		unread(r, dir);
		return;
	}
	for (i = 0; i < n; i++) {
		if (is_older(all[i]->d_name, name) && snprintf(older,
		    sizeof(older), "%s/%s", dir, all[i]->d_name) < PATH_MAX)
			log_read_file(r, older);
		free(all[i]);
	}
	free(all);
}

