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
 * and supplies two functions: plan(), which names what the request would
 * grant, and vend(), which makes the grant.  The frame (endpoint.c, program.c)
 * does everything else, in this order:
 *
 *	the client's address -> the body -> request table -> plan -> the
 *	claimed caller and the time of signing -> that caller's identity on
 *	the chain -> a token for that key, if its network has none -> the
 *	signature -> the verdict -> denied? -> admit: replay and limits, in
 *	one step -> vend -> answer table -> audit
 *
 * The frame calls vend() only after the signature was verified and the request
 * was counted.  The answer leaves only after it was recorded.  An endpoint
 * cannot leave out a check, because it calls none.
 */

/* How the proof may travel. */
#define ENDPOINT_TEXT 1u	/* a signed text, in the body */
#define ENDPOINT_TAO 2u		/* X-Tao headers */
#define ENDPOINT_TAO_WIDE 4u	/* only if auth.tao_everywhere is set */
#define ENDPOINT_BTAUTH 8u	/* X-Bittensor headers */

/* The first members of each request struct whose caller must be known.  The
   ENDPOINT_ fields of the request table fill them.  They stay empty if the
   proof is in headers. */
struct endpoint_by {
	struct ss58 hotkey;		/* the signer */
	struct ss58 coldkey;		/* the owner; validators name none */
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

/* One possible meaning of the request. */
#define ENDPOINT_CHOICES 2
struct endpoint_choice {
	struct signed_text text;	/* what a body's signature signs */
	enum layout layout;		/* of a miner's folder, */
	const char *source;		/* and the source */
	enum err verdict;		/* ERR_OK, or the refusal for a
					   caller who has proven this choice */
};

/* Passed from plan() to vend(). */
struct endpoint_plan {
	/* Set by plan().  Headers as proof mean the first choice. */
	size_t n;
	struct endpoint_choice choice[ENDPOINT_CHOICES];
	void *with;			/* data of the endpoint for vend() */

	/* Set by the frame before vend(). */
	const struct endpoint_choice *chosen;	/* the choice that was signed */
	const char *signed_text;	/* its text; NULL: proven by headers */
	const struct auth_identity *id;	/* verified, with data from the chain */
	const char *folder;		/* the proven miner's own */
	struct s3_signer *upload, *read;	/* NULL: not needed */
};

struct endpoint;

/* Kinds of caller.  An endpoint names a kind, so that only its checks are
   linked. */
struct endpoint_who {
	const char *role;
	const struct need *const *needs;
	/* NULL: nobody is identified, and nothing can be granted. */
	enum err (*identify)(struct web *w, const struct endpoint_by *by,
	    const struct auth_caller *caller, struct auth_identity *id);
	enum err (*before)(struct web *w, const char *remote_addr,
	    const char *forwarded_for);
	enum err (*serve)(struct web *w, const struct endpoint *ep);
	enum err (*after)(struct web *w, enum err e);
};

extern const struct endpoint_who endpoint_miner;	/* registered */
extern const struct endpoint_who endpoint_validator;	/* permit, stake */
extern const struct endpoint_who endpoint_operator;	/* token or address */

struct endpoint {
	const char *path;		/* /get-folder-access */
	const char *method;		/* the method it answers */
	const char *summary;
	const struct endpoint_who *who;	/* NULL: public, nothing is granted */
	unsigned proofs;		/* ENDPOINT_..., if who is set */
	enum admit_kind counts;		/* its limit, if who is set */
	const struct need *const *needs;	/* besides those of who */
	size_t body_max;		/* 0: TRANSPORT_BODY_USUAL */
	size_t put_body_max;		/* without folder_forms */
	size_t switched_by;		/* offset of a bool in struct config;
					   0: always served */

	/* The request struct begins with struct endpoint_by. */
	const struct schema_field *request;
	size_t request_size;
	const struct emit_field *response;
	size_t response_size;

	/* If there is no response: the types of the texts that vend() writes
	   by answer_text(), ended by NULL. */
	const char *const *media;

	/* The errors of plan() and vend(), ended by ERR_OK. */
	const enum err *refuses;

	/**
	 * plan(w, in, p):
	 * Set in ${p} the texts that may have been signed, and what each would
	 * grant.  Pure: it reads the request only, changes nothing and signs
	 * nothing.
	 *   Errors  those that any client may see.  An error that only a
	 *	     proven caller may see is a choice's verdict.
	 */
	enum err (*plan)(const struct web *w, const void *in,
	    struct endpoint_plan *p);

	/**
	 * vend(w, in, p, out):
	 * Fill ${out}, which is zeroed, and call endpoint_granted().  Rows and
	 * URLs are made after vend(), while the answer is written.  In a
	 * public endpoint ${in} and ${p} are NULL and nothing is granted.
	 */
	enum err (*vend)(struct web *w, const void *in,
	    const struct endpoint_plan *p, void *out);
};

/**
 * endpoint_granted(w, scope, kind, urls, until_s):
 * Name what the answer grants: ${urls} of ${kind} for ${scope}, signed until
 * ${until_s}.  Rows that sign may later raise w->granted.urls and until_s.
 */
void endpoint_granted(struct web *w, const char *scope, const char *kind,
    int64_t urls, int64_t until_s);

/**
 * endpoint_time(w, t):
 * Return the Unix second ${t} as text with its time zone, in the request's
 * arena.
 */
const char *endpoint_time(const struct web *w, int64_t t);

/**
 * endpoint_list(w, p, prefix, delimiter, ttl_s):
 * Return a URL that lists keys with ${prefix}, up to ${delimiter} (NULL: all
 * of them), for ${ttl_s} seconds.  It is signed while it is written.
 */
struct emit_url endpoint_list(const struct web *w,
    const struct endpoint_plan *p, const char *prefix, const char *delimiter,
    int64_t ttl_s);

/**
 * endpoint_list_after(w, p, folder, name, ttl_s):
 * Return a URL that lists the keys with the prefix ${folder} that come after
 * ${name} in it ("": all), for ${ttl_s} seconds.
 *   Shape   both together are at most S3_KEY_MAX bytes
 */
struct emit_url endpoint_list_after(const struct web *w,
    const struct endpoint_plan *p, const char *folder, const char *name,
    int64_t ttl_s);

#endif /* !WEB_ENDPOINT_H_ */
