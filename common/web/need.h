#ifndef WEB_NEED_H_
#define WEB_NEED_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct web;

/*
 * A thing that an endpoint needs.  Each is defined in a file of its own and
 * reached through its name only, so that the linker leaves out of a program
 * what its endpoint does not name: healthz holds no SQLite, no key, no JSON
 * parser.
 */
struct need {
	const char *name;
	bool signs;	/* gives the power to sign: only with a known caller */
	unsigned parts;	/* of auth/ready.h, that must be good before */

	/* Make it ready in ${w}; what is wrong is logged.  An error: the
	   program must not start. */
	enum err (*open)(struct web *w);

	/* Undo that, be it half done or not done; NULL: nothing to do. */
	void (*close)(struct web *w);
};

extern const struct need need_bucket;		/* w->bucket, lifetimes */
extern const struct need need_identity;		/* w->auth: the snapshot */
extern const struct need need_index;		/* w->index */
extern const struct need need_keyring;		/* w->keyring: where keys are */
extern const struct need need_upload_key;	/* the pair that may put */
extern const struct need need_read_key;		/* that may get and list */
extern const struct need need_start;		/* what cannot work ends it */
extern const struct need need_ready;		/* w->ready, behind keyring,
						   identity and index */
extern const struct need need_probe;		/* w->probe: ask the store */
extern const struct need need_guard;		/* addresses, deny list, ledger,
						   audit log: who asks */

/**
 * need_hmac(w):
 * w->hmac, made when it is first needed; the program frees it.
 */
struct hmac *need_hmac(struct web *w);

/**
 * need_ready_look(w):
 * ready_look() at everything, with need_ready.  Trouble is logged when it
 * begins and when it ends; not by a CGI program, for which each request begins
 * it.
 */
void need_ready_look(struct web *w);

/**
 * need_open(w, needs), need_close(w, needs):
 * Open what ${needs} lists, ended by NULL, in its order; close it in reverse.
 *   Errors  the first that failed
 */
CHECKED enum err need_open(struct web *w, const struct need *const *needs);
void need_close(struct web *w, const struct need *const *needs);

#endif /* !WEB_NEED_H_ */
