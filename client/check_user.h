#ifndef CLIENT_CHECK_USER_H_
#define CLIENT_CHECK_USER_H_

#include <sys/types.h>

#include <stdbool.h>

#include "auth/ready.h"

/* The user that the programs run as, for check-config, doctor and top. */

#define CHECK_USER_MAX (2 * READY_NAME_MAX + 1)

struct check_user {
	char name[READY_NAME_MAX + 1];	/* whom we are now */
};

/**
 * check_user_become(name, u):
 * Become the user ${name}, with its groups.  Without a name root becomes the
 * owner of state.shared, so that what is tried is what the
 * programs may do, and nothing is made that they could not write; anybody else
 * stays.
 *   Errors  false, after command_failed()
 */
bool check_user_become(const char *name, struct check_user *u);

/**
 * check_user_as(u, as):
 * Set ${as} to the names of the user and group that we are now.
 */
void check_user_as(const struct check_user *u, struct ready_as *as);

/**
 * check_user_owner(uid, gid, out):
 * Write "user:group", by name where there is one.
 */
void check_user_owner(uid_t uid, gid_t gid, char out[CHECK_USER_MAX + 1]);

#endif /* !CLIENT_CHECK_USER_H_ */
