#ifndef WEB_LIST_ALL_H_
#define WEB_LIST_ALL_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/emit.h"
#include "json/schema.h"

struct endpoint_plan;
struct web;

/*
 * Listings of everything: all data, each source, each miner that the bucket
 * index knows.  URLs are signed while they are written.
 */
struct list_all;

/* Folders in one answer, of less than 1,600 bytes each. */
#define LIST_ALL_FOLDERS_MAX 150000

/* Of what list_all_make() returns. */
extern const struct emit_field list_all_fields[];

/**
 * list_all_make(w, p, sources, miners):
 * What list_all_fields describes: with the ${sources} that are named (all, if
 * that list was not given), and single miners if ${miners}.  Names it to
 * endpoint_granted().
 */
const struct list_all *list_all_make(struct web *w,
    const struct endpoint_plan *p, const struct schema_texts *sources,
    bool miners);

#endif /* !WEB_LIST_ALL_H_ */
