#ifndef AUTH_READY_SECRETS_H_
#define AUTH_READY_SECRETS_H_

#include "auth/ready_checks.h"

/*
 * Checks of files with a secret, for the table of auth/ready_checks.c.
 */

/* The command that writes a secret, in the form of ready_mend().  It is pasted,
   until the end of input. */
#define READY_SECRETS_MEND "install -D -o root -g %G -m 0640 /dev/stdin %P"

/**
 * ready_secrets_blame(c, f, file, anew):
 * Report in ${f} that the secret in ${file} cannot be used, with the command
 * ${anew} that makes another, or that the configuration names no file.  Return
 * false.
 */
bool ready_secrets_blame(const struct ready_checks *c, struct ready_found *f,
    const char *file, const char *anew);

/**
 * ready_secrets_upload(c, f), ready_secrets_read(c, f):
 * Can the role sign?  A pair file that was good at an earlier look is only a
 * warning, because running programs go on with the pair that they have.
 */
bool ready_secrets_upload(struct ready_checks *c, struct ready_found *f);
bool ready_secrets_read(struct ready_checks *c, struct ready_found *f);

#endif /* !AUTH_READY_SECRETS_H_ */
