#ifndef CLIENT_NAMES_H_
#define CLIENT_NAMES_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * Names of objects, which strangers choose: as they are shown, and as paths of
 * files.
 */

/* The longest text of names_show(): longer names are cut and get "...". */
#define NAMES_SHOWN_MAX 1100

/**
 * names_show(name, len, out):
 * Write ${name} for a terminal.  Control characters, those that change the
 * direction of text, line separators, bytes that are not UTF-8 and the
 * backslash are escaped, in the manner of JSON.
 */
void names_show(const char *name, size_t len, char out[NAMES_SHOWN_MAX + 1]);

/**
 * names_plain(name, len):
 * Return whether ${name} is UTF-8 without control characters.
 */
bool names_plain(const char *name, size_t len);

/**
 * names_odd(name, len):
 * Return why no file may have the path ${name} below a directory, or NULL.
 *   Shape   UTF-8 without control characters; parts of 1 to NAMES_PART_MAX
 *	     bytes, at most NAMES_PARTS_MAX, none of them "." or ".."; the first
 *	     one is not NAMES_OWN; at most NAMES_PATH_MAX bytes in all
 */
#define NAMES_PART_MAX 255
#define NAMES_PARTS_MAX 64
#define NAMES_PATH_MAX 1024
const char *names_odd(const char *name, size_t len);

/* The directory of files that are not whole yet. */
#define NAMES_OWN ".foldergate"

#endif /* !CLIENT_NAMES_H_ */
