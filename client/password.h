#ifndef CLIENT_PASSWORD_H_
#define CLIENT_PASSWORD_H_

#include "base/err.h"

struct secret;

/**
 * password_read(file, prompt, password):
 * Read a password from ${file}, as secret_load() does.  If ${file} is NULL, ask
 * for it with ${prompt} on the terminal of this process, without showing it.  A
 * process whose standard error is no terminal has nobody to ask.
 * The terminal is as before afterwards, also after Ctrl-C and Ctrl-Z.  The
 * caller frees ${password}.
 *   Shape   one line of 1 to PASSWORD_MAX bytes
 *   Errors  ERR_IO no terminal, or nothing was typed; those of secret_load(),
 *	     which logs them
 */
#define PASSWORD_MAX 1024
CHECKED enum err password_read(const char *file, const char *prompt,
    struct secret **password);

#endif /* !CLIENT_PASSWORD_H_ */
