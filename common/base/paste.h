#ifndef BASE_PASTE_H_
#define BASE_PASTE_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * Marks that editors, terminals, consoles and web pages leave around a copied
 * value.
 */

/**
 * paste_wrong(s, len):
 * Return NULL if the ${len} bytes at ${s} are printable ASCII, without a blank
 * at an end and without quotation marks around them.  Otherwise return what is
 * wrong, a static text that follows "it", and holds nothing of ${s}.
 */
const char *paste_wrong(const char *s, size_t len);

/**
 * paste_has_name(s, len):
 * Does a name stand before the value, as in "AWS_SECRET_ACCESS_KEY=..." or
 * "Secret access key: ..."?  A name ends with key, id, secret, token, password,
 * bucket, region or endpoint, in any case.
 */
bool paste_has_name(const char *s, size_t len);

#endif /* !BASE_PASTE_H_ */
