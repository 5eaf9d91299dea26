#ifndef AUTH_TOKEN_H_
#define AUTH_TOKEN_H_

#include "base/err.h"

struct secret;

/* A token has this many bytes or more, so nobody guesses one. */
#define TOKEN_MIN 16

/**
 * token_load(path, token):
 * Read the token of the operator from the file ${path}.
 *   Errors  as secret_load(); ERR_FORMAT it is too short; logged
 */
CHECKED enum err token_load(const char *path, struct secret **token);

/**
 * token_check(path, authorization):
 * Does the header Authorization bring the token in the file ${path}?  The file
 * is read each time, so that the token can be changed.  ${authorization} may be
 * NULL.
 *   Shape   Bearer TOKEN, the first word in any case (RFC 6750, section 2.1;
 *	     RFC 9110, section 11.1)
 *   Errors  ERR_UNAUTHORIZED; as token_load()
 */
CHECKED enum err token_check(const char *path, const char *authorization);

#endif /* !AUTH_TOKEN_H_ */
