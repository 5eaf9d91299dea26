#ifndef CLIENT_GRANTS_H_
#define CLIENT_GRANTS_H_

#include <stdint.h>

/* Whose grants: an address, and the member of a line that holds it. */
struct grants_of {
	const char *member;	/* "hotkey" or "coldkey" */
	const char *ss58;
};

/**
 * grants_print(audit_path, of, now_s):
 * Print which grants, according to the audit log ${audit_path} and its older
 * files beside it, are still good after ${now_s}: until when, what kind, for
 * what, and the request's id; then how many, how many lines and files could not
 * be read, and what ends a grant earlier.  If there is no audit log ("": none
 * is kept), print that nobody knows.
 */
void grants_print(const char *audit_path, const struct grants_of *of,
    int64_t now_s);

#endif /* !CLIENT_GRANTS_H_ */
