#ifndef AUDIT_FILE_H_
#define AUDIT_FILE_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A file that is kept open, although another program may put another file
   under its name at any time. */
struct audit_file {
	char path[PATH_MAX];
	int flags;			/* O_APPEND, or 0 */
	int fd;				/* -1: not open */
	unsigned opened;		/* how often; inodes are reused */
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
 * Open the file that has the name now, made with mode 0600 if there is none.
 * Return false, with errno, if that fails or if trusted_open() refuses it as
 * an own file.
 */
bool audit_file_follow(struct audit_file *f);

/**
 * audit_file_lock(f, wait_ms), audit_file_unlock(f):
 * Lock that file, within ${wait_ms} > 0.  Return 1: locked; 0: others hold it;
 * -1: it cannot be used.
 */
int audit_file_lock(struct audit_file *f, int64_t wait_ms);
void audit_file_unlock(struct audit_file *f);

#endif /* !AUDIT_FILE_H_ */
