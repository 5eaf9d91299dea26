#ifndef AUTH_ADMIT_H_
#define AUTH_ADMIT_H_

#include <stdbool.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/err.h"
#include "ledger/ledger.h"

struct config;
struct denylist;
struct ledger;

/*
 * The last check, and the only one that spends anything.  It admits a request
 * that is not denied, was not seen before, and is under every limit.  It
 * counts all or nothing.
 */

/* Kinds of counters, per hotkey and day: keys.def, section limits. */
enum admit_kind {
	ADMIT_FOLDER_GRANT,	/* an upload policy for a folder */
	ADMIT_FILE_GRANT,	/* an upload policy for one file */
	ADMIT_VALIDATOR_ANSWER,	/* who there is: asked for now and then */
	ADMIT_VALIDATOR_URL	/* lists and downloads: asked for per miner */
};

/* What admit() did, for admit_undo(). */
#define ADMIT_COUNTERS 3
struct admit_entry {
	char name[ADMIT_COUNTERS][LEDGER_NAME_MAX + 1];
	uint8_t replay_key[LEDGER_KEY_LEN];
	struct ledger_counter counter[ADMIT_COUNTERS];
	struct ledger_request request;
	struct ledger_result result;
};

struct admit {
	const struct config *cfg;
	struct ledger *ledger;
	struct denylist *denylist;
	int64_t now_ms, boot_ms;

	/* The result, of the hotkey's counter or of the one at its limit. */
	bool granted;			/* admitted, and counted once */
	bool counted;			/* the next three are set */
	int64_t limit, remaining, reset_s;
	struct admit_entry entry;
};

/**
 * admit(a, id, who, kind):
 * Admit the proven ${id} and count the request.
 *   Errors  ERR_DENIED; ERR_SIGNED_EARLY, ERR_REPLAY; ERR_LIMIT the hotkey's,
 *	     ERR_COLDKEY_LIMIT its owner's, ERR_TOTAL_LIMIT its role's;
 *	     ERR_LEDGER
 */
CHECKED enum err admit(struct admit *a, const struct auth_identity *id,
    const struct auth_caller *who, enum admit_kind kind);

/**
 * admit_undo(a):
 * Take back what admit() counted and remembered, if it did.  The service
 * failed, so the request is not granted.  If that fails, too, the request
 * stays counted (logged by ledger/).
 */
void admit_undo(struct admit *a);

/**
 * admit_open_ledger(cfg, s):
 * Open the ledger that ${cfg} names.
 *   Errors  as ledger_open()
 */
CHECKED enum err admit_open_ledger(const struct config *cfg, struct ledger **s);

/**
 * admit_wake(a):
 * Create the ledger if it does not exist yet.  A request signed before that is
 * refused, and this should not happen to the first request.
 */
void admit_wake(struct admit *a);

/**
 * admit_limit(cfg, name):
 * Return the limit of the counter that `foldergate usage` shows as ${name}, or
 * -1 if it is not a counter of admit().
 */
int64_t admit_limit(const struct config *cfg, const char *name);

#endif /* !AUTH_ADMIT_H_ */
