#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/way.h"

/* The most links to follow, the same as in the kernel. */
#define LINKS_MAX 40

bool
way_refuse(struct way *w, int error, const char *why)
{

	w->why = why;
	errno = error;
	return (false);
}

/* close() that keeps errno. */
void
way_drop(int fd)
{
	const int saved = errno;

	close(fd);
	errno = saved;
}

bool
way_known(const struct way *w, uid_t uid)
{

	return (uid == 0 || uid == w->self ||
	    (w->has_given && uid == w->given));
}

/* May others write the directory?  Its group does not count as others if it
   is root's or the program's, or that of the user to whom root gave the
   directory. */
static bool
is_open(const struct way *w, const struct stat *st)
{

	if ((st->st_mode & S_IWOTH) != 0)
		return (true);
	if ((st->st_mode & S_IWGRP) == 0 || st->st_gid == 0 ||
	    st->st_gid == getegid() || group_member(st->st_gid))
		return (false);
	return (w->self != 0 || !w->has_given || st->st_uid != w->given);
}

bool
way_entry(struct way *w, const struct stat *st)
{

	if (is_open(w, &w->st) && !way_known(w, st->st_uid))
		return (way_refuse(w, EPERM, "is in a directory that others "
		    "can write, and belongs to neither root nor this user"));
	return (true);
}

/* Enter the directory open as ${fd}, or close it. */
static bool
enter(struct way *w, int fd, const struct stat *st)
{

	if (!way_known(w, st->st_uid)) {
		if (w->use < TRUSTED_STATE || w->has_given) {
			way_drop(fd);
			return (way_refuse(w, EPERM, "a directory on the way "
			    "belongs to another user"));
		}
		w->has_given = true;
		w->given = st->st_uid;
	}
	if (is_open(w, st) && (st->st_mode & S_ISVTX) == 0) {
		way_drop(fd);
		return (way_refuse(w, EPERM, "a directory on the way can be "
		    "written by others"));
	}
	if (w->dir != -1)
		close(w->dir);
	w->dir = fd;
	w->st = *st;
	return (true);
}

static bool
enter_root(struct way *w)
{
	struct stat st;
	int fd;

	if ((fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (false);
	if (fstat(fd, &st) == 0)
		return (enter(w, fd, &st));
	way_drop(fd);
	return (false);
}

/* Put ${to} before the rest of the path. */
static bool
go_on(struct way *w, const char *to)
{
	char rest[PATH_MAX];
	int n;

	memcpy(rest, w->left, sizeof(rest));
	n = snprintf(w->left, sizeof(w->left), "%s/%s", to, rest);
	errno = ENAMETOOLONG;
	return (n > 0 && (size_t)n < sizeof(w->left));
}

bool
way_begin(struct way *w, const char *path, enum trusted_use use)
{
	char here[PATH_MAX] = "";

	memset(w, 0, sizeof(*w));
	w->use = use;
	w->self = geteuid();
	w->dir = -1;
	if (path[0] == '\0' || strlen(path) >= sizeof(w->left))
		return (way_refuse(w, path[0] == '\0' ? ENOENT : ENAMETOOLONG,
		    NULL));
	memcpy(w->left, path, strlen(path) + 1);
	if (path[0] != '/' && (getcwd(here, sizeof(here)) == NULL ||
	    !go_on(w, here)))
		return (false);
	return (enter_root(w));
}

/* Cut the next name off the path.  Return false if none is left, or if it
   is too long (errno). */
static bool
next_name(struct way *w)
{
	const char *from = w->left + strspn(w->left, "/");
	const size_t len = strcspn(from, "/");

	errno = len > NAME_MAX ? ENAMETOOLONG : 0;
	if (len == 0 || len > NAME_MAX)
		return (false);
	memcpy(w->name, from, len);
	w->name[len] = '\0';
	from += len + strspn(from + len, "/");
	memmove(w->left, from, strlen(from) + 1);
	return (true);
}

static bool
follow(struct way *w, int link)
{
	char to[PATH_MAX];
	ssize_t n;

	/* Otherwise the other user could make root go anywhere. */
	if (w->has_given && w->st.st_uid == w->given)
		return (way_refuse(w, EPERM, "a link in a directory of another "
		    "user"));
	if (++w->links > LINKS_MAX)
		return (way_refuse(w, ELOOP, NULL));
	n = readlinkat(link, "", to, sizeof(to) - 1);
	if (n < 1)
		return (false);
	to[n] = '\0';
	return (go_on(w, to) && (to[0] != '/' || enter_root(w)));
}

/* Walk to the directory of the last name, which may be missing: ${last} is
   open as O_PATH, or -1.  With ${all} the last name is a directory, too. */
bool
way_walk(struct way *w, bool all, int *last)
{
	struct stat st;
	bool good;
	int fd;

	*last = -1;
	while (next_name(w)) {
		fd = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd == -1)
			return (errno == ENOENT && w->left[0] == '\0' && !all);
		if (fstat(fd, &st) != 0 || !way_entry(w, &st)) {
			way_drop(fd);
			return (false);
		}
		if (S_ISLNK(st.st_mode) && (all || w->left[0] != '\0' ||
		    w->use != TRUSTED_OWN)) {
			good = follow(w, fd);
			way_drop(fd);
			if (!good)
				return (false);
			continue;
		}
		if (w->left[0] == '\0' && !all) {
			*last = fd;
			return (true);
		}
		if (!S_ISDIR(st.st_mode)) {
			way_drop(fd);
			return (way_refuse(w, ENOTDIR, NULL));
		}
		if (!enter(w, fd, &st))
			return (false);
	}
	if (errno == 0 && !all)
		errno = EISDIR;
	return (errno == 0);
}

void
way_explain(const struct way *w, const char **why)
{

	*why = w->why != NULL ? w->why : strerror(errno);
}

void
way_end(struct way *w)
{

	if (w->dir != -1)
		way_drop(w->dir);
}
