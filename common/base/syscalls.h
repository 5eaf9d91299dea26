#ifndef BASE_SYSCALLS_H_
#define BASE_SYSCALLS_H_

#include <stdbool.h>

#include "base/err.h"

/**
 * syscalls_limit(connects, names):
 * Refuse every system call that is not in the list of syscalls.c with ENOSYS,
 * as a kernel without that call does.  A system call of another architecture
 * kills the process.  ${connects} adds the calls for connections, and ${names}
 * those for looking up host names: threads, and loading libraries.
 * no_new_privs must be set.
 *   Errors  ERR_IO the kernel has no such filters, or refuses; see errno
 */
CHECKED enum err syscalls_limit(bool connects, bool names);

#endif /* !BASE_SYSCALLS_H_ */
