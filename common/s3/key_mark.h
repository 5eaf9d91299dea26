#ifndef S3_KEY_MARK_H_
#define S3_KEY_MARK_H_

#include <sys/types.h>

#include <stdbool.h>
#include <time.h>

/*
 * The mark beside a pair file: FILE.revoked.  `foldergate credentials revoke`
 * adds a line with the id to it, after it has taken the secret out of FILE.  A
 * program that holds a pair which it read before the mark changed must not sign
 * with that pair again, whatever is in FILE by then.
 *
 * Programs look at the file's identity, size and time.  They do not open it.
 */
#define KEY_MARK_SUFFIX ".revoked"

/* All zero: there is no mark. */
struct key_mark {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

/**
 * key_mark_changed(m, file):
 * Set ${m} to the mark beside ${file}.  Return true if there is one, and it is
 * not the one that ${m} was; or if that cannot be seen, because the directory
 * is gone or closed.
 */
bool key_mark_changed(struct key_mark *m, const char *file);

#endif /* !S3_KEY_MARK_H_ */
