#ifndef BASE_TRUSTED_H_
#define BASE_TRUSTED_H_

#include <sys/stat.h>

#include <stdbool.h>

#include "base/err.h"

/*
 * Files that are believed.  The way to a file is walked from the root, name by
 * name, and each directory on it is looked at:
 *
 * - It belongs to root or to us.  The way to a state file may go over into the
 *   directory of one other user, who was given it by the directory's parent.
 * - Others cannot write it, or it is sticky, as /tmp is, and what we take out
 *   of it belongs to root or to us.  "Others" is everybody but the owner and
 *   the group, and the group unless it is root's or one of ours.
 * - Links are followed where these rules hold, but not out of another user's
 *   directory.
 *
 * The file itself belongs to one of these users and can be written by its owner
 * alone.  What is checked is the descriptor that is handed out, not a name.
 */
enum trusted_use {
	TRUSTED_CONFIG,		/* root's or ours; /dev/null; an open pipe */
	TRUSTED_SECRET,		/* and closed to others; see trusted_open() */
	TRUSTED_STATE,		/* read, in a directory that may be another's */
	TRUSTED_OWN,		/* written there: one name, and that no link */
};

/**
 * trusted_open(path, use, flags, st, why):
 * Open the regular file ${path}.  ${flags} are those of open(); O_CREAT makes
 * it with mode 0600 if there is none, in the hands of the directory's owner if
 * root does that.  A secret of root's that everybody may read is taken if its
 * file system is mounted read-only, as containers mount secrets.
 *   Errors  -1 and errno: EPERM not to be believed, EINVAL not a regular file,
 *	     ELOOP a link at an own file's name, or as openat(); ${why} then is
 *	     a static text
 */
CHECKED int trusted_open(const char *path, enum trusted_use use, int flags,
    struct stat *st, const char **why);

/**
 * trusted_look(path, use, access, st, why):
 * Would trusted_open() hand ${path} out, and may we do ${access} (R_OK, W_OK)?
 * Nothing is opened for reading, so that no lock of this process is lost.
 *   Errors  false, otherwise as trusted_open()
 */
CHECKED bool trusted_look(const char *path, enum trusted_use use, int access,
    struct stat *st, const char **why);

/**
 * trusted_directory(path, st, why):
 * Open the directory ${path}, which may be another user's, for reading.
 *   Errors  as trusted_open(); ENOTDIR
 */
CHECKED int trusted_directory(const char *path, struct stat *st,
    const char **why);

#endif /* !BASE_TRUSTED_H_ */
