#ifndef WEB_LIST_JOBS_H_
#define WEB_LIST_JOBS_H_

#include <stdint.h>

#include "json/emit.h"

struct endpoint_plan;
struct web;

/*
 * A listing for every job of every miner in the bucket index, by hotkey.  URLs
 * are signed while they are written.
 */

/* The fields of each member of the map that list_jobs_make() returns. */
extern const struct emit_field list_jobs_fields[];

/**
 * list_jobs_make(w, p, ttl_s, miners):
 * Return a map of each miner's jobs, valid for ${ttl_s} seconds.  Set
 * ${miners} to the number of members.  Calls endpoint_granted().
 */
struct emit_rows list_jobs_make(struct web *w, const struct endpoint_plan *p,
    int64_t ttl_s, int64_t *miners);

#endif /* !WEB_LIST_JOBS_H_ */
