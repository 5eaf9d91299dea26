#ifndef CLIENT_AUDIT_SEARCH_H_
#define CLIENT_AUDIT_SEARCH_H_

#include <stdbool.h>

struct audit_files;

/* The values of the options.  NULL: not given. */
struct audit_search {
	const char *hotkey, *coldkey, *address, *kind, *code, *id;
	const char *since, *until, *limit;
	bool json;
};

/**
 * audit_search(options, path, fs):
 * Run `foldergate audit search` over the files of ${fs}.  If there are none,
 * find those of the log ${path}, or of the configured one if it is NULL.
 * Return the exit status: COMMAND_FAILED also if nothing was found.
 */
int audit_search(const struct audit_search *options, const char *path,
    struct audit_files *fs);

#endif /* !CLIENT_AUDIT_SEARCH_H_ */
