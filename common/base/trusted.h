#ifndef BASE_TRUSTED_H_
#define BASE_TRUSTED_H_

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Files that are trusted.  The path of a file is walked from the root, name by
 * name, and each directory on it is checked:
 *
 * - It belongs to root or to the program's user.  The path of a state file may
 * enter the directory of one other user, if the owner of the parent directory
 * gave it to that user.
 * - Others cannot write it, or it is sticky, as /tmp is, and the entry used in
 * it belongs to root or to the program's user.  "Others" is everybody but the
 * owner and the group.  The group is included, unless it is root's or one of
 * the program's.
 * - Links are followed where these rules hold, but not out of another user's
 * directory.
 *
 * The file itself belongs to one of these users, and only its owner can write
 * it.  The checks use the returned descriptor, not a name.
 */
enum trusted_use {
	TRUSTED_CONFIG,		/* root's or own; /dev/null; an open pipe */
	TRUSTED_SECRET,		/* also closed to others; see trusted_open() */
	TRUSTED_STATE,		/* read, perhaps in another user's directory */
	TRUSTED_OWN,		/* written there: one name, not a link */
	TRUSTED_SOCKET,		/* only looked at: as TRUSTED_STATE, but a
				   socket, whose mode says who may connect */
};

/**
 * trusted_open(path, use, flags, st, why):
 * Open the regular file ${path}.  ${flags} are those of open().  O_CREAT
 * creates a missing file with mode 0600.  If root does that, the file gets the
 * directory's owner.  A secret of root's that everybody may read is accepted
 * on a read-only mount that is not that of "/", as containers mount secrets.
 *   Errors  -1 and errno: EPERM not trusted, EINVAL not a regular file, ELOOP
 *	     a link at an own file's name, or as openat(); ${why} then is a
 *	     static text
 */
CHECKED int trusted_open(const char *path, enum trusted_use use, int flags,
    struct stat *st, const char **why);

/**
 * trusted_look(path, use, access, st, why):
 * Would trusted_open() accept ${path}, and is ${access} (R_OK, W_OK) allowed?
 * Nothing is opened for reading, so that this process keeps its locks.
 *   Errors  false, otherwise as trusted_open()
 */
CHECKED bool trusted_look(const char *path, enum trusted_use use, int access,
    struct stat *st, const char **why);

/**
 * trusted_look_in(directory, names, n, st, why):
 * Would trusted_open() accept each of the ${n} ${names} in ${directory} as
 * TRUSTED_OWN?  The way to them is walked once.  A missing file is accepted,
 * and its ${st} has no link (st_nlink 0).
 *   Errors  false, otherwise as trusted_open()
 */
CHECKED bool trusted_look_in(const char *directory, const char *const *names,
    size_t n, struct stat *st, const char **why);

/**
 * trusted_directory(path, st, why):
 * Open the directory ${path}, which may be another user's, for reading.
 *   Errors  as trusted_open(); ENOTDIR
 */
CHECKED int trusted_directory(const char *path, struct stat *st,
    const char **why);

#endif /* !BASE_TRUSTED_H_ */
