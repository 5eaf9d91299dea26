#ifndef CLIENT_FILES_H_
#define CLIENT_FILES_H_

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/md5.h"

/*
 * Files of this machine that are to be sent: those that a person named, and
 * those in directories that a person named.
 */

enum files_state {
	FILES_NEW,		/* must be sent, as far as is known */
	FILES_SAME,		/* the store has it */
	FILES_SENT,
	FILES_FAILED
};

struct files_one {
	char *name;		/* below the folder, and unique */
	char *path;		/* for people, and to open a named file */
	const char *below;	/* the part of it below a named directory, or
				   NULL */
	int dir;		/* that directory, open */
	struct stat st;		/* as it was seen first */
	enum files_state state;

	/* For client/upload*.c: its grant, and whether the store still has to
	   show that it has this digest. */
	size_t grant;
	unsigned batch;
	bool unproven;
	uint8_t md5[MD5_LEN];
};

struct files {
	struct files_one *file;		/* by name, byte for byte */
	size_t n, size;
	int *dir;			/* the named directories */
	size_t dirs;

	/* Called for each file that cannot be sent, with the reason. */
	void (*wrong)(void *user, const char *path, const char *why);
	void *user;
};

/* Directories in directories. */
#define FILES_DEPTH_MAX 64

/**
 * files_add(f, path, prefix):
 * Add the file ${path}, with its last part as its name, or all files of the
 * directory ${path}, with their paths below it as names; ${prefix} is put
 * before the names.  Links in a directory, and what is no regular file, are
 * wrong.  ${path} itself may be a link.
 *   Names   UTF-8 without control bytes, and at most ${FILES_NAME_MAX} bytes;
 *	     others are wrong, and so is "${filename}", which stores replace
 */
#define FILES_NAME_MAX 850
void files_add(struct files *f, const char *path, const char *prefix);

/**
 * files_name_wrong(name):
 * Return why no file may have the name ${name} below a folder, or NULL.
 */
const char *files_name_wrong(const char *name);

/**
 * files_sort(f, again):
 * Sort by name.  Return false and set ${again} to a name that two files have,
 * if there is one.
 */
bool files_sort(struct files *f, const char **again);

/**
 * files_open(one, why):
 * Return a descriptor of the file, for reading, or -1 and the reason.  A file
 * below a directory is opened there, and never through a link.  It must be as
 * it was seen first.
 */
int files_open(const struct files_one *one, const char **why);

/**
 * files_changed(one, fd):
 * Has the file changed, by its size or time, since it was seen first?
 */
bool files_changed(const struct files_one *one, int fd);

/**
 * files_free(f):
 * Free what ${f} holds.
 */
void files_free(struct files *f);

#endif /* !CLIENT_FILES_H_ */
