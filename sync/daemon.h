#ifndef SYNC_DAEMON_H_
#define SYNC_DAEMON_H_

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct seen;

/*
 * The common part of programs that look at something outside at intervals, and
 * keep a file in the state directory.  One process runs at a time.  It ends
 * within a second, waits longer after each failure, and reports its status.
 */
enum daemon_status {
	DAEMON_OK = 0,		/* the file was written */
	DAEMON_FAILED = 1,	/* nothing learned: the old file stays */
	DAEMON_USAGE = 2,	/* usage or configuration */
	DAEMON_BUSY = 3,	/* another one runs on this directory */
	DAEMON_WRITE = 4,	/* learned, but not written */
	DAEMON_PARTLY = 5	/* written, but incomplete */
};

struct daemon {
	const char *name;	/* its files are <name>.lock, <name>.status */
	const char *keeps;	/* the file that it keeps */
	const char *directory;
	int64_t interval_s;
	unsigned failures;	/* in a row; set by daemon_note() */
	bool clock_off;		/* logged; set by daemon_seen() */
};

/* Set by SIGTERM and SIGINT. */
extern volatile sig_atomic_t daemon_stop;

/**
 * daemon_asked(argc, argv, name, usage, status):
 * Answer --help with ${usage} and --version with ${name} and its version, and
 * set ${status}.  Return false if the arguments have neither.
 *   Errors  DAEMON_WRITE standard output cannot be written; reported
 */
bool daemon_asked(int argc, char **argv, const char *name, const char *usage,
    enum daemon_status *status);

/**
 * daemon_lock(d):
 * Lock the state directory for this program, as long as the process lives.
 *   Errors  DAEMON_BUSY, DAEMON_WRITE, DAEMON_USAGE; logged
 */
enum daemon_status daemon_lock(const struct daemon *d);

/**
 * daemon_signals():
 * From here on SIGTERM and SIGINT set daemon_stop and interrupt waits.  A log
 * whose reader has left does not end the process.
 */
void daemon_signals(void);

/**
 * daemon_note(d, status, members, reason):
 * Count failures, and replace the status file.  It is one line of JSON about
 * the last look, for people and monitors, with these ${members} (text:
 * "\"n\":1") and, unless ${status} is DAEMON_OK, with ${reason}.
 */
void daemon_note(struct daemon *d, enum daemon_status status,
    const char *members, const char *reason);

/**
 * daemon_seen(d, seen):
 * Set ${seen}'s time, and put it into the file <name>.seen.  Log if the clock
 * begins or ceases to differ from those of the peers.
 */
void daemon_seen(struct daemon *d, struct seen *seen);

/**
 * daemon_run(d, once, look, user):
 * Call ${look}(user) once, or at intervals until daemon_stop.  Before each
 * call, remove the temporary files of killed writers.  Return the exit status.
 */
enum daemon_status daemon_run(struct daemon *d, bool once,
    enum daemon_status (*look)(void *user), void *user);

#endif /* !SYNC_DAEMON_H_ */
