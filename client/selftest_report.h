#ifndef CLIENT_SELFTEST_REPORT_H_
#define CLIENT_SELFTEST_REPORT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "names.h"

/*
 * The rows of foldergate selftest: a table for people, a JSON object in each
 * line for programs, and JUnit's XML in a file.
 */
enum selftest_verdict {
	SELFTEST_HELD,		/* as it should be */
	SELFTEST_BREACHED,	/* not as it should be */
	SELFTEST_NOT_TRIED,	/* some request had no usable answer */
	SELFTEST_ABSENT,	/* there is no such thing here */
	SELFTEST_VERDICTS
};

/* What a look at something found. */
enum selftest_seen {
	SELFTEST_UNSEEN,	/* nobody could look */
	SELFTEST_SAME, SELFTEST_CHANGED
};

#define SELFTEST_WHY_MAX 300

struct selftest_row {
	const char *kind, *name;	/* static texts */
	enum selftest_verdict verdict;
	int status;		/* HTTP's; 0: there was no answer */
	int64_t ms;
	char why[SELFTEST_WHY_MAX + 1];	/* "": the verdict says all */

	/* Of ways out of a folder alone. */
	char key[NAMES_SHOWN_MAX + 1];	/* the object that was stored; "" */
	enum selftest_seen other, bucket, acl;
};

struct selftest_report {
	const char *name;	/* of the command's form */
	bool json, quiet, ways;	/* ways: the rows are ways out of a folder */
	const char *junit;	/* the file; NULL: none */
	const char *home;	/* people see keys below this folder without
				   it; NULL: in full */
	FILE *file;
	struct selftest_row *row;
	size_t n, size, count[SELFTEST_VERDICTS];
	int64_t begun_s;
	const char *shown;	/* the kind that was printed last */
};

/**
 * selftest_report_open(r):
 * Begin a report.  Return the exit status; a file that cannot be written is
 * printed.
 */
int selftest_report_open(struct selftest_report *r);

/**
 * selftest_report_add(r, row):
 * Print a row, and keep a copy.
 */
void selftest_report_add(struct selftest_report *r,
    const struct selftest_row *row);

/**
 * selftest_report_close(r, left, status):
 * Print the sum, write JUnit's file, and free all.  ${left} is a sentence about
 * what stays in the store, or "".  ${status} is that of the command if it ended
 * early, else COMMAND_OK.  Return the exit status: COMMAND_FAILED if a row is
 * not as it should be, else ${status}, else COMMAND_PARTLY if a row was not
 * tried.
 */
int selftest_report_close(struct selftest_report *r, const char *left,
    int status);

#endif /* !CLIENT_SELFTEST_REPORT_H_ */
