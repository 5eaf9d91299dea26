#ifndef CLIENT_SNAPSHOT_H_
#define CLIENT_SNAPSHOT_H_

#include <stdint.h>

struct config;
struct hmac;

/*
 * The common part of the two halves of foldergate snapshot.
 */

/**
 * snapshot_import(cfg, h, path):
 * Replace the snapshot by the content of the document ${path}.  Unusable rows
 * are left out and named.  Return the exit status.
 */
int snapshot_import(const struct config *cfg, struct hmac *h,
    const char *path);

/**
 * snapshot_left_out(n):
 * Print the start of the line about the ${n} rows that were left out.  Their
 * uids follow.
 */
void snapshot_left_out(uint32_t n);

#endif /* !CLIENT_SNAPSHOT_H_ */
