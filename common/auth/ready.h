#ifndef AUTH_READY_H_
#define AUTH_READY_H_

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"

struct bucket_index;
struct hmac;
struct keyring;
struct metagraph;

/*
 * Can this installation grant anything?  One table of checks
 * (auth/ready_checks.c) gives the answer to programs when they start, to readyz
 * and healthcheck, and to `foldergate check-config`.  Each check does what a
 * grant does: it reads the secrets, makes a decision in the ledger and takes it
 * back, and asks for the room of a line in the audit log.
 */

/* Parts of the table. */
#define READY_SETTINGS 1u	/* what stays wrong until somebody mends it */
#define READY_UPLOAD 2u		/* the secret that signs uploads */
#define READY_READ 4u		/* that signs listings and downloads */
#define READY_NOW 8u		/* what may pass by itself */
#define READY_ALL 15u

#define READY_NAME_MAX 32
#define READY_PATH_MAX (CONFIG_TEXT_MAX + 32)
#define READY_MEND_MAX 1023

/* Whom the programs run as, for the commands that mend. */
struct ready_as {
	char user[READY_NAME_MAX + 1], group[READY_NAME_MAX + 1];
};

/* What the caller has opened; it must outlive the struct ready. */
struct ready_uses {
	const struct config *cfg;
	struct hmac *hmac;
	const struct keyring *keyring;	/* keyring_init() was called */
	struct metagraph *metagraph;	/* NULL: READY_NOW is not asked for */
	struct bucket_index *index;	/* likewise */
	struct ready_as as;
};

/* One thing that is wrong. */
struct ready_found {
	const char *code;		/* for machines */
	const char *what;		/* what that thing is, for people */
	bool warns;			/* grants are possible all the same */
	char reason[LOG_VALUE_MAX + 1];
	char path[READY_PATH_MAX + 1];	/* the file that is meant; "": none */
	bool is_there;			/* the next three are the file's */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	char mend[READY_MEND_MAX + 1];	/* the command that mends it */
};

struct ready;

/**
 * ready_new(uses), ready_free(r):
 * Nothing is opened yet.
 */
struct ready *ready_new(const struct ready_uses *uses);
void ready_free(struct ready *r);

/**
 * ready_as_us(as):
 * Set ${as} to the numbers of the user and group that we run as.
 */
void ready_as_us(struct ready_as *as);

/**
 * ready_look(r, parts, now_ms, boot_ms):
 * Run the checks of ${parts}; the same parts are run once a second at most, and
 * otherwise the result stays.  Return how much is wrong, warnings included.
 * Nothing is logged.
 */
size_t ready_look(struct ready *r, unsigned parts, int64_t now_ms,
    int64_t boot_ms);

/**
 * ready_found(r, i):
 * The ${i}-th thing that ready_look() found, in the order of the table.
 */
const struct ready_found *ready_found(const struct ready *r, size_t i);

/**
 * ready_fault(r):
 * The first of them that is no warning; NULL: grants are possible.
 */
const struct ready_found *ready_fault(const struct ready *r);

/**
 * ready_codes(r):
 * The codes of the faults, each once, or, if there is none, of the warnings.
 * NULL ends the list, which stays until the next look.
 */
const char *const *ready_codes(const struct ready *r);

/**
 * ready_log(r, event):
 * Log, as ${event}, what was not found by the look that was logged before, and
 * as "ready_again" what was found then and is not now.
 */
void ready_log(struct ready *r, const char *event);

#endif /* !AUTH_READY_H_ */
