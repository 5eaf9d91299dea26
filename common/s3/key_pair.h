#ifndef S3_KEY_PAIR_H_
#define S3_KEY_PAIR_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "s3/sigv4.h"

struct secret;

/*
 * An access key id and its secret.  A pair file holds both in one line,
 * ID:SECRET, so one rename() replaces both at once.  Source of the form: the
 * password file of s3fs.
 */

/* In place of the id in a pair file, with the id after it: this pair must sign
   nothing any more. */
#define KEY_PAIR_REVOKED "revoked"

/**
 * key_pair_make(key, id, secret, wrong):
 * Make ${key} from ${id} and the whole ${secret}, which must outlive it.
 *   Errors  ERR_FORMAT, and ${wrong} then is a static text that follows "the
 *	     secret"
 */
CHECKED enum err key_pair_make(struct sigv4_key *key, const char *id,
    const struct secret *secret, const char **wrong);

/**
 * key_pair_read(key, line, uploads, file):
 * Make ${key} from the ${line} of the pair ${file}, which must outlive it.
 * ${uploads}: it signs uploads, so clients see its id.
 *   Errors  ERR_FORMAT not a pair; ERR_KEY_REVOKED; logged, with ${file}
 */
CHECKED enum err key_pair_read(struct sigv4_key *key,
    const struct secret *line, bool uploads, const char *file);

#endif /* !S3_KEY_PAIR_H_ */
