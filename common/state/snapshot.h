#ifndef STATE_SNAPSHOT_H_
#define STATE_SNAPSHOT_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "base/file.h"

/*
 * The common part of all readers of a file that is replaced as a whole: they
 * detect a new file, check it once, and keep the last good one.
 */
struct snapshot {
	char path[PATH_MAX];
	struct file_map map;	/* the one in use */
	struct stat seen;	/* the last file inspected, good or bad */
	int unseen;		/* errno of the last look; 0: it exists */
	bool optional;		/* a missing file is not logged */
};

/**
 * snapshot_path(directory, name, path):
 * Set ${path} to the file ${name} in ${directory}.  A path that is too long
 * becomes one that cannot be opened.
 */
void snapshot_path(const char *directory, const char *name,
    char path[PATH_MAX]);

/**
 * snapshot_refresh(s, max_bytes, check, user):
 * One stat().  If the file is not the last one inspected, read it, and use it
 * as s->map if ${check}(map, ${user}) returns NULL.  Otherwise log the
 * returned fault and keep the one in use.  The one in use also stays while the
 * file cannot be inspected or read, which is logged when it begins.
 */
void snapshot_refresh(struct snapshot *s, size_t max_bytes,
    const char *(*check)(const struct file_map *map, void *user), void *user);

#endif /* !STATE_SNAPSHOT_H_ */
