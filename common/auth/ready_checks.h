#ifndef AUTH_READY_CHECKS_H_
#define AUTH_READY_CHECKS_H_

#include "auth/auth.h"
#include "auth/ready.h"
#include "s3/keyring.h"

struct audit;
struct denylist;
struct ledger;
struct throttle;

/* Only ready.c and the checks use this struct. */
struct ready_checks {
	struct ready_uses uses;
	int64_t now_ms, boot_ms;
	unsigned parts;			/* the parts of this look */
	struct auth auth;
	struct denylist *denylist;	/* NULL: not opened yet */
	struct throttle *throttle;
	struct ledger *ledger;
	struct audit *audit;		/* opened by each look */
	bool signs[KEYRING_ROLES];	/* its pair was good at some look, and
					   was not revoked since */
	struct key_mark mark[KEYRING_ROLES];

	/* In this look, the state directory can be read, and the directory of
	   the ledger can be written. */
	bool can_read, can_write;
};

struct ready_check {
	const char *code, *what;
	unsigned part;

	/* Return true if all is well.  Otherwise describe the fault in ${f},
	   whose code and what are already set.  If the reason stays empty, the
	   reason of the logged error is used. */
	bool (*good)(struct ready_checks *c, struct ready_found *f);
};

#define READY_CHECKS 21
extern const struct ready_check *const ready_checks_table;

/**
 * ready_checks_free(c):
 * Close what the checks opened.
 */
void ready_checks_free(struct ready_checks *c);

#endif /* !AUTH_READY_CHECKS_H_ */
