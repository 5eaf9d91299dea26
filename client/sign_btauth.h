#ifndef CLIENT_SIGN_BTAUTH_H_
#define CLIENT_SIGN_BTAUTH_H_

#include <stdint.h>

struct proof_lines;
struct wallet;

/* The options of `foldergate sign --btauth`.  An option that was not given
   is NULL. */
struct sign_btauth {
	const char *body;		/* a file; "-": standard input */
	const char *receiver;		/* SS58 */
	const char *method;		/* NULL: POST */
	const char *url;		/* a URL, or its path and query */
	int64_t now_ns;
};

/**
 * sign_btauth(o, w):
 * Print the X-Bittensor headers of that request, as lines for curl -K.  Return
 * the exit status.
 */
int sign_btauth(const struct sign_btauth *o, const struct wallet *w);

/**
 * sign_print(lines):
 * Print header lines for curl -K, after the type of the body.
 */
void sign_print(const struct proof_lines *lines);

#endif /* !CLIENT_SIGN_BTAUTH_H_ */
