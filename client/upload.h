#ifndef CLIENT_UPLOAD_H_
#define CLIENT_UPLOAD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect.h"
#include "files.h"
#include "service_upload.h"

/*
 * foldergate upload, in steps: find the files (client/files.h), ask what the
 * store has of them, send the others, report.
 */

struct listing_item;
struct progress;

/* Grants that the service gave at once.  They stay as long as a transfer uses
   them. */
struct upload_grants {
	struct service_folder folder;
	unsigned batch;		/* counts the answers, from 1 on */
	int64_t margin_ms;	/* not used when less time is left */
	unsigned users;
};

enum upload_result {
	UPLOAD_SENT, UPLOAD_SAME, UPLOAD_WOULD_SEND,
	UPLOAD_FAILED,		/* here */
	UPLOAD_REFUSED,		/* by the store */
	UPLOAD_UNREACHABLE,
	UPLOAD_LEFT,		/* not tried, because the run ended early */
	UPLOAD_RESULTS
};

struct upload {
	struct connect *c;
	const char *source, *prefix;
	bool dry_run, no_checksum;
	struct service_limits limits;
	struct files files;
	struct progress *progress;

	struct upload_grants *grants;	/* the newest; NULL: none yet */
	unsigned batches;		/* answers so far */
	unsigned fruitless;		/* of these, since the last file that
					   was stored */
	struct upload_grants *list;	/* whose list begins before all files */
	int64_t list_ms;		/* when they were given */
	char list_after[FILES_NAME_MAX + 1];	/* it begins after this */
	bool blind;		/* the service cannot list all of the folder */

	int64_t bytes_total, bytes_sent;	/* of what must be sent */
	size_t count[UPLOAD_RESULTS];
	int ended;		/* not 0: the run ended early, with this
				   exit status */

	/* For client/migrate*.c, all NULL or 0 otherwise.  said() gets what
	   would be printed of a file.  found() gets each file that is not yet
	   sent and whose name the store has, and sets its state. */
	void (*said)(void *user, const char *path, enum upload_result result,
	    const char *why);
	void (*found)(void *user, struct files_one *one,
	    const struct listing_item *it);
	void *user;
	int64_t bytes_loaded;	/* shown as part of the progress */
};

/**
 * upload_prefix(job, prefix):
 * Set ${prefix} to what comes before the names of files: "job_id=JOB/", or ""
 * if ${job} is NULL.  Return false if no job may have this name.
 */
#define UPLOAD_PREFIX_MAX 140
#define UPLOAD_JOB_WRONG						\
	"--job needs 1 to 128 letters, digits, \"_\", \".\" and \"-\""
bool upload_prefix(const char *job, char prefix[UPLOAD_PREFIX_MAX + 1]);

/**
 * upload_say(u, path, result, bytes, why):
 * Report one file, on standard output, or on standard error if it failed; and
 * count it.
 */
void upload_say(struct upload *u, const char *path, enum upload_result result,
    int64_t bytes, const char *why);

/**
 * upload_end(u, status, why):
 * Stop early: no more files are begun.  Print why, and set u->ended.
 */
void upload_end(struct upload *u, int status, const char *why);

/**
 * upload_sum(u):
 * Report the sum, and return the exit status.
 */
int upload_sum(struct upload *u);

/**
 * upload_grant_ask(u, named, n, after):
 * Ask for grants, and make them u->grants.  The ${n} files at ${named} are
 * those to be sent, of which the service is told where it needs it; ${after} is
 * as of service_folder().  A failure is printed, and sets u->ended.
 */
bool upload_grant_ask(struct upload *u, struct files_one *const *named,
    size_t n, const char *after);

/**
 * upload_grant_for(u, i):
 * Return the grants for file ${i}, and set file.grant to the place in them.
 * Ask for new ones if there are none, or these end soon.  Return NULL if that
 * fails.
 */
struct upload_grants *upload_grant_for(struct upload *u, size_t i);

/**
 * upload_grant_refused(u, g):
 * The store refused ${g}.  Forget them, so that new ones are asked for, unless
 * new ones were refused, too.
 */
void upload_grant_refused(struct upload *u, struct upload_grants *g);

/**
 * upload_grant_drop(g):
 * End a use of ${g}, which may be NULL.
 */
void upload_grant_drop(struct upload_grants *g);

/**
 * upload_fields(g, key, n):
 * Return the ${n} fields of the form ${g} for ${key}.  The caller frees them;
 * their texts are those of ${g} and ${key}.
 */
struct text_pair *upload_fields(const struct service_grant *g, const char *key,
    size_t *n);

/**
 * upload_there(u):
 * Ask what is in the folder, and mark the files that are there.  A failure is
 * printed, and sets u->ended.
 */
void upload_there(struct upload *u);

/**
 * upload_confirm(u):
 * Ask again, and compare what was sent with the list, if the answers to the
 * uploads had no ETag to compare.  Mark what is damaged as not sent, and return
 * how many files that are.
 */
size_t upload_confirm(struct upload *u);

/**
 * upload_send(u):
 * Send the files that are not there.  Each is reported.
 */
void upload_send(struct upload *u);

/**
 * upload_whole(u):
 * Send them, and send again what was damaged on the way.
 */
void upload_whole(struct upload *u);

#endif /* !CLIENT_UPLOAD_H_ */
