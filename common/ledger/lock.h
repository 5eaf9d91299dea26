#ifndef LEDGER_LOCK_H_
#define LEDGER_LOCK_H_

#include <stdint.h>

#include "base/err.h"

/*
 * The queue before the local ledger: flock() on a file, with a time limit.
 * The kernel wakes the process that has waited longest, and frees the locks of
 * dead ones.
 */

/**
 * ledger_lock_init():
 * Take SIGRTMIN, the signal that ends a wait, and block it.
 */
void ledger_lock_init(void);

/**
 * ledger_lock(fd, wait_ms):
 * Lock the open file ${fd}, waiting for up to ${wait_ms}, and a little more.
 * Other signals do not end the wait.  Unlock with flock() or by closing.
 *   Errors  ERR_LEDGER it took too long; ERR_IO, see errno
 */
CHECKED enum err ledger_lock(int fd, int64_t wait_ms);

#endif /* !LEDGER_LOCK_H_ */
