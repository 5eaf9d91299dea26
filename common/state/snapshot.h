#ifndef STATE_SNAPSHOT_H_
#define STATE_SNAPSHOT_H_

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "base/file.h"

/*
 * What all readers of a file that is replaced whole have in common: looking
 * whether it is another one, checking it once, keeping the last good one.
 */
struct snapshot {
	char path[PATH_MAX];
	struct file_map map;	/* the one in use */
	struct stat seen;	/* the last file looked at, good or bad */
	int unseen;		/* errno of the last look; 0: it is there */
	bool optional;		/* that there is none is not worth a line */
};

/**
 * snapshot_path(directory, name, path):
 * Make ${path} that of the file ${name} in ${directory}.  One too long becomes
 * one that cannot be opened.
 */
void snapshot_path(const char *directory, const char *name,
    char path[PATH_MAX]);

/**
 * snapshot_refresh(s, max_bytes, check, user):
 * One stat(); if the file is another one than the last one looked at, take it
 * up: into s->map if ${check}(map, ${user}) returns NULL.  Otherwise what that
 * returned is logged, and the one in use stays.  So it does while the file
 * cannot be looked at or read, which is logged when it begins.
 */
void snapshot_refresh(struct snapshot *s, size_t max_bytes,
    const char *(*check)(const struct file_map *map, void *user), void *user);

#endif /* !STATE_SNAPSHOT_H_ */
