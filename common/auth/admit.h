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
 * The last check and the only one that spends anything: not denied, not seen
 * before, under every limit; all or nothing.
 */

/* What is counted, per hotkey and day: keys.def, section limits. */
enum admit_kind {
	ADMIT_FOLDER_GRANT,	/* an upload policy for a folder */
	ADMIT_FILE_GRANT,	/* for one file */
	ADMIT_VALIDATOR_ANSWER,	/* listings of everything */
	ADMIT_VALIDATOR_URL	/* of one miner: a list, or downloads */
};

/* What was decided, for admit_undo(). */
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

	/* What came of it: of the hotkey's counter, or the one at its limit. */
	bool granted;			/* admitted, and counted once */
	bool counted;			/* the next three are set */
	int64_t limit, remaining, reset_s;
	struct admit_entry entry;
};

/**
 * admit(a, id, who, kind):
 * Admit the proven ${id}, and count that.
 *   Errors  ERR_DENIED; ERR_SIGNED_EARLY, ERR_REPLAY; ERR_LIMIT the
 *	     hotkey's, ERR_COLDKEY_LIMIT its owner's, ERR_TOTAL_LIMIT its
 *	     role's; ERR_LEDGER
 */
CHECKED enum err admit(struct admit *a, const struct auth_identity *id,
    const struct auth_caller *who, enum admit_kind kind);

/**
 * admit_undo(a):
 * Take back what admit() counted and remembered, if it did: the request is not
 * granted after all, because of a failure of ours.  If that fails, too, it
 * stays counted (logged by ledger/).
 */
void admit_undo(struct admit *a);

/**
 * admit_open_ledger(cfg, s):
 * Open the ledger that ${cfg} says.
 *   Errors  as ledger_open()
 */
CHECKED enum err admit_open_ledger(const struct config *cfg, struct ledger **s);

/**
 * admit_wake(a):
 * Let the ledger begin, if there is none yet: what was signed before that is
 * refused, and that should not be the first request.
 */
void admit_wake(struct admit *a);

/**
 * admit_limit(cfg, name):
 * The limit of the counter that `foldergate usage` finds under ${name}; -1: not
 * one of ours.
 */
int64_t admit_limit(const struct config *cfg, const char *name);

#endif /* !AUTH_ADMIT_H_ */
