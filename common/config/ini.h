#ifndef CONFIG_INI_H_
#define CONFIG_INI_H_

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "config/config.h"
#include "config/key.h"

/* A configuration that is being read: its result, and its origin.  Fill
   ${path}, ${cfg} and ${message}.  The rest starts as zero. */
struct ini {
	const char *path;
	struct config *cfg;
	char *message;		/* CONFIG_MESSAGE_MAX + 1 bytes */
	struct config_origin origin[KEY_COUNT];
	bool refused;		/* ${message} has the reason */
	FILE *f;
	int line;
};

/**
 * ini_refuse(i, where, fmt, ...):
 * Refuse the configuration: write "WHERE: " and the text to ${i->message}.  If
 * it is refused already, keep the first message, because later faults often
 * follow from the first.  A ${where} of NULL is the current line.
 */
void ini_refuse(struct ini *i, const char *where, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/**
 * ini_set(i, k, value, where):
 * Set ${k}, or refuse with the accepted values.
 */
void ini_set(struct ini *i, const struct key *k, const char *value,
    const char *where);

/**
 * ini_file(i), ini_environment(i):
 * Read the file ${i->path}; read FOLDERGATE_<SECTION>_<KEY>.  Faults in them
 * are refused.
 *   Errors  ERR_IO the file cannot be opened, which is refused, too
 */
CHECKED enum err ini_file(struct ini *i);
void ini_environment(struct ini *i);

#endif /* !CONFIG_INI_H_ */
