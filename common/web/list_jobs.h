#ifndef WEB_LIST_JOBS_H_
#define WEB_LIST_JOBS_H_

#include <stdint.h>

#include "json/emit.h"

struct endpoint_plan;
struct web;

/*
 * A listing for every job of every miner that the bucket index knows, by
 * hotkey.  URLs are signed while they are written.
 */

/* Of each member of the map that list_jobs_make() returns. */
extern const struct emit_field list_jobs_fields[];

/**
 * list_jobs_make(w, p, ttl_s, miners):
 * A map of the jobs of each miner, good for ${ttl_s} seconds; set ${miners} to
 * how many members it has.  Names it to endpoint_granted().
 */
struct emit_rows list_jobs_make(struct web *w, const struct endpoint_plan *p,
    int64_t ttl_s, int64_t *miners);

#endif /* !WEB_LIST_JOBS_H_ */
