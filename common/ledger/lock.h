#ifndef LEDGER_LOCK_H_
#define LEDGER_LOCK_H_

#include <stdint.h>

#include "base/err.h"

/*
 * The queue before the local ledger: flock() on a file, with a time limit.
 *
 * flock() alone is not fair.  The kernel wakes the first that waits, but a
 * process that comes just then takes the lock from it, and it waits again,
 * behind others.  On a busy machine some processes then wait for seconds.  So a
 * process draws a number, which is counted in the file, locks the byte of that
 * number, and waits for the byte before it.  The kernel frees the locks of dead
 * processes.  Only flock() keeps others out.  If a program does not queue, or a
 * count is lost, the order changes, and nothing else.
 */

/**
 * ledger_lock_init():
 * Take SIGRTMIN, the signal that ends a wait, and block it.
 */
void ledger_lock_init(void);

/**
 * ledger_lock(fd, wait_ms), ledger_lock_leave(fd):
 * Lock the file ${fd}, open for reading and writing, waiting for up to
 * ${wait_ms}, and a little more; unlock it.  Other signals do not end the wait.
 * Closing unlocks, too.
 *   Errors  ERR_LEDGER it took too long; ERR_IO, see errno
 */
CHECKED enum err ledger_lock(int fd, int64_t wait_ms);
void ledger_lock_leave(int fd);

#endif /* !LEDGER_LOCK_H_ */
