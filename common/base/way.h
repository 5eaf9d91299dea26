#ifndef BASE_WAY_H_
#define BASE_WAY_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "base/trusted.h"

/*
 * The way to a file, walked from the root, name by name.  Which directories and
 * links on it are believed is said in base/trusted.h, which alone uses this.
 */
struct way {
	enum trusted_use use;
	uid_t self, given;	/* we, and the other user on the way */
	bool has_given;
	int dir;		/* where we are, */
	struct stat st;		/* and what that is */
	char name[NAME_MAX + 1];	/* in it */
	char left[PATH_MAX];	/* the way from there on */
	int links;
	const char *why;
};

/**
 * way_begin(w, path, use), way_end(w):
 * Stand in the root, or, if ${path} does not begin there, still have the way to
 * where this process is before us; leave.  errno stays when leaving.
 *   Errors  false, with errno and perhaps w->why
 */
CHECKED bool way_begin(struct way *w, const char *path, enum trusted_use use);
void way_end(struct way *w);

/**
 * way_walk(w, all, last):
 * Go as far as to the directory of the last name, which may be missing.
 * ${last} is then open as O_PATH, or -1.  With ${all} the last name is a
 * directory in which we end up.
 *   Errors  false, with errno and perhaps w->why
 */
CHECKED bool way_walk(struct way *w, bool all, int *last);

/**
 * way_known(w, uid):
 * Is that root, we, or the other user on this way?
 */
bool way_known(const struct way *w, uid_t uid);

/**
 * way_refuse(w, error, why), way_explain(w, why):
 * Set errno and the static text that says why; false.  Get that, or what errno
 * means.
 */
bool way_refuse(struct way *w, int error, const char *why);
void way_explain(const struct way *w, const char **why);

/**
 * way_drop(fd):
 * close(${fd}), with errno as it was.
 */
void way_drop(int fd);

#endif /* !BASE_WAY_H_ */
