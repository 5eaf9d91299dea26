#ifndef AUTH_READY_MEND_H_
#define AUTH_READY_MEND_H_

#include <stdbool.h>

#include "auth/ready.h"

/* This module writes the commands that mend, for one file and one user. */

/**
 * ready_mend(f, as, form):
 * Set f->mend to the command ${form}.  In it, %P stands for f->path, %D for its
 * directory, %U and %G for the user and group of ${as}, %S for the owner of
 * that directory, and %F for the configuration file.  %C sets FOLDERGATE_CONFIG
 * where the command needs it.  Names are quoted for a shell.
 */
void ready_mend(struct ready_found *f, const struct ready_as *as,
    const char *form);

/**
 * ready_mend_way(f, as):
 * Check that we may pass through each directory on the way to f->path.  If not,
 * set f->path to the first directory that stops us, set the reason and the
 * command that mends, and return true.
 */
bool ready_mend_way(struct ready_found *f, const struct ready_as *as);

/**
 * ready_mend_file(f, as, for_mode, anew, own):
 * Set the command for the file f->path.  First try ready_mend_way().  Otherwise
 * use ${own} if the file exists and its owner or mode is wrong.  That is so if
 * ${for_mode} is set or we may not read the file.  Otherwise use ${anew}.
 */
void ready_mend_file(struct ready_found *f, const struct ready_as *as,
    bool for_mode, const char *anew, const char *own);

#endif /* !AUTH_READY_MEND_H_ */
