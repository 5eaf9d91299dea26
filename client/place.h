#ifndef CLIENT_PLACE_H_
#define CLIENT_PLACE_H_

#include <stdbool.h>
#include <stdint.h>

/*
 * A directory that files are loaded into, and never anything outside it: each
 * part of a path is opened below the directory without following a link.  A
 * file that is not whole lies in NAMES_OWN there.
 */
struct place {
	int dir, own;
};

/* A file that is not whole and was not written to for this long may go. */
#define PLACE_KEPT_S (7 * 86400)

/* The name of a file that is not whole: PLACE_ID_MAX bytes at most. */
#define PLACE_ID_MAX 80

/**
 * place_open(p, path), place_close(p):
 * Open the directory ${path}, which is made if it is missing.  Return NULL, or
 * why not: among others, because the kernel is older than 5.6 and lacks
 * openat2(); or because another user owns NAMES_OWN there, or may write to it.
 * place_close() removes NAMES_OWN if it is empty.
 */
const char *place_open(struct place *p, const char *path);
void place_close(struct place *p);

/**
 * place_read(p, path):
 * Open the regular file ${path}, for reading.  Return -1 and set errno, to
 * ENOENT if there is none, if it is anything else.
 */
int place_read(const struct place *p, const char *path);

/**
 * place_part(p, id):
 * Open the file ${id} that is not whole, or make it, and lock it.  Return -1
 * and set errno, to EWOULDBLOCK if another program has it.
 */
int place_part(const struct place *p, const char *id);

/**
 * place_take(p, id, path):
 * Rename ${id}, which is whole, to ${path}, and make the directories on the
 * way.  It replaces a regular file, and nothing else.  Return false and set
 * errno on failure.
 */
bool place_take(const struct place *p, const char *id, const char *path);

/**
 * place_drop(p, id):
 * Remove ${id}.
 */
void place_drop(const struct place *p, const char *id);

/**
 * place_sweep(p, ending, before_s):
 * Remove files that are not whole, whose names have this ending, which no
 * program has open by place_part(), and which were not written to since
 * ${before_s}, in Unix seconds.
 */
void place_sweep(const struct place *p, const char *ending, int64_t before_s);

/**
 * place_failed(error):
 * Return words for an errno of the functions above.
 */
const char *place_failed(int error);

#endif /* !CLIENT_PLACE_H_ */
