#ifndef AUTH_READY_SETTINGS_H_
#define AUTH_READY_SETTINGS_H_

#include "auth/ready_checks.h"

/*
 * Checks of settings alone, for the table of auth/ready_checks.c.
 */

/**
 * ready_settings_blame(c, f):
 * Report in ${f} that the configuration file must be changed.  Return false.
 */
bool ready_settings_blame(const struct ready_checks *c,
    struct ready_found *f);

/**
 * ready_settings_proofs(c, f), ready_settings_tls(c, f):
 * Is at least one kind of proof accepted?  Is every public host asked over
 * TLS?  If not, that is a warning.
 */
bool ready_settings_proofs(struct ready_checks *c, struct ready_found *f);
bool ready_settings_tls(struct ready_checks *c, struct ready_found *f);

#endif /* !AUTH_READY_SETTINGS_H_ */
