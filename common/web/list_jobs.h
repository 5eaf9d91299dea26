#ifndef WEB_LIST_JOBS_H_
#define WEB_LIST_JOBS_H_

#include <stdint.h>

#include "json/emit.h"

struct endpoint_plan;
struct ss58;
struct web;

/*
 * A listing for every job of every miner in the bucket index, or of one miner,
 * by hotkey.  URLs are signed while they are written.
 */

/* The fields of each member of the map that list_jobs_make() returns. */
extern const struct emit_field list_jobs_fields[];

/**
 * list_jobs_make(w, p, only, ttl_s, rows, miners):
 * Set ${rows} to a map of each miner's jobs, valid for ${ttl_s} seconds.  If
 * ${only} is not NULL, the map has that miner alone, and nobody if it has no
 * jobs.  Set ${miners} to the number of members.  Call endpoint_granted().
 *   Errors  ERR_LAYOUT
 */
CHECKED enum err list_jobs_make(struct web *w, const struct endpoint_plan *p,
    const struct ss58 *only, int64_t ttl_s, struct emit_rows *rows,
    int64_t *miners);

#endif /* !WEB_LIST_JOBS_H_ */
