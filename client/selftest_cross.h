#ifndef CLIENT_SELFTEST_CROSS_H_
#define CLIENT_SELFTEST_CROSS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect.h"
#include "net/wire.h"
#include "selftest_draft.h"
#include "selftest_look.h"
#include "selftest_report.h"

/*
 * The ways out of a folder, tried one by one: selftest_cross.c runs them,
 * selftest_start.c asks for the grants, selftest_judge.c says what a way did,
 * selftest_ask.c tries the service itself.
 */

#define SELFTEST_TOKEN_LEN 16		/* hex digits */
#define SELFTEST_TEXT_MAX 1100

/* The two names of the canary: in its key, and in its content. */
struct selftest_tokens {
	char run[SELFTEST_TOKEN_LEN + 1];
	char key[SELFTEST_TOKEN_LEN + 1];
	char content[SELFTEST_TOKEN_LEN + 1];
};

/* What a request that was sent is like. */
struct selftest_sent {
	bool asks_key;		/* it has the canary's name itself */
	bool lies;		/* its length or what follows it is false, so
				   silence is an answer */
};

/* One of the two miners: its grants and its folder. */
struct selftest_miner {
	struct connect *c;
	struct service_folder folder;
	struct selftest_look look;
};

struct selftest_cross {
	struct selftest_miner own, other;
	struct connect *validator;	/* NULL: none */
	const char *source;		/* NULL: the hotkey layout */
	const char *another;		/* another bucket; NULL: none known */
	const char *kind;		/* only ways whose kind begins so; NULL:
					   all */
	struct selftest_report *report;

	struct service_limits limits;
	struct selftest_tokens token;
	struct service_folder exact, late;	/* late: it ends early */
	const char *exact_why;		/* why there is no form for one file */
	struct service_answer lists;	/* owns the validator's URL */
	struct selftest_look bucket;
	struct selftest_names names;
	struct selftest_grants grants;
	struct arena *arena;
	unsigned ways;			/* tried so far: for {id} */
	unsigned lost;			/* ways in a row without a verdict */
	size_t before;			/* objects in the caller's folder */

	/* Texts of names. */
	char job[SELFTEST_TEXT_MAX + 1], id[64], canary[SELFTEST_TEXT_MAX + 1];
	char tail[3 * SELFTEST_TEXT_MAX + 1];
	char parent[SELFTEST_TEXT_MAX + 1], name[SELFTEST_TEXT_MAX + 1];
	char mine[SELFTEST_TEXT_MAX + 1], bucket_name[256], at[256], host[256];
	char origin[512], boundary[64], key_id[256], list_signature[128];
	char their_signature[128];
};

/**
 * selftest_start(x):
 * Ask for all grants, and set the names.  A failure is printed.  Return the
 * exit status.
 */
int selftest_start(struct selftest_cross *x);

/**
 * selftest_start_free(x):
 * Free what selftest_start() made.
 */
void selftest_start_free(struct selftest_cross *x);

/**
 * selftest_start_canary(x, answer):
 * Store the canary in the other's folder, with the other's grant, and look at
 * both folders.  Return whether the other's list shows it.
 */
bool selftest_start_canary(struct selftest_cross *x,
    struct wire_answer *answer);

/**
 * selftest_cross_takes(x, kind):
 * Are ways of this kind wanted?
 */
bool selftest_cross_takes(const struct selftest_cross *x, const char *kind);

/**
 * selftest_cross_knows(kind):
 * Is there a kind that begins with ${kind}?
 */
bool selftest_cross_knows(const char *kind);

/**
 * selftest_cross_run(x):
 * Try all ways, and report each.  Return the exit status if the run ended
 * early, else COMMAND_OK.
 */
int selftest_cross_run(struct selftest_cross *x);

/**
 * selftest_cross_send(x, way, grants, names, answer, sent):
 * Send the request of ${way}, and once more if its answer decides nothing.
 * Return NULL, or why it does not apply here; then ${sent} is not set.
 */
const char *selftest_cross_send(struct selftest_cross *x,
    const struct selftest_way *way, const struct selftest_grants *grants,
    const struct selftest_names *names, struct wire_answer *answer,
    struct selftest_sent *sent);

/**
 * selftest_judge(x, way, answer, sent, row):
 * Look at both folders and the bucket, and set the verdict in ${row}.
 */
void selftest_judge(struct selftest_cross *x, const struct selftest_way *way,
    const struct wire_answer *answer, const struct selftest_sent *sent,
    struct selftest_row *row);

/**
 * selftest_judge_nothing(way, answer, lies):
 * Return why the answer proves nothing, or NULL.  A 5xx does not if the answer
 * alone would decide; but 501 is what S3 answers to what it does not have.
 */
const char *selftest_judge_nothing(const struct selftest_way *way,
    const struct wire_answer *answer, bool lies);

/**
 * selftest_judge_shows(x, answer, asks_key):
 * Does the answer show the other's file, by its name or its content?
 */
bool selftest_judge_shows(const struct selftest_cross *x,
    const struct wire_answer *answer, bool asks_key);

/**
 * selftest_ask(x):
 * Try the ways through the service itself, and report each.
 */
void selftest_ask(struct selftest_cross *x);

#endif /* !CLIENT_SELFTEST_CROSS_H_ */
