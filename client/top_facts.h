#ifndef CLIENT_TOP_FACTS_H_
#define CLIENT_TOP_FACTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/ss58.h"
#include "ledger/ledger.h"

struct config;
struct metrics;

/* What foldergate top shows beside the counts: the snapshot, the index, the
   ledger and the busiest keys in it.  All of it is read from their files (or
   Redis), and nothing is changed. */

#define TOP_KEYS_MAX 50

struct top_key {
	char name[LEDGER_NAME_MAX + 1];	/* as `foldergate usage` prints it */
	int64_t used;
	int64_t limit;			/* -1: none known; 0: no limit */
};

struct top_facts {
	int64_t now_s;
	bool has_snapshot;
	uint64_t block;
	int64_t snapshot_age_s, snapshot_limit_s;
	uint32_t hotkeys;
	bool has_index;
	int64_t index_age_s;
	const char *ledger;		/* where it is */
	bool ledger_up;

	/* Who has the most in this hour, if it is registered; else "". */
	char refused[SS58_MAX + 1], spread[SS58_MAX + 1];

	size_t keys;			/* the busiest, sorted by their share */
	struct top_key key[TOP_KEYS_MAX];
};

struct top_source;

/**
 * top_source_new(cfg), top_source_free(s):
 * Prepare to read what ${cfg}, which must stay, names.
 */
struct top_source *top_source_new(const struct config *cfg);
void top_source_free(struct top_source *s);

/**
 * top_source_read(s, now_s, f):
 * Read everything.  What cannot be read is absent.  Nothing is logged.
 */
void top_source_read(struct top_source *s, int64_t now_s,
    struct top_facts *f);

/**
 * top_source_name(s, m, f):
 * Name those whose refusals and addresses are the most in ${m}, after
 * top_source_read().  The table has hashes.  So every registered hotkey is
 * looked for.
 */
void top_source_name(const struct top_source *s, struct metrics *m,
    struct top_facts *f);

/**
 * top_facts_key(f, name, used, limit):
 * Put a counter among the busiest keys, if it is one of them: those that used
 * most of their limit, then those that used most.
 */
void top_facts_key(struct top_facts *f, const char *name, int64_t used,
    int64_t limit);

#endif /* !CLIENT_TOP_FACTS_H_ */
