#ifndef WEB_WEB_H_
#define WEB_WEB_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/admit.h"
#include "auth/auth.h"
#include "auth/btauth.h"
#include "auth/tao.h"
#include "base/address.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "json/emit.h"
#include "json/schema.h"
#include "s3/keyring.h"
#include "s3/probe.h"
#include "state/throttle.h"

struct arena;
struct asker;
struct audit;
struct bucket_index;
struct hmac;
struct metrics;
struct ready;

/* Letters only: clients search answers for digits. */
#define WEB_REQUEST_ID_LEN 20

/*
 * An X-Request-ID that is used has 1 to 64 letters, digits, dots, underscores
 * and dashes, and not the digits 409, because it is part of the answer.
 */
#define WEB_GIVEN_ID_MAX 64

/* The grant of an answer, for the audit log.  kind NULL: no grant. */
struct web_granted {
	const char *scope;	/* the folder, prefix or key */
	const char *kind;	/* its form: "post_policy", "put", ... */
	int64_t urls, until_s;	/* how many, and signed until when */
};

/*
 * The state of a program.  The needs of the endpoint (web/need.h) make the
 * first part once.  The second part belongs to the request being served.
 */
struct web {
	/* Of the program. */
	const char *endpoint;		/* its name */
	struct config cfg;
	struct arena *arena;		/* emptied after each request */
	struct hmac *hmac;		/* NULL: nothing hashes */
	void (*hmac_free)(struct hmac *);
	struct s3_bucket bucket;	/* as clients reach it */
	struct keyring keyring;
	struct keyring_role upload, read;
	struct asker *asker;		/* the process that opens connections */
	struct probe probe;		/* asks the store about a key */
	struct bucket_index *index;
	unsigned parts;			/* of auth/ready.h, by its needs */
	struct ready *ready;
	bool once;			/* CGI: serve one request, then exit */
	bool unstarted;			/* each request is refused */
	bool again;			/* closed, and will be opened again */
	bool ends;			/* a part is gone: end after this one */
	struct admit admit;
	struct audit *audit;		/* NULL: no log */
	struct throttle *throttle;	/* NULL: not opened yet */
	struct metrics *metrics;	/* NULL: nothing is counted */
	int64_t metrics_tried_us;	/* to open them */
	struct address_range trusted[CONFIG_ITEMS_MAX];
	size_t n_trusted;
	bool trusts_sockets;

	/* Of the request. */
	char request_id[WEB_REQUEST_ID_LEN + 1];	/* ours, never the
					   same twice */
	char given_id[WEB_GIVEN_ID_MAX + 1];	/* X-Request-ID, a label that
					   others may use again; "": none */
	const char *allow_origin;	/* for Access-Control-Allow-Origin;
					   NULL: not sent */
	bool is_preflight;		/* a browser asks what it may send */
	int64_t began_us;		/* on a clock that only runs forward */
	int64_t now_ms;			/* when all of it had arrived */
	int64_t boot_ms;		/* when the machine was started */
	struct auth auth;		/* with that time, in seconds */
	bool is_head;			/* no body may be sent */
	struct tao tao;
	struct btauth btauth;
	const char *target;		/* path and query as sent; NULL: the
					   web server did not pass it */
	const char *content_type;	/* NULL: none given */
	const char *authorization;	/* that header; NULL: none given */
	const char *accept;		/* the same */
	const char *body;
	size_t body_len;
	struct address client;		/* if has_client */
	bool has_client;
	struct throttle_taken taken;
	bool suffered;			/* its network has no token left; a
					   registered hotkey may still pay */
	bool vouched;			/* a registered hotkey has paid */
	struct throttle_taken by_key;	/* the token that it paid */
	struct auth_identity proven;	/* if is_proven */
	bool is_proven;
	struct web_granted granted;

	/* Details that a refusal adds to its error. */
	struct schema_errors errors;	/* with ERR_SCHEMA */
	const char *const *reasons;	/* with ERR_NOT_READY; NULL ends them */
	int64_t retry_ms;		/* with ERR_ADDRESS_LIMIT */

	const char *media;		/* of the answer; NULL: JSON */
	struct buf answer;		/* room for headers, then the body */
};

#endif /* !WEB_WEB_H_ */
