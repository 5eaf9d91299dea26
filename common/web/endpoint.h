#ifndef WEB_ENDPOINT_H_
#define WEB_ENDPOINT_H_

#include "auth/admit.h"
#include "auth/auth.h"
#include "auth/signed_text.h"
#include "base/err.h"
#include "json/emit.h"
#include "json/schema.h"
#include "s3/layout.h"
#include "web/need.h"
#include "web/web.h"

/*
 * One URL.  A program in cgi-bin/ declares what it accepts, needs and answers,
 * and supplies two functions: plan(), which says what would be granted, and
 * vend(), which makes it.  Everything between the two, and around them, is the
 * frame's (endpoint.c, program.c), in this order:
 *
 *	the client's address -> the body -> request table -> plan -> who says
 *	to be asking, and when it was signed -> the chain's word on who that
 *	is -> a token for that key, if its network has none -> the signature
 *	-> the verdict -> denied? -> admit: replay and limits, in one step ->
 *	vend -> answer table -> audit
 *
 * vend() is reached only by a caller whose signature was verified and whose
 * request was counted, and nothing leaves before it is recorded.  An endpoint
 * cannot leave out a check, because it calls none.
 */

/* How the proof may travel. */
#define ENDPOINT_TEXT 1u	/* a signed text, in the body */
#define ENDPOINT_TAO 2u		/* X-Tao headers */
#define ENDPOINT_TAO_WIDE 4u	/* these only if auth.tao_everywhere says so */
#define ENDPOINT_BTAUTH 8u	/* X-Bittensor headers */

/* What every request of a known caller begins with; its members are filled by
   the ENDPOINT_ fields of the request table.  Empty where headers are the
   proof. */
struct endpoint_by {
	struct ss58 hotkey;		/* the signer */
	struct ss58 coldkey;		/* its owner; validators name none */
	int64_t timestamp;
	char signature[AUTH_SIGNATURE_MAX + 1];
};

#define ENDPOINT_HOTKEY							\
	SCHEMA_NAMED("hotkey", struct endpoint_by, hotkey, SCHEMA_SS58,	\
	    SCHEMA_SIGNED, "The hotkey that signs")
#define ENDPOINT_COLDKEY						\
	SCHEMA_NAMED("coldkey", struct endpoint_by, coldkey,		\
	    SCHEMA_SS58, SCHEMA_SIGNED, "The owner of the hotkey")
#define ENDPOINT_TIMESTAMP						\
	SCHEMA_NAMED("timestamp", struct endpoint_by, timestamp,	\
	    SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed, Unix seconds")
#define ENDPOINT_SIGNATURE						\
	SCHEMA_NAMED("signature", struct endpoint_by, signature,	\
	    SCHEMA_TEXT, SCHEMA_SIGNED, "Signature of the text, in hex")

/* One thing that the caller may have meant. */
#define ENDPOINT_CHOICES 2
struct endpoint_choice {
	struct signed_text text;	/* what a body's signature signs */
	enum layout layout;		/* a miner's: of its own folder, */
	const char *source;		/* and its source */
	enum err verdict;		/* ERR_OK, or how this is refused to
					   somebody who has proven it */
};

/* From plan() to vend(). */
struct endpoint_plan {
	/* plan()'s.  The first choice is meant where headers are the proof. */
	size_t n;
	struct endpoint_choice choice[ENDPOINT_CHOICES];
	void *with;			/* whatever vend() needs of it */

	/* The frame's, before vend(). */
	const struct endpoint_choice *chosen;	/* what was signed */
	const char *signed_text;	/* as text; NULL: proven by headers */
	const struct auth_identity *id;	/* proven, as the chain says */
	const char *folder;		/* a miner's own, of the proven key */
	struct s3_signer *upload, *read;	/* NULL: not needed */
};

struct endpoint;

/* Who may ask.  The checks are linked because they are named. */
struct endpoint_who {
	const char *role;
	const struct need *const *needs;
	enum err (*identify)(struct web *w, const struct endpoint_by *by,
	    const struct auth_caller *caller, struct auth_identity *id);
	enum err (*before)(struct web *w, const char *remote_addr,
	    const char *forwarded_for);
	enum err (*serve)(struct web *w, const struct endpoint *ep);
	enum err (*after)(struct web *w, enum err e);
};

extern const struct endpoint_who endpoint_miner;	/* registered */
extern const struct endpoint_who endpoint_validator;	/* permit, stake */

struct endpoint {
	const char *path;		/* /get-folder-access */
	const char *method;		/* the one that it answers */
	const char *summary;
	const struct endpoint_who *who;	/* NULL: anybody, and nothing vended */
	unsigned proofs;		/* ENDPOINT_..., where who is given */
	enum admit_kind counts;		/* likewise */
	const struct need *const *needs;	/* besides those of who */
	size_t body_max;		/* 0: TRANSPORT_BODY_USUAL */
	size_t put_body_max;		/* where the store takes no policies */
	size_t switched_by;		/* offset of a bool in struct config;
					   0: always served */

	/* The request is a struct that begins with struct endpoint_by. */
	const struct schema_field *request;
	size_t request_size;
	const struct emit_field *response;
	size_t response_size;

	/* What plan() and vend() refuse with; ERR_OK ends it. */
	const enum err *refuses;

	/**
	 * plan(w, in, p):
	 * Say in ${p} which texts may have been signed and what each would
	 * grant.  Pure: it looks at the request only, changes nothing and
	 * signs nothing.
	 *   Errors  what anybody may be told; what only a proven caller may be
	 *	     told is a choice's verdict
	 */
	enum err (*plan)(const struct web *w, const void *in,
	    struct endpoint_plan *p);

	/**
	 * vend(w, in, p, out):
	 * Fill ${out}, which is cleared, and call endpoint_granted().  Rows and
	 * URLs of the answer are made while it is written, after vend().  For
	 * anybody, ${in} and ${p} are NULL and nothing is granted.
	 */
	enum err (*vend)(struct web *w, const void *in,
	    const struct endpoint_plan *p, void *out);
};

/**
 * endpoint_granted(w, scope, kind, urls, until_s):
 * Name what the answer hands out: ${urls} of ${kind} for ${scope}, signed until
 * ${until_s}.  Rows that sign may still raise w->granted.urls and until_s.
 */
void endpoint_granted(struct web *w, const char *scope, const char *kind,
    int64_t urls, int64_t until_s);

/**
 * endpoint_time(w, t):
 * The Unix second ${t} with its zone, in the request's arena.
 */
const char *endpoint_time(const struct web *w, int64_t t);

/**
 * endpoint_list(w, p, prefix, delimiter, ttl_s):
 * A URL that lists what starts with ${prefix}, up to ${delimiter} (NULL: all of
 * it), for ${ttl_s} seconds; signed while it is written.
 */
struct emit_url endpoint_list(const struct web *w,
    const struct endpoint_plan *p, const char *prefix, const char *delimiter,
    int64_t ttl_s);

#endif /* !WEB_ENDPOINT_H_ */
