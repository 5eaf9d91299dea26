#ifndef LEDGER_REDIS_SAYS_H_
#define LEDGER_REDIS_SAYS_H_

#include <stdbool.h>

/* Answers of a Redis, and their meaning. */

/**
 * redis_says_error(text, command, passes):
 * Return fixed words, a static string, for the error ${text} with which a
 * Redis answered ${command}.  ${text} is never repeated.  Set ${passes} if a
 * later attempt may succeed without a new connection.
 */
const char *redis_says_error(const char *text, const char *command,
    bool *passes);

/* What it returns for a replica. */
extern const char redis_says_replica[];

/**
 * redis_says_info(info, name, out):
 * Copy to ${out} the word after "name:" on a line of ${info}, the answer to
 * INFO.  Return whether there is one, of letters, digits and hyphens.
 */
#define REDIS_SAYS_MAX 64

bool redis_says_info(const char *info, const char *name,
    char out[REDIS_SAYS_MAX + 1]);

#endif /* !LEDGER_REDIS_SAYS_H_ */
