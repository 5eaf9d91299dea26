#ifndef BASE_FILE_H_
#define BASE_FILE_H_

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Files that are replaced as a whole and read by mapping them. */

/**
 * file_replace(path, data, len, mode):
 * Put the ${len} bytes at ${data} into the file ${path} with permissions
 * ${mode}.  A reader always sees the complete old file or the complete new
 * one.  Steps: temporary file beside it, fsync, rename, fsync of the
 * directory.  The file gets the directory's group and, from root, its owner.
 *   Errors  ERR_IO, logged with path and errno; the old file is then
 *	     untouched, unless the last fsync failed
 */
CHECKED enum err file_replace(const char *path, const void *data, size_t len,
    mode_t mode);

/**
 * file_create(path, data, len, mode):
 * As file_replace(), but an existing ${path} is left alone.
 *   Errors  ERR_IO, logged with path and errno (EEXIST)
 */
CHECKED enum err file_create(const char *path, const void *data, size_t len,
    mode_t mode);

/**
 * file_sweep(path, before_s):
 * Remove temporary files of file_replace(${path}) and file_create(${path})
 * last written before ${before_s}, Unix seconds.  Killed writers leave such
 * files.
 */
void file_sweep(const char *path, int64_t before_s);

/*
 * The content of a file, read-only, and the identity of that version of it.  A
 * file of up to FILE_COPY_MAX bytes is copied, so later writes do not change
 * it.  A larger file is mapped, so a program that writes into the file,
 * instead of replacing it, changes the content.
 */
#define FILE_COPY_MAX ((size_t)1 << 20)

struct file_map {
	const void *data;	/* NULL: no content */
	size_t len;
	struct stat st;
};

/**
 * file_map_open(path, max_bytes, map, why):
 * Read the regular file ${path}, if trusted_open() accepts it as state.
 *   Errors  ERR_IO cannot be read; ERR_UNSAFE not trusted; ERR_FORMAT not a
 *	     regular file, empty or over ${max_bytes}; not logged, ${why} is a
 *	     static text, map->data is then NULL
 */
CHECKED enum err file_map_open(const char *path, size_t max_bytes,
    struct file_map *map, const char **why);

/**
 * file_map_close(map):
 * Release the content.  A map that was never opened (all zero) is accepted.
 */
void file_map_close(struct file_map *map);

/**
 * file_same(a, b):
 * Are these the same version of the same file: device, inode, size, mtime and
 * ctime?
 */
bool file_same(const struct stat *a, const struct stat *b);

#endif /* !BASE_FILE_H_ */
