#ifndef WEB_VEND_H_
#define WEB_VEND_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/ss58.h"
#include "s3/presign.h"

struct web;

/*
 * What is handed out, as texts in the request's arena.
 */

/**
 * vend_list(w, list, ttl_s, url):
 * Set ${url} to a URL that lists what ${list} says for ${ttl_s} seconds.
 *   Errors  those of presign_list()
 */
CHECKED enum err vend_list(struct web *w, const struct presign_list *list,
    int64_t ttl_s, const char **url);

/**
 * vend_time(w, t):
 * The Unix second ${t}, with its zone.
 */
const char *vend_time(struct web *w, int64_t t);

/* Whose files a validator asks for: by hotkey, or by coldkey and source. */
struct vend_miner {
	struct ss58 hotkey, coldkey;	/* one of them; text "" if not given */
	const char *source;		/* "" if not given */
};

/**
 * vend_miner_key(m, key):
 * Set ${key} to the address that stands for the miner in the signed text.
 *   Errors  ERR_MINER_REQUIRED neither is named, or both
 */
CHECKED enum err vend_miner_key(const struct vend_miner *m,
    const struct ss58 **key);

/**
 * vend_miner_folder(w, m, folder):
 * Set ${folder} to the miner's folder: data/hotkey=<hotkey>/ or
 * data/<source>/<coldkey>/, the default source if none is named.
 *   Errors  ERR_LAYOUT, ERR_SOURCE as layout_folder(); ERR_MINER_REQUIRED
 */
CHECKED enum err vend_miner_folder(struct web *w, const struct vend_miner *m,
    const char **folder);

/* One miner's listing: who asks for it, and what comes of it. */
struct vend_listing {
	struct ss58 hotkey;		/* the validator; signature: hex */
	const char *signature;
	int64_t timestamp;
	struct vend_miner miner;
	const char *token;		/* NULL: the first page */

	const struct ss58 *key;		/* of the miner, in the signed text */
	const char *prefix, *url, *expiry;
	int64_t ttl_s;
};

/**
 * vend_listing(w, l):
 * All checks of a validator's request for one page of one miner's listing, and
 * the page's URL.
 *   Errors  those of vend_miner_key(), web_caller(), web_validator(),
 *	     vend_miner_folder(), web_admit() and vend_list(), in this order
 */
CHECKED enum err vend_listing(struct web *w, struct vend_listing *l);

/**
 * vend_is_plain(key, len):
 * Is this a key that every client and store takes to the letter: at most
 * S3_KEY_MAX bytes, no control bytes, no segment that is empty, "." or ".."?
 */
bool vend_is_plain(const char *key, size_t len);

#endif /* !WEB_VEND_H_ */
