#ifndef TESTS_TMPDIR_H_
#define TESTS_TMPDIR_H_

/* A temporary directory of one test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

/**
 * tmpdir_make_in(parent, dir, size):
 * Make a new directory in ${parent} and write its path to ${dir}.  Return 0, or
 * -1 if that failed or the path needs more than ${size} bytes.
 */
static inline int
tmpdir_make_in(const char *parent, char *dir, size_t size)
{
	int n;

	n = snprintf(dir, size, "%s/foldergate.XXXXXX", parent);
	if (n < 0 || (size_t)n >= size || mkdtemp(dir) == NULL)
		return (-1);
	return (0);
}

/**
 * tmpdir_make(dir, size):
 * The same in $TMPDIR, or in /tmp.
 */
static inline int
tmpdir_make(char *dir, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	return (tmpdir_make_in(tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp", dir,
	    size));
}

/**
 * tmpdir_clear(dir):
 * Remove the files and the empty directories in ${dir}.  Return 0, or -1 if it
 * cannot be read.  A test that knows its files removes them by name instead:
 * its rmdir() then fails if the code has left another one.
 */
static inline int
tmpdir_clear(const char *dir)
{
	char name[4400];
	struct dirent *d;
	DIR *all;

	chmod(dir, 0700);
	if ((all = opendir(dir)) == NULL)
		return (-1);
	while ((d = readdir(all)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", dir, d->d_name);
		if (unlink(name) != 0)
			rmdir(name);
	}
	return (closedir(all));
}

#endif /* !TESTS_TMPDIR_H_ */
