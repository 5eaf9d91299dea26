#ifndef CONFIG_INI_H_
#define CONFIG_INI_H_

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "config/config.h"
#include "config/key.h"

/* A configuration while it is read: what it becomes, and where it comes from.
   Fill ${path}, ${cfg} and ${message}; the rest starts as zero. */
struct ini {
	const char *path;
	struct config *cfg;
	char *message;		/* CONFIG_MESSAGE_MAX + 1 bytes */
	struct config_origin origin[KEY_COUNT];
	bool refused;		/* ${message} says why */
	FILE *f;
	int line;
};

/**
 * ini_refuse(i, where, fmt, ...):
 * Refuse the configuration: write "WHERE: " and the text to ${i->message},
 * unless it is refused already, because later faults often follow from the
 * first.  A ${where} of NULL is the line that is being read.
 */
void ini_refuse(struct ini *i, const char *where, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/**
 * ini_set(i, k, value, where):
 * Set ${k}, or refuse with what would be right.
 */
void ini_set(struct ini *i, const struct key *k, const char *value,
    const char *where);

/**
 * ini_file(i), ini_environment(i):
 * Read the file ${i->path}; read FOLDERGATE_<SECTION>_<KEY>.  What is wrong in
 * them is refused.
 *   Errors  ERR_IO the file cannot be opened, which is refused, too
 */
CHECKED enum err ini_file(struct ini *i);
void ini_environment(struct ini *i);

#endif /* !CONFIG_INI_H_ */
