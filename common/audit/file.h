#ifndef AUDIT_FILE_H_
#define AUDIT_FILE_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A file that is kept open, though somebody else may put another one under its
   name at any time. */
struct audit_file {
	char path[PATH_MAX];
	int flags;			/* O_APPEND, or 0 */
	int fd;				/* -1: not open */
	unsigned opened;		/* how often; inodes are used again */
	struct stat st;			/* as last seen */
};

/**
 * audit_file_init(f, path, suffix, flags), audit_file_close(f):
 * Name the file ${path}${suffix}; close it.
 */
void audit_file_init(struct audit_file *f, const char *path,
    const char *suffix, int flags);
void audit_file_close(struct audit_file *f);

/**
 * audit_file_follow(f):
 * Have that file open which bears the name now, made with mode 0600 if there is
 * none.  False, with errno: it cannot be, or trusted_open() does not take it as
 * a file of our own.
 */
bool audit_file_follow(struct audit_file *f);

/**
 * audit_file_lock(f, wait_ms), audit_file_unlock(f):
 * Lock that file, within ${wait_ms} > 0.  1: done; 0: others hold it; -1: it
 * cannot be used.
 */
int audit_file_lock(struct audit_file *f, int64_t wait_ms);
void audit_file_unlock(struct audit_file *f);

#endif /* !AUDIT_FILE_H_ */
