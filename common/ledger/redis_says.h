#ifndef LEDGER_REDIS_SAYS_H_
#define LEDGER_REDIS_SAYS_H_

#include <stdbool.h>

/* What a Redis says, and what we make of it. */

/**
 * redis_says_error(text, command, passes):
 * Our own words, a static string, for the error ${text} with which a Redis
 * answered ${command}; ${text} is never repeated.  ${passes}: it may do better
 * the next time, without a new connection.
 */
const char *redis_says_error(const char *text, const char *command,
    bool *passes);

/**
 * redis_says_info(info, name, out):
 * Copy to ${out} the word that stands behind "name:" on a line of ${info}, the
 * answer to INFO; is there one, of letters, digits and hyphens?
 */
#define REDIS_SAYS_MAX 64

bool redis_says_info(const char *info, const char *name,
    char out[REDIS_SAYS_MAX + 1]);

#endif /* !LEDGER_REDIS_SAYS_H_ */
