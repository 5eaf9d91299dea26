#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "auth/token.h"
#include "base/log.h"
#include "base/secret.h"

enum err
token_load(const char *path, struct secret **token)
{
	enum err e;

	if ((e = secret_load(path, token)) != ERR_OK)
		return (e);
	if (secret_len(*token) >= TOKEN_MIN)
		return (ERR_OK);
	LOG(LOG_ERROR, "secret_refused", LOG_S("path", path),
	    LOG_S("reason", "is a token of fewer than 16 bytes"));
	secret_free(*token);
	return (ERR_FORMAT);
}

/* Return the token after the name of the scheme, or NULL. */
static const char *
bearer(const char *authorization)
{
	const size_t n = strlen("Bearer");

	if (authorization == NULL ||
	    strncasecmp(authorization, "Bearer", n) != 0 ||
	    authorization[n] != ' ')
		return (NULL);
	return (authorization + n + strspn(authorization + n, " "));
}

enum err
token_check(const char *path, const char *authorization)
{
	const char *given = bearer(authorization);
	struct secret *token;
	enum err e;

	if (given == NULL)
		return (ERR_UNAUTHORIZED);
	if ((e = token_load(path, &token)) != ERR_OK)
		return (e);
	e = secret_equals(token, given, strlen(given)) ? ERR_OK :
	    ERR_UNAUTHORIZED;
	secret_free(token);
	return (e);
}
