#ifndef AUTH_READY_MEND_H_
#define AUTH_READY_MEND_H_

#include <stdbool.h>

#include "auth/ready.h"

/* The commands that mend, written out for one file and one user. */

/**
 * ready_mend(f, as, form):
 * Make f->mend the command ${form}, in which %P stands for f->path, %D for its
 * directory, %U and %G for the user and group of ${as}, %S for the user whose
 * directory that is, and %F for the configuration file, and %C for setting
 * FOLDERGATE_CONFIG where that is needed.  Names are quoted for a shell.
 */
void ready_mend(struct ready_found *f, const struct ready_as *as,
    const char *form);

/**
 * ready_mend_way(f, as):
 * May we not pass through one of the directories on the way to f->path?  Then
 * let f->path be the first of these, say so, and name the command that mends.
 */
bool ready_mend_way(struct ready_found *f, const struct ready_as *as);

/**
 * ready_mend_file(f, as, for_mode, anew, own):
 * Name the command for the file f->path: as ready_mend_way(); or ${own}, if its
 * owner and mode are what is wrong, as ${for_mode} says or because we may not
 * read it; else ${anew}.
 */
void ready_mend_file(struct ready_found *f, const struct ready_as *as,
    bool for_mode, const char *anew, const char *own);

#endif /* !AUTH_READY_MEND_H_ */
