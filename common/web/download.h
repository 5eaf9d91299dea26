#ifndef WEB_DOWNLOAD_H_
#define WEB_DOWNLOAD_H_

#include <stdint.h>

#include "json/emit.h"
#include "s3/key.h"

struct endpoint_plan;
struct web;

/*
 * Downloads of files by their keys.  URLs are signed while they are written.
 */

/* Of each member of the map that download_urls() returns, by key. */
extern const struct emit_field download_fields[];

/**
 * download_urls(w, p, keys, ttl_s):
 * A map of the ${keys} that are vended, each for ${ttl_s} seconds.
 */
struct emit_rows download_urls(struct web *w, const struct endpoint_plan *p,
    const struct key_choice *keys, int64_t ttl_s);

/**
 * download_refused(w, keys):
 * The ${keys} that are not the miner's: rows of texts.
 */
struct emit_rows download_refused(struct web *w,
    const struct key_choice *keys);

#endif /* !WEB_DOWNLOAD_H_ */
