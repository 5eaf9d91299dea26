#ifndef BASE_WATCH_H_
#define BASE_WATCH_H_

#include <sys/stat.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A file that a running program reads again after it has changed.  The look is
 * one stat(), at most once a second.  A file that changed within the last
 * second may still be in the middle of a change, so it waits until the next
 * look.
 */
#define WATCH_LOOK_MS 1000

/* All zero: nothing was read yet.  A file that is not there is all zero. */
struct watch {
	struct watch_file {
		dev_t dev;
		ino_t ino;
		off_t size;
		struct timespec mtime, ctime;
	} read, seen;		/* when it was read; at the last look */
	int64_t looked_ms, seen_ms;
	bool was_read;
};

/**
 * watch_changed(w, path, now_ms):
 * Return true if ${path}, or the file that it is a link to, is another one than
 * at the call that returned true last, and has stayed as it is for a second.
 * The first such look returns true.  The caller then reads the file.
 */
bool watch_changed(struct watch *w, const char *path, int64_t now_ms);

/**
 * watch_again(w):
 * The file could not be used.  Let the next look return true, because what is
 * wrong may be a directory on its path.
 */
void watch_again(struct watch *w);

#endif /* !BASE_WATCH_H_ */
