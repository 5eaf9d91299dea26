#ifndef CLIENT_FILESUM_H_
#define CLIENT_FILESUM_H_

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypto/md5.h"

/*
 * The MD5 of a file that is being sent or loaded.  A thread of its own reads
 * what has moved so far, so that the transfers do not wait for it; a small file
 * needs no thread.
 */
struct filesum;

/**
 * filesum_new(fd, stop), filesum_free(d):
 * Begin the digest of the file ${fd}, which must stay open.  Return NULL where
 * the system forbids MD5.  ${stop} ends a wait when it is not 0.
 * filesum_free() takes NULL, too.
 */
struct filesum *filesum_new(int fd, const volatile sig_atomic_t *stop);
void filesum_free(struct filesum *d);

/**
 * filesum_to(d, to):
 * Let the bytes before ${to} be read.  They must not change any more.
 */
void filesum_to(struct filesum *d, int64_t to);

/**
 * filesum_end(d, to, out):
 * Wait until all bytes before ${to} are digested, and write their digest to
 * ${out}.  Return false if they cannot be read, or on stop.  Only
 * filesum_free() may follow.
 */
bool filesum_end(struct filesum *d, int64_t to, uint8_t out[MD5_LEN]);

#endif /* !CLIENT_FILESUM_H_ */
