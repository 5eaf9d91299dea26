#ifndef BASE_WAY_H_
#define BASE_WAY_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "base/trusted.h"

/*
 * The path of a file, walked from the root, name by name. base/trusted.h, its
 * only user, documents which directories and links on it are trusted.
 */
struct way {
	enum trusted_use use;
	uid_t self, given;	/* this user, and the other one on the path */
	bool has_given;
	int dir;		/* the current directory, */
	struct stat st;		/* and its status */
	char name[NAME_MAX + 1];	/* the name in it */
	char left[PATH_MAX];	/* the rest of the path */
	int links;
	const char *why;
};

/**
 * way_begin(w, path, use), way_end(w):
 * Start in the root.  If ${path} is relative, the current directory's path
 * comes before it.  End the walk; errno stays as it was.
 *   Errors  false, with errno and perhaps w->why
 */
CHECKED bool way_begin(struct way *w, const char *path, enum trusted_use use);
void way_end(struct way *w);

/**
 * way_walk(w, all, last):
 * Walk to the directory of the last name, which may be missing.  ${last} is
 * then open as O_PATH, or -1.  With ${all} the last name is a directory, and
 * the walk ends in it.
 *   Errors  false, with errno and perhaps w->why
 */
CHECKED bool way_walk(struct way *w, bool all, int *last);

/**
 * way_entry(w, st):
 * Could no unknown user have put a file with the status ${st} into the current
 * directory?
 *   Errors  false, with errno and w->why
 */
CHECKED bool way_entry(struct way *w, const struct stat *st);

/**
 * way_known(w, uid):
 * Is ${uid} root, this user, or the other user on this path?
 */
bool way_known(const struct way *w, uid_t uid);

/**
 * way_refuse(w, error, why), way_explain(w, why):
 * Set errno and the static text of the reason, and return false.  Get that
 * text, or the meaning of errno.
 */
bool way_refuse(struct way *w, int error, const char *why);
void way_explain(const struct way *w, const char **why);

/**
 * way_drop(fd):
 * close(${fd}), but errno stays as it was.
 */
void way_drop(int fd);

#endif /* !BASE_WAY_H_ */
