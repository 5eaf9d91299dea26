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
 * Listings of everything: all data, each source, and each miner in the bucket
 * index.  URLs are signed while they are written.
 */
struct list_all;

/* The most folders in one answer.  Each takes less than 1,600 bytes. */
#define LIST_ALL_FOLDERS_MAX 150000

/* The fields of the struct that list_all_make() returns. */
extern const struct emit_field list_all_fields[];

/**
 * list_all_make(w, p, sources, miners):
 * Return the struct that list_all_fields describes: the named ${sources} (all
 * sources if that list was not given), and single miners if ${miners} is set.
 * Calls endpoint_granted().
 */
const struct list_all *list_all_make(struct web *w,
    const struct endpoint_plan *p, const struct schema_texts *sources,
    bool miners);

#endif /* !WEB_LIST_ALL_H_ */
