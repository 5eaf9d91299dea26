#ifndef WEB_MINER_H_
#define WEB_MINER_H_

#include "web/endpoint.h"

/*
 * The common part of a validator's requests about one miner.  The request
 * names the miner by hotkey, or by coldkey and source.
 */
struct miner_request {
	struct endpoint_by by;
	struct ss58 miner_hotkey, miner_coldkey;	/* one of the two */
	char source[LAYOUT_SOURCE_MAX + 1];		/* "" if not given */
};

#define MINER_HOTKEY							\
	SCHEMA_FIELD(struct miner_request, miner_hotkey, SCHEMA_SS58,	\
	    SCHEMA_NULLABLE, "The miner's hotkey")
#define MINER_COLDKEY							\
	SCHEMA_FIELD(struct miner_request, miner_coldkey, SCHEMA_SS58,	\
	    SCHEMA_NULLABLE, "Or its coldkey")
#define MINER_SOURCE							\
	SCHEMA_FIELD(struct miner_request, source, SCHEMA_NAME,		\
	    SCHEMA_OPTIONAL, "The source of the coldkey's folder")

/**
 * miner_key(r, key):
 * Set ${key} to the address that names the miner in the signed text.
 *   Errors  ERR_MINER_REQUIRED none is given, or both
 */
CHECKED enum err miner_key(const struct miner_request *r,
    const struct ss58 **key);

/**
 * miner_folder(w, r, source, folder):
 * Set ${folder} to the miner's folder, in the request's arena:
 * data/hotkey=<hotkey>/ or data/<source>/<coldkey>/.
 *   Errors  ERR_LAYOUT, ERR_SOURCE
 */
CHECKED enum err miner_folder(const struct web *w,
    const struct miner_request *r, const char *source, const char **folder);

/**
 * miner_plan(w, in, p):
 * Plan a listing of one miner's folder.  ${p->with} is that folder.
 *   Errors  ERR_MINER_REQUIRED
 */
CHECKED enum err miner_plan(const struct web *w, const void *in,
    struct endpoint_plan *p);

/**
 * miner_list(w, p, token, url):
 * Set ${url} to the planned listing, starting at ${token} ("": the first
 * page), and call endpoint_granted().
 */
void miner_list(struct web *w, const struct endpoint_plan *p,
    const char *token, struct emit_url *url);

#endif /* !WEB_MINER_H_ */
