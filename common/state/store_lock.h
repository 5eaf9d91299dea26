#ifndef STATE_STORE_LOCK_H_
#define STATE_STORE_LOCK_H_

#include <stdint.h>

#include "base/err.h"

/*
 * The queue before the local store: flock() on a file, given up after a while.
 * The kernel wakes who has waited longest, and frees what the dead held.
 */

/**
 * store_lock_init():
 * Take SIGRTMIN, the signal that ends a wait, and block it.
 */
void store_lock_init(void);

/**
 * store_lock(fd, wait_ms):
 * Lock the open file ${fd}, waiting for up to ${wait_ms}, and a little more.
 * Other signals do not end the wait.  Unlock with flock() or by closing.
 *   Errors  ERR_STORE it took too long; ERR_IO, see errno
 */
CHECKED enum err store_lock(int fd, int64_t wait_ms);

#endif /* !STATE_STORE_LOCK_H_ */
