#ifndef CLIENT_MIGRATE_H_
#define CLIENT_MIGRATE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect.h"
#include "hub.h"
#include "hub_list.h"
#include "known.h"
#include "place.h"
#include "upload.h"

/*
 * foldergate migrate, in steps: list the data sets, look what the folder has,
 * print the plan; then batch by batch load into files of this machine, look
 * again, send by client/upload.h, report.
 */

enum migrate_result {
	MIGRATE_SENT,
	MIGRATE_RENAMED,	/* sent, under another name */
	MIGRATE_SAME,
	MIGRATE_WOULD_SEND,
	MIGRATE_WOULD_READ,	/* must be loaded to compare it */
	MIGRATE_SKIPPED,	/* another content has the name */
	MIGRATE_CONFLICT,	/* the same, without --on-conflict skip */
	MIGRATE_FAILED,		/* here, or it may not be stored */
	MIGRATE_REFUSED, MIGRATE_UNREACHABLE,
	MIGRATE_LEFT,		/* not tried, because the run ended early */
	MIGRATE_RESULTS
};

enum migrate_conflict { MIGRATE_FAIL, MIGRATE_SKIP, MIGRATE_RENAME };

/* A file of the Hub. */
struct migrate_one {
	const struct hub_item *item;
	char *name;		/* in the folder */
	bool renamed;
	bool there;		/* the folder has an object of this name */
	bool compare;		/* only the MD5 of the content can tell */
	bool done;		/* it has its result */
	int64_t there_bytes;
	bool there_has_md5;
	uint8_t there_md5[MD5_LEN];
	bool has_md5;		/* of the content */
	uint8_t md5[MD5_LEN];

	/* While it is in a batch. */
	int fd;			/* its file; -1: none */
	char id[PLACE_ID_MAX + 1];
	enum migrate_result result;
	char *why;
};

struct migrate {
	struct connect *c;
	struct hub *hub;
	struct hub_list list;
	struct known *known;
	struct place place;
	struct progress *progress;
	enum migrate_conflict conflict;
	bool dry_run;

	struct migrate_one *one;	/* in the order of the list */
	size_t n, next;			/* not looked at yet */
	struct upload u;		/* grants, limits, what is sent */
	struct migrate_one **now;	/* those that u.files stands for */
	char *list_from;		/* u.list begins before this name, */
	const struct hub_item *list_item;	/* of this file */

	int64_t loaded;			/* bytes, in this run */
	size_t count[MIGRATE_RESULTS];
	int64_t bytes_sent;
	int ended;		/* not 0: the run ended early, with this
				   exit status */
};

/**
 * migrate_plan(m):
 * Make m->one from m->list, and decide what can be decided without loading.
 * A failure is printed.  Return the exit status.
 */
int migrate_plan(struct migrate *m);

/**
 * migrate_print_plan(m):
 * Print the plan.
 */
void migrate_print_plan(const struct migrate *m);

/**
 * migrate_look(m, ones, n):
 * Ask what the folder has of the ${n} names, and set ${there} of each.  Sort
 * ${ones}.  One whose name cannot be looked for has its result.  Return false
 * after a failure, which is printed and in m->ended.
 */
bool migrate_look(struct migrate *m, struct migrate_one **ones, size_t n);

/**
 * migrate_list_ms(m), migrate_list_note(m, before_ms, first):
 * Return when u.list was given, or -1.  If that was not ${before_ms}, note that
 * it begins before the name of ${first}.
 */
int64_t migrate_list_ms(const struct migrate *m);
void migrate_list_note(struct migrate *m, int64_t before_ms,
    const struct migrate_one *first);

/**
 * migrate_judge(m, one, last):
 * Decide about a file whose name may be taken: it is not; or it has its result;
 * or it must be compared; or it has another name and must be looked for again,
 * which is not done if ${last}.
 */
enum migrate_verdict { MIGRATE_FREE, MIGRATE_DONE, MIGRATE_COMPARE,
    MIGRATE_OTHER };
enum migrate_verdict migrate_judge(struct migrate *m, struct migrate_one *one,
    bool last);

/**
 * migrate_hooks(m):
 * Let m->u report to ${m}.
 */
void migrate_hooks(struct migrate *m);

/**
 * migrate_run(m):
 * Move what is not done, in batches.
 */
void migrate_run(struct migrate *m);

/**
 * migrate_files(m, ones, n):
 * Make m->u.files from the ${n} ${ones}, sorted by name.  Those that have a
 * file of this machine are sent from it.
 */
void migrate_files(struct migrate *m, struct migrate_one **ones, size_t n);

/**
 * migrate_card(m):
 * Warn of each data set whose card names another miner.
 */
void migrate_card(struct migrate *m);

/**
 * migrate_temp_open(m, dir):
 * Open the directory of files that are not moved yet: ${dir}, or
 * $XDG_CACHE_HOME/foldergate/migrate (~/.cache).  Remove files there of
 * contents in m->one that are done.  A failure is printed.
 */
bool migrate_temp_open(struct migrate *m, const char *dir);

/**
 * migrate_temp_close(m):
 * Close it.  At the end of a whole run, old files are removed.
 */
void migrate_temp_close(struct migrate *m);

/**
 * migrate_temp_begin(m, one, why):
 * Open the file of ${one}, and reserve the disk for it.  Return false and set
 * ${why}: it is in use if errno is EWOULDBLOCK, and the disk is full if it is
 * ENOSPC.  What an earlier run has loaded of it is kept then.
 */
bool migrate_temp_begin(struct migrate *m, struct migrate_one *one,
    const char **why);

/**
 * migrate_temp_end(m, one, keep):
 * Close the file of ${one}, and remove it unless ${keep} and it has bytes.
 * What is reserved beyond these is free again.
 */
void migrate_temp_end(struct migrate *m, struct migrate_one *one, bool keep);

/**
 * migrate_say(m, one, result, why):
 * Count and report one file, which is then done.
 */
void migrate_say(struct migrate *m, struct migrate_one *one,
    enum migrate_result result, const char *why);

/**
 * migrate_say_odd(m, path, bytes, why):
 * The same for a file that has no place in the plan.
 */
void migrate_say_odd(struct migrate *m, const char *path, int64_t bytes,
    const char *why);

/**
 * migrate_sum(m):
 * Report the sum.  Return the exit status.
 */
int migrate_sum(struct migrate *m);

#endif /* !CLIENT_MIGRATE_H_ */
