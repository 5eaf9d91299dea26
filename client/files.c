#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/openat2.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "files.h"
#include "s3/key.h"

/* A FIFO must not block. */
#define READ (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* A directory that is being read. */
struct walk {
	struct files *files;
	const char *prefix;
	int top;		/* the named directory */
	size_t top_len;		/* of its path and a slash */
};

static char *
joined(const char *a, const char *between, const char *b)
{
	char *text;

	if (asprintf(&text, "%s%s%s", a, between, b) < 0)
		log_die("out_of_memory", "files");
	return (text);
}

const char *
files_name_wrong(const char *name)
{
	const size_t len = strlen(name);

	if (len > FILES_NAME_MAX)
		return ("its name is too long");
	if (!text_is_utf8(name, len))
		return ("its name is not UTF-8");
	if (!key_is_plain(name, len))
		return ("its name has control characters");
	return (strstr(name, "${filename}") != NULL ?
	    "its name has \"${filename}\" in it, which stores replace" :
	    NULL);
}

/* Add a regular file, and take over ${path}. */
static void
add(struct files *f, char *path, size_t below, int dir, const char *prefix,
    const struct stat *st)
{
	const char *slash = strrchr(path, '/'), *why;
	struct files_one *all, one = { .path = path, .dir = dir, .st = *st };

	if (below > 0)
		one.below = path + below;
	one.name = joined(prefix, "", below > 0 ? one.below :
	    slash != NULL ? slash + 1 : path);
	if ((why = files_name_wrong(one.name)) != NULL) {
		f->wrong(f->user, path, why);
		free(one.name);
		free(path);
		return;
	}
	if (f->n == f->size) {
		f->size = f->size == 0 ? 256 : 2 * f->size;
		if ((all = reallocarray(f->file, f->size, sizeof(*all))) ==
		    NULL)
			log_die("out_of_memory", "files");
		f->file = all;
	}
	f->file[f->n++] = one;
}

static int
open_below(int dir, const char *below, int flags)
{
	const struct open_how how = {
		.flags = (unsigned)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return ((int)syscall(SYS_openat2, dir, below, &how, sizeof(how)));
}

static void walk(const struct walk *w, const char *path, int fd,
    unsigned depth);

/* Look at one name of a directory, and take over ${path}. */
static void
look(const struct walk *w, int dir, const char *name, char *path,
    unsigned depth)
{
	struct files *f = w->files;
	struct stat st;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		f->wrong(f->user, path, strerror(errno));
	} else if (S_ISREG(st.st_mode)) {
		add(f, path, w->top_len, w->top, w->prefix, &st);
		return;
	} else if (!S_ISDIR(st.st_mode)) {
		f->wrong(f->user, path, S_ISLNK(st.st_mode) ?
		    "it is a symbolic link" : "it is not a regular file");
	} else if (depth == FILES_DEPTH_MAX) {
		f->wrong(f->user, path, "it is too deep");
	} else if ((fd = open_below(dir, name, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) == -1) {
		f->wrong(f->user, path, strerror(errno));
	} else {
		walk(w, path, fd, depth + 1);
	}
	free(path);
}

/* Read the directory ${path}, and close ${fd}, which is it. */
static void
walk(const struct walk *w, const char *path, int fd, unsigned depth)
{
	const size_t len = strlen(path);
	struct dirent *e;
	DIR *d;

	if ((d = fdopendir(fd)) == NULL)
		log_die("out_of_memory", "files");
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		look(w, dirfd(d), e->d_name, joined(path,
		    path[len - 1] == '/' ? "" : "/", e->d_name), depth);
	}
	if (errno != 0)
		w->files->wrong(w->files->user, path, strerror(errno));
	closedir(d);
}

static void
add_directory(struct files *f, const char *path, int fd, const char *prefix)
{
	const size_t len = strlen(path);
	struct walk w = { f, prefix, dup(fd),
	    len + (path[len - 1] != '/') };
	int *all = reallocarray(f->dir, f->dirs + 1, sizeof(*all));

	if (all == NULL || w.top == -1)
		log_die("out_of_memory", "files");
	fcntl(w.top, F_SETFD, FD_CLOEXEC);
	f->dir = all;
	f->dir[f->dirs++] = w.top;
	walk(&w, path, fd, 0);
}

void
files_add(struct files *f, const char *path, const char *prefix)
{
	struct stat st;
	int fd;

	if ((fd = open(path, READ)) == -1 || fstat(fd, &st) != 0) {
		f->wrong(f->user, path, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		add_directory(f, path, fd, prefix);
		return;
	} else if (!S_ISREG(st.st_mode)) {
		f->wrong(f->user, path, "it is not a regular file");
	} else {
		add(f, joined(path, "", ""), 0, -1, prefix, &st);
	}
	if (fd != -1)
		close(fd);
}

static int
by_name(const void *a, const void *b)
{
	const struct files_one *x = a, *y = b;

	return (strcmp(x->name, y->name));
}

bool
files_sort(struct files *f, const char **again)
{
	size_t i;

	if (f->n > 0)
		qsort(f->file, f->n, sizeof(*f->file), by_name);
	for (i = 1; i < f->n; i++) {
		*again = f->file[i].name;
		if (strcmp(f->file[i - 1].name, *again) == 0)
			return (false);
	}
	return (true);
}

bool
files_changed(const struct files_one *one, int fd)
{
	struct stat st;

	return (fstat(fd, &st) != 0 || st.st_size != one->st.st_size ||
	    st.st_mtim.tv_sec != one->st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != one->st.st_mtim.tv_nsec);
}

int
files_open(const struct files_one *one, const char **why)
{
	struct stat st;
	int fd;

	fd = one->below != NULL ? open_below(one->dir, one->below, READ) :
	    open(one->path, READ);
	if (fd == -1) {
		*why = errno == ELOOP ? "it became a symbolic link" :
		    strerror(errno);
		return (-1);
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    !files_changed(one, fd))
		return (fd);
	*why = "it changed after it was looked at; run this again";
	close(fd);
	return (-1);
}

void
files_free(struct files *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->file[i].name);
		free(f->file[i].path);
	}
	for (i = 0; i < f->dirs; i++)
		close(f->dir[i]);
	free(f->file);
	free(f->dir);
	memset(f, 0, sizeof(*f));
}
