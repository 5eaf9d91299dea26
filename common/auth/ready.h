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
 * These checks find out whether this installation can make grants.  One table
 * (auth/ready_checks.c) serves programs when they start, readyz, healthcheck
 * and `foldergate check-config`.  The checks take the same steps as a grant.
 * They read the secrets, make a decision in the ledger and undo it, and check
 * that the audit log has room for a line.
 */

/* Parts of the table. */
#define READY_SETTINGS 1u	/* faults that stay until mended */
#define READY_UPLOAD 2u		/* the secret that signs uploads */
#define READY_READ 4u		/* the secret for lists and downloads */
#define READY_NOW 8u		/* faults that may pass by themselves */
#define READY_ALL 15u

#define READY_NAME_MAX 32
#define READY_PATH_MAX (CONFIG_TEXT_MAX + 32)
#define READY_MEND_MAX 1023

/* The user and group of the programs, for the commands that mend. */
struct ready_as {
	char user[READY_NAME_MAX + 1], group[READY_NAME_MAX + 1];
};

/* Objects that the caller opened.  They must outlive the struct ready. */
struct ready_uses {
	const struct config *cfg;
	struct hmac *hmac;
	const struct keyring *keyring;	/* keyring_init() was called */
	struct metagraph *metagraph;	/* may be NULL without READY_NOW */
	struct bucket_index *index;	/* the same */
	struct ready_as as;
};

/* One thing that is wrong. */
struct ready_found {
	const char *code;		/* for machines */
	const char *what;		/* its name, for people */
	bool warns;			/* grants are still possible */
	char reason[LOG_VALUE_MAX + 1];
	char path[READY_PATH_MAX + 1];	/* the file concerned; "": none */
	bool is_there;			/* the next three are the file's */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	char mend[READY_MEND_MAX + 1];	/* the command that mends it */
};

struct ready;

/**
 * ready_new(uses), ready_free(r):
 * Make and free a struct ready.  ready_new() does not open anything.
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
 * Run the checks of ${parts}.  The same parts run at most once a second.  Until
 * then the last result stays.  Return the number of faults and warnings.
 * Nothing is logged.
 */
size_t ready_look(struct ready *r, unsigned parts, int64_t now_ms,
    int64_t boot_ms);

/**
 * ready_found(r, i):
 * Return the ${i}-th finding of ready_look(), in the order of the table.
 */
const struct ready_found *ready_found(const struct ready *r, size_t i);

/**
 * ready_each(r, each, user):
 * Call ${each}(${user}, ...) for each check of the last look, in the order of
 * the table, with its finding or, if all is well, with NULL.  Checks of files
 * in a directory that could not be used are left out.
 */
void ready_each(const struct ready *r, void (*each)(void *user,
    const char *code, const char *what, const struct ready_found *f),
    void *user);

/**
 * ready_fault(r):
 * Return the first finding that is not a warning.  NULL: grants are possible.
 */
const struct ready_found *ready_fault(const struct ready *r);

/**
 * ready_codes(r):
 * Return the codes of the faults, each once.  If there is no fault, return
 * those of the warnings.  NULL ends the list.  It stays valid until the next
 * look.
 */
const char *const *ready_codes(const struct ready *r);

/**
 * ready_log(r, event):
 * Compare the last look with the look that was logged before.  Log each new
 * finding as ${event}.  Log each finding that has ended as "ready_again".
 */
void ready_log(struct ready *r, const char *event);

#endif /* !AUTH_READY_H_ */
