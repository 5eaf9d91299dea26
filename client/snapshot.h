#ifndef CLIENT_SNAPSHOT_H_
#define CLIENT_SNAPSHOT_H_

#include <stdint.h>

struct config;
struct hmac;

/*
 * foldergate snapshot: what its two halves share.
 */

/**
 * snapshot_import(cfg, h, path):
 * Replace the snapshot by what the document ${path} says.  Rows that nobody can
 * use are left out and named.  Return what to exit with.
 */
int snapshot_import(const struct config *cfg, struct hmac *h,
    const char *path);

/**
 * snapshot_left_out(n):
 * Begin the line about the ${n} rows that were left out: their uids follow.
 */
void snapshot_left_out(uint32_t n);

#endif /* !CLIENT_SNAPSHOT_H_ */
