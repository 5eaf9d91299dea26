#ifndef WEB_WEB_H_
#define WEB_WEB_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/admit.h"
#include "auth/auth.h"
#include "auth/tao.h"
#include "base/address.h"
#include "base/err.h"
#include "config/config.h"
#include "json/emit.h"
#include "json/schema.h"
#include "s3/keyring.h"
#include "s3/bucket.h"
#include "state/throttle.h"

struct arena;
struct audit;
struct bucket_index;
struct hmac;

/* What an endpoint needs, and all that it gets: least privilege that a reader
   can see. */
#define NEED_METAGRAPH 1u	/* the identity snapshot */
#define NEED_UPLOAD_KEY 2u	/* the key pair that may put */
#define NEED_READ_KEY 4u	/* the key pair that may get and list */
#define NEED_INDEX 8u		/* the bucket index */
#define NEED_GUARD 16u		/* limits, deny list, audit: who vends */

/* Letters only: clients search answers for digits. */
#define WEB_REQUEST_ID_LEN 20

/*
 * What a handler works with: the program's part, made once, and the request's,
 * which the handler may use and need not free.
 */
struct web {
	/* The program's. */
	struct config cfg;
	struct hmac *hmac;
	struct s3_bucket bucket;	/* as clients reach it */
	struct keyring keyring;
	struct keyring_role upload, read;
	struct bucket_index *index;	/* NULL: not needed */
	struct arena *arena;		/* emptied after each request */
	bool headers_only;		/* no proof in a body counts */
	const char *endpoint;		/* its name */
	struct admit admit;		/* the rest is NEED_GUARD's */
	struct audit *audit;		/* NULL: no log */
	struct throttle *throttle;	/* NULL: not opened yet */
	struct address_range trusted[CONFIG_ITEMS_MAX];
	size_t n_trusted;

	/* The request's. */
	char request_id[WEB_REQUEST_ID_LEN + 1];
	int64_t now_ms;			/* when all of it was there */
	struct auth auth;		/* with that time, in seconds */
	struct tao tao;
	const char *content_type;	/* NULL: none given */
	const char *body;
	size_t body_len;
	struct schema_errors errors;	/* behind ERR_SCHEMA */
	const char *const *reasons;	/* behind ERR_NOT_READY, NULL at end */
	struct buf answer;		/* room for headers, then the body */
	int64_t began_us;		/* on a clock that only runs forward */
	struct address client;
	bool has_client;
	struct throttle_taken taken;
	int64_t retry_ms;		/* behind ERR_ADDRESS_LIMIT */
	struct auth_identity proven;	/* if is_proven */
	bool is_proven;
	struct web_granted {
		const char *scope;	/* the folder, prefix or key */
		const char *kind;	/* in what form */
		int64_t urls, until_s;	/* how many, and signed until when */
	} granted;
};

/**
 * web_init(w, needs):
 * Read the configuration and load what ${needs} names.  What is wrong is
 * logged, with file and line.
 *   Errors  any: the program must not start
 */
CHECKED enum err web_init(struct web *w, unsigned needs);

/**
 * web_keys_loadable(w):
 * Could web_init() load what both roles sign with now?  Looks at the files,
 * does not open them.
 */
bool web_keys_loadable(const struct web *w);

/**
 * web_free(w):
 * Wipe and free what web_init() made, be it in part.
 */
void web_free(struct web *w);

/**
 * web_by_headers(w):
 * Does the proof come in X-Tao headers?  It does if there is any of them.
 */
bool web_by_headers(const struct web *w);

/**
 * web_parse(w, fields, out, size):
 * Fill the request struct at ${out} from the JSON body.  If the proof comes by
 * headers, all five must be there.
 *   Errors  ERR_SCHEMA
 */
CHECKED enum err web_parse(struct web *w, const struct schema_field *fields,
    void *out, size_t size);

/**
 * web_caller(w, hotkey, timestamp, signature, who):
 * Set ${who} to who says to be asking: by the X-Tao headers if there are any,
 * else by these fields of the body.  Form and time are checked, nothing is
 * proven.  A ${hotkey} (NULL: there is no such field) named beside headers has
 * to be theirs.
 *   Errors  ERR_TIMESTAMP; those of tao_read(); ERR_SIGNATURE another hotkey
 */
CHECKED enum err web_caller(struct web *w, const struct ss58 *hotkey,
    int64_t timestamp, const char *signature, struct auth_caller *who);

/**
 * web_proven(w, who, texts, n, id, which):
 * As auth_proven(); ${id} is then known to the guards.
 */
CHECKED enum err web_proven(struct web *w, struct auth_caller *who,
    const struct signed_text *texts, size_t n, const struct auth_identity *id,
    size_t *which);

/**
 * web_validator(w, who, text, id):
 * Set ${id} to ${who}, if that is a validator who signed ${text} (or this
 * body, by headers).
 *   Errors  those of auth_validator() and auth_proven()
 */
CHECKED enum err web_validator(struct web *w, struct auth_caller *who,
    const struct signed_text *text, struct auth_identity *id);

/**
 * web_admit(w, id, who, kind):
 * As admit(): the only step that spends.
 */
CHECKED enum err web_admit(struct web *w, const struct auth_identity *id,
    const struct auth_caller *who, enum admit_kind kind);

/**
 * web_granted(w, scope, kind, urls, ttl_s):
 * Tell the audit log what the answer hands out: ${urls} of ${kind} for
 * ${scope}, signed for ${ttl_s} from now.
 */
void web_granted(struct web *w, const char *scope, const char *kind,
    int64_t urls, int64_t ttl_s);

/**
 * web_reply(w, fields, out):
 * Make the answer from the response struct at ${out}.
 *   Errors  ERR_RANGE it does not fit
 */
CHECKED enum err web_reply(struct web *w, const struct emit_field *fields,
    const void *out);

/**
 * web_refuse(w, e):
 * Make the answer that tells of ${e}.
 */
void web_refuse(struct web *w, enum err e);

/**
 * web_answer_start(w), web_answer_end(w, e, allow, len):
 * Begin an answer; put the headers in front of its body and return where the
 * whole starts, ${len} bytes.  ${allow} is the method a 405 names.
 */
void web_answer_start(struct web *w);
const char *web_answer_end(struct web *w, enum err e, const char *allow,
    size_t *len);

#endif /* !WEB_WEB_H_ */
