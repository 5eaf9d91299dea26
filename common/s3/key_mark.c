#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "s3/key_mark.h"

/* Is the directory of ${path} there?  The end of ${path} is cut off. */
static bool
has_directory(char *path)
{
	char *slash = strrchr(path, '/');
	struct stat st;

	if (slash == NULL || slash == path)
		return (true);
	*slash = '\0';
	return (stat(path, &st) == 0);
}

bool
key_mark_changed(struct key_mark *m, const char *file)
{
	const struct key_mark was = *m;
	char path[PATH_MAX];
	struct stat st;

	memset(m, 0, sizeof(*m));
	snprintf(path, sizeof(path), "%s" KEY_MARK_SUFFIX, file);
	if (lstat(path, &st) != 0)
		return (errno != ENOENT || !has_directory(path));
	m->dev = st.st_dev;
	m->ino = st.st_ino;
	m->size = st.st_size;
	m->mtime = st.st_mtim;
	return (was.dev != m->dev || was.ino != m->ino ||
	    was.size != m->size || was.mtime.tv_sec != m->mtime.tv_sec ||
	    was.mtime.tv_nsec != m->mtime.tv_nsec);
}
