#ifndef CLIENT_REPORT_H_
#define CLIENT_REPORT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect.h"

/*
 * What upload and get say of each file, and of all together: text for people, a
 * JSON object in each line for programs.
 */

struct progress;

/* A thing that can become of a file. */
struct report_result {
	const char *text, *json;	/* the words for it */
	bool good;
	bool usual;			/* people see it with --verbose only */
	int status;			/* the exit status, if nothing else
					   happens */
};

/**
 * report_file(c, progress, r, name, len, bytes, why):
 * Print what became of the file ${name}: on standard output, or on standard
 * error if it is bad and people read it.  ${bytes} may be -1 and ${why} NULL:
 * not said.  For people, and where it is not
 * names_plain(), the name is that of names_show().
 */
void report_file(const struct connect *c, struct progress *progress,
    const struct report_result *r, const char *name, size_t len, int64_t bytes,
    const char *why);

/**
 * report_sum(r, n, count, bytes_name, bytes, status):
 * Print the sum for programs: how many files had each of the ${n} results, how
 * many bytes were moved, and the exit status.
 */
void report_sum(const struct report_result *r, size_t n, const size_t *count,
    const char *bytes_name, int64_t bytes, int status);

#endif /* !CLIENT_REPORT_H_ */
