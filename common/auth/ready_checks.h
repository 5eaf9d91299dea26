#ifndef AUTH_READY_CHECKS_H_
#define AUTH_READY_CHECKS_H_

#include "auth/auth.h"
#include "auth/ready.h"

struct audit;
struct denylist;
struct ledger;
struct throttle;

/* What ready.c walks, and the checks work with; for nobody else. */
struct ready_checks {
	struct ready_uses uses;
	int64_t now_ms, boot_ms;
	unsigned parts;			/* that this look is at */
	struct auth auth;
	struct denylist *denylist;	/* NULL: not opened yet */
	struct throttle *throttle;
	struct ledger *ledger;
	struct audit *audit;		/* opened by each look */

	/* The state directory, and that of the ledger, in this look. */
	bool can_read, can_write;
};

struct ready_check {
	const char *code, *what;
	unsigned part;

	/* Is all well?  Otherwise ${f}, whose code and what are set, says what
	   is not; an empty reason is that of the error that was logged. */
	bool (*good)(struct ready_checks *c, struct ready_found *f);
};

#define READY_CHECKS 15
extern const struct ready_check ready_checks_table[READY_CHECKS];

/**
 * ready_checks_free(c):
 * Close what the checks opened.
 */
void ready_checks_free(struct ready_checks *c);

#endif /* !AUTH_READY_CHECKS_H_ */
