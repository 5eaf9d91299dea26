#ifndef WEB_DOWNLOAD_H_
#define WEB_DOWNLOAD_H_

#include <stdint.h>

#include "json/emit.h"
#include "s3/key.h"

struct endpoint_plan;
struct web;

/*
 * Downloads of files by key.  URLs are signed while they are written.
 */

/* The fields of each member of the map that download_urls() returns.  A
   member's name is the key. */
extern const struct emit_field download_fields[];

/**
 * download_urls(w, p, keys, ttl_s):
 * Return a map with a URL for each of the ${keys} that are the miner's, valid
 * for ${ttl_s} seconds.
 */
struct emit_rows download_urls(struct web *w, const struct endpoint_plan *p,
    const struct key_choice *keys, int64_t ttl_s);

/**
 * download_refused(w, keys):
 * Return the ${keys} that are not the miner's, as rows of texts.
 */
struct emit_rows download_refused(struct web *w,
    const struct key_choice *keys);

#endif /* !WEB_DOWNLOAD_H_ */
