#ifndef CLIENT_SELFTEST_H_
#define CLIENT_SELFTEST_H_

#include "connect.h"
#include "selftest_report.h"

/*
 * The forms of foldergate selftest but cross-folder: lists of named checks.
 */

/**
 * selftest_upload(c, report, left, size):
 * Upload small files with the grants of a miner, and read them back.  Write to
 * ${left} what stays.  Return the exit status if it ended early.
 */
int selftest_upload(struct connect *c, struct selftest_report *report,
    char *left, size_t size);

/**
 * selftest_download(c, report):
 * List and download as a validator.  Return the exit status if it ended early.
 */
int selftest_download(struct connect *c, struct selftest_report *report);

#endif /* !CLIENT_SELFTEST_H_ */
