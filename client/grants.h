#ifndef CLIENT_GRANTS_H_
#define CLIENT_GRANTS_H_

#include <stdint.h>

/* The owner of the grants: an address, and the member of a line that holds
   it. */
struct grants_of {
	const char *member;	/* "hotkey" or "coldkey" */
	const char *ss58;
};

/**
 * grants_print(audit_path, of, now_s):
 * Print the grants that are still valid after ${now_s}, according to the audit
 * log ${audit_path} and its older files beside it.  For each, print its end,
 * kind, scope and request id.  Then print their number, how many lines and
 * files could not be read, and what ends a grant earlier.  If there is no
 * audit log ("": none is kept), print that the grants are unknown.
 */
void grants_print(const char *audit_path, const struct grants_of *of,
    int64_t now_s);

#endif /* !CLIENT_GRANTS_H_ */
