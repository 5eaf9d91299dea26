#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/openat2.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "place.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define OWN_TRIES 16

static int
open_below(int dir, const char *path, int flags, unsigned mode)
{
	const struct open_how how = {
		.flags = (unsigned)flags, .mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return ((int)syscall(SYS_openat2, dir, path, &how, sizeof(how)));
}

const char *
place_failed(int error)
{

	switch (error) {
	case ELOOP:
		return ("a part of the path is a symbolic link");
	case EWOULDBLOCK:
		return ("another program loads it");
	case ENOTDIR:
		return ("a part of the path is a file, not a directory");
	case EISDIR:
		return ("there is a directory of this name");
	case ENOSYS:
		return ("the kernel lacks openat2(), which keeps files below "
		    "the directory");
	default:
		return (strerror(error));
	}
}

static int
make_directory(int dir, const char *name, mode_t mode)
{

	if (mkdirat(dir, name, mode) != 0 && errno != EEXIST)
		return (-1);
	return (open_below(dir, name, DIRECTORY, 0));
}

/* Can nobody else put another file in the place of a part? */
static bool
is_private(int fd)
{
	struct stat st;

	return (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0);
}

/* Open the directory of files that are not whole, and hold it: it is removed by
   the run that leaves it last.  Return NULL, or why not. */
static const char *
open_own(struct place *p)
{
	int fd, error, tries = 0;
	struct stat st;

	for (;;) {
		if ((fd = make_directory(p->dir, NAMES_OWN, 0700)) == -1)
			return (place_failed(errno));
		if (!is_private(fd)) {
			close(fd);
			return ("another user owns " NAMES_OWN " there, or "
			    "may write to it");
		}
		if (flock(fd, LOCK_SH) != 0 || fstat(fd, &st) != 0) {
			error = errno;
		} else if (st.st_nlink > 0) {
			p->own = fd;
			return (NULL);
		} else {
			error = EBUSY;
		}
		close(fd);
		if (error != EBUSY || ++tries == OWN_TRIES)
			return (place_failed(error));
	}
}

const char *
place_open(struct place *p, const char *path)
{
	const char *why;

	p->dir = p->own = -1;
	if ((mkdir(path, 0777) != 0 && errno != EEXIST) ||
	    (p->dir = open(path, DIRECTORY)) == -1)
		return (place_failed(errno));
	if ((why = open_own(p)) != NULL)
		place_close(p);
	return (why);
}

void
place_close(struct place *p)
{

	if (p->own != -1) {
		/* Another run may be in it, without a file yet. */
		if (flock(p->own, LOCK_EX | LOCK_NB) == 0)
			unlinkat(p->dir, NAMES_OWN, AT_REMOVEDIR);
		close(p->own);
	}
	if (p->dir != -1)
		close(p->dir);
	p->dir = p->own = -1;
}

/* Return ${fd} if it is a regular file; otherwise close it. */
static int
regular(int fd)
{
	struct stat st;
	int error;

	if (fd == -1)
		return (-1);
	if (fstat(fd, &st) != 0)
		error = errno;
	else if (S_ISREG(st.st_mode))
		return (fd);
	else
		error = S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
	close(fd);
	errno = error;
	return (-1);
}

int
place_read(const struct place *p, const char *path)
{

	return (regular(open_below(p->dir, path,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0)));
}

/* Is ${id} still this open file?  Another run may have given it its name. */
static bool
is_named(const struct place *p, const char *id, int fd)
{
	struct stat file, name;

	return (fstat(fd, &file) == 0 &&
	    fstatat(p->own, id, &name, AT_SYMLINK_NOFOLLOW) == 0 &&
	    file.st_dev == name.st_dev && file.st_ino == name.st_ino);
}

/* Open ${id} and lock it, while it has this name. */
static int
open_part(const struct place *p, const char *id, int flags)
{
	int fd, error, tries = 0;

	do {
		fd = regular(open_below(p->own, id, flags | O_NONBLOCK |
		    O_NOCTTY | O_CLOEXEC, flags & O_CREAT ? 0666 : 0));
		if (fd == -1)
			return (-1);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0)
			error = errno;
		else if (is_named(p, id, fd))
			return (fd);
		else
			error = EBUSY;
		close(fd);
		errno = error;
	} while (error == EBUSY && ++tries < OWN_TRIES);
	return (-1);
}

int
place_part(const struct place *p, const char *id)
{

	return (open_part(p, id, O_RDWR | O_CREAT));
}

/* Remove ${id} if nobody has it, and nobody had it for long. */
static void
sweep_one(const struct place *p, const char *id, int64_t before_s)
{
	struct stat st;
	int fd;

	if (fstatat(p->own, id, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode) || st.st_ctim.tv_sec >= before_s ||
	    (fd = open_part(p, id, O_RDWR)) == -1)
		return;
	if (fstat(fd, &st) == 0 && st.st_ctim.tv_sec < before_s)
		place_drop(p, id);
	close(fd);
}

void
place_sweep(const struct place *p, const char *ending, int64_t before_s)
{
	const size_t ending_len = strlen(ending);
	const int fd = open_below(p->own, ".", DIRECTORY, 0);
	struct dirent *e;
	size_t len;
	DIR *d;

	if (fd == -1)
		return;
	if ((d = fdopendir(fd)) == NULL) {
		close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (len > ending_len && len <= PLACE_ID_MAX &&
		    strcmp(e->d_name + len - ending_len, ending) == 0)
			sweep_one(p, e->d_name, before_s);
	}
	closedir(d);
}

/* Return the directory of ${path}, made if it is missing, and set ${name} to
   the last part.  Each part is opened from the one before. */
static int
parent(const struct place *p, const char *path, const char **name)
{
	char part[NAMES_PART_MAX + 1];
	const char *slash;
	size_t len;
	int dir = open_below(p->dir, ".", DIRECTORY, 0), next, error;

	for (; dir != -1 && (slash = strchr(path, '/')) != NULL;
	    path = slash + 1) {
		next = -1;
		errno = ENAMETOOLONG;
		if ((len = (size_t)(slash - path)) <= NAMES_PART_MAX) {
			memcpy(part, path, len);
			part[len] = '\0';
			next = make_directory(dir, part, 0777);
		}
		error = errno;
		close(dir);
		errno = error;
		dir = next;
	}
	*name = path;
	return (dir);
}

bool
place_take(const struct place *p, const char *id, const char *path)
{
	const char *name;
	struct stat st;
	int dir = parent(p, path, &name), error = 0;

	if (dir == -1)
		return (false);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode))
		error = S_ISLNK(st.st_mode) ? ELOOP : S_ISDIR(st.st_mode) ?
		    EISDIR : EEXIST;
	else if (renameat(p->own, id, dir, name) != 0)
		error = errno;
	close(dir);
	errno = error;
	return (error == 0);
}

void
place_drop(const struct place *p, const char *id)
{

	unlinkat(p->own, id, 0);
}
