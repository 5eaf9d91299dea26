#ifndef BASE_SYSCALLS_H_
#define BASE_SYSCALLS_H_

#include <stdbool.h>

#include "base/err.h"

/**
 * syscalls_limit(connects, names):
 * Refuse every system call that is not in the list of syscalls.c, as a kernel
 * does that does not have it (ENOSYS).  A program made
 * for another kind of processor is killed.  ${connects} adds what connections
 * need, and ${names} what looking up host names needs: threads, and loading
 * libraries.  no_new_privs must be set.
 *   Errors  ERR_IO the kernel has no such filters, or refuses; see errno
 */
CHECKED enum err syscalls_limit(bool connects, bool names);

#endif /* !BASE_SYSCALLS_H_ */
