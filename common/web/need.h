#ifndef WEB_NEED_H_
#define WEB_NEED_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct sandbox;
struct web;

/*
 * A thing that an endpoint needs.  Each need is defined in its own file and is
 * reached only by its name.  So the linker leaves out every need that the
 * endpoint does not name.  For example, healthz contains no SQLite, no key and
 * no JSON parser.
 */
struct need {
	const char *name;
	bool signs;	/* it can sign, so the caller must be known */
	unsigned parts;	/* of auth/ready.h, that must be good first */

	/* Make it ready in ${w} and log any fault.  After an error the program
	   must not start. */
	enum err (*open)(struct web *w);

	/* Undo open(), even a partial or skipped one.  NULL: no action. */
	void (*close)(struct web *w);

	/* Start what must hold no secret.  It is called before anything is
	   read, even the configuration, and again after a failed start.  NULL:
	   nothing. */
	void (*before)(struct web *w);

	/* Ask ${s} for what it still does after open(): files and connections.
	   NULL: nothing. */
	void (*ask)(const struct web *w, struct sandbox *s);
};

extern const struct need need_bucket;		/* w->bucket, lifetimes */
extern const struct need need_identity;		/* w->auth: the snapshot */
extern const struct need need_index;		/* w->index */
extern const struct need need_keyring;		/* w->keyring: key sources */
extern const struct need need_upload_key;	/* the pair that may put */
extern const struct need need_read_key;		/* may get and list */
extern const struct need need_start;		/* lasting faults stop it */
extern const struct need need_ready;		/* w->ready, after keyring,
						   identity and index */
extern const struct need need_ledger;		/* to read: w->admit.ledger */
extern const struct need need_probe;		/* w->probe: ask the store */
extern const struct need need_guard;		/* addresses, deny list, ledger,
						   audit log */

/**
 * need_hmac(w):
 * Return w->hmac.  The first call makes it.  The program frees it.
 */
struct hmac *need_hmac(struct web *w);

/**
 * need_key_follow(w):
 * Let the roles of ${w} sign with pairs whose files have changed.  A CGI
 * program has just read them.
 *   Errors  ERR_KEY_REVOKED
 */
CHECKED enum err need_key_follow(struct web *w);

/**
 * need_ready_look(w):
 * Call ready_look() for all parts.  This requires need_ready.  Log trouble when
 * it begins and when it ends.  A CGI program does not log it, because trouble
 * would begin with each of its requests.
 */
void need_ready_look(struct web *w);

/**
 * need_ask_state(w, s), need_ask_shared(w, s):
 * Ask for reading state.directory, and for what the ledger, the throttle table
 * and the audit log need.
 */
void need_ask_state(const struct web *w, struct sandbox *s);
void need_ask_shared(const struct web *w, struct sandbox *s);

/**
 * need_before(w, needs):
 * Call before() of the needs in ${needs}, which NULL ends.
 */
void need_before(struct web *w, const struct need *const *needs);

/**
 * need_open(w, needs), need_close(w, needs):
 * Open the needs in ${needs}, which NULL ends, in its order.  Close them in
 * reverse order.
 *   Errors  the error of the first need that failed
 */
CHECKED enum err need_open(struct web *w, const struct need *const *needs);
void need_close(struct web *w, const struct need *const *needs);

#endif /* !WEB_NEED_H_ */
