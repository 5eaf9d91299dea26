#ifndef BASE_SANDBOX_H_
#define BASE_SANDBOX_H_

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Limits on a program after start-up.  Landlock limits the files that it can
 * open, and a seccomp filter limits its system calls (base/syscalls.h).  Both
 * hold for all its threads, until the process ends.
 */
#define SANDBOX_PATHS_MAX 16

/*
 * SANDBOX_WRITE: read, write, create, rename and remove files.  SANDBOX_APPEND:
 * create and write files, no more; a directory that is not there is left out.
 */
enum sandbox_right { SANDBOX_READ, SANDBOX_WRITE, SANDBOX_APPEND };

/* All zero: no files, no connections, no threads. */
struct sandbox {
	bool connects;		/* open connections */
	bool names;		/* look up host names: needs a thread, and
				   whatever nsswitch.conf names */
	size_t n;
	struct sandbox_path {
		const char *path;	/* the caller's */
		size_t len;		/* of the directory's name in it */
		enum sandbox_right right;
		struct stat st;
	} path[SANDBOX_PATHS_MAX];
	int abi;		/* of Landlock, once it is on; else 0 */
	bool filtered;		/* the filter is on */
	const char *why;	/* static text about the last error */
};

/**
 * sandbox_directory(s, path, right), sandbox_beside(s, file, right):
 * Allow ${right} below the directory ${path}, or below that of ${file} and, if
 * ${file} is a link, that of its target.  The text must outlive ${s}.  An empty
 * text is ignored.
 */
void sandbox_directory(struct sandbox *s, const char *path,
    enum sandbox_right right);
void sandbox_beside(struct sandbox *s, const char *file,
    enum sandbox_right right);

/**
 * sandbox_connect(s, names):
 * Allow connections and, with ${names}, looking up host names.
 */
void sandbox_connect(struct sandbox *s, bool names);

/**
 * sandbox_files(s), sandbox_calls(s):
 * Give up everything else, by Landlock, and by a filter.  The filter allows
 * sandbox_files().  A call does nothing if its limit is already on.
 *   Errors  ERR_IO the kernel does not do it; ERR_NOT_READY a directory is not
 *	     there, so that nothing was given up; not logged, see s->why
 */
CHECKED enum err sandbox_files(struct sandbox *s);
CHECKED enum err sandbox_calls(struct sandbox *s);

/**
 * sandbox_replaced(s):
 * Was one of the directories replaced after Landlock was turned on?  The rights
 * hold for the old directory.
 */
bool sandbox_replaced(const struct sandbox *s);

#endif /* !BASE_SANDBOX_H_ */
