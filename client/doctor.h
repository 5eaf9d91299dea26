#ifndef CLIENT_DOCTOR_H_
#define CLIENT_DOCTOR_H_

#include <stdbool.h>
#include <stddef.h>

#include "auth/ready.h"

/* The rows of foldergate doctor: what was looked at, what was found and, if it
   is not as it should be, the one command that mends it. */
enum doctor_result { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD };

struct doctor {
	bool json, quiet;
	unsigned rows, bad;		/* so far */
	const struct config *cfg;	/* NULL: refused, or none was read */
	struct ready_as as;		/* the user of the programs */
};

/**
 * doctor_begin(d), doctor_end(d):
 * Begin and end the output.  Return the exit status.
 */
void doctor_begin(struct doctor *d);
int doctor_end(struct doctor *d);

/**
 * doctor_fine(d, code, what, fmt, ...):
 * Report that all is well with ${what}.  ${code} names it for programs.
 */
void doctor_fine(struct doctor *d, const char *code, const char *what,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * doctor_found(d, f):
 * Report that something is wrong, or (f->warns) may be.
 */
void doctor_found(struct doctor *d, const struct ready_found *f);

/**
 * doctor_mend(d, f, form):
 * The same, with the command ${form} as ready_mend() takes it.
 */
void doctor_mend(struct doctor *d, struct ready_found *f, const char *form);

/**
 * doctor_unit(name):
 * Is the unit ${name} installed, and systemd what runs this machine?
 */
bool doctor_unit(const char *name);

/**
 * doctor_sync_runs(d, name):
 * Does chain-sync or bucket-sync run, as far as can be seen?
 */
bool doctor_sync_runs(const struct doctor *d, const char *name);

/**
 * doctor_outside(d, url, ca_file):
 * Ask the service at ${url}, which has no slash at its end, from outside.  If
 * it does not answer, that is reported as a failure.
 *   Errors  false, after command_failed(): it does not answer
 */
bool doctor_outside(struct doctor *d, const char *url, const char *ca_file);

/**
 * doctor_installation(d), doctor_sync(d), doctor_versions(d),
 * doctor_machine(d), doctor_store(d):
 * Report the checks that readyz makes; chain-sync and bucket-sync; whether the
 * installed programs are of one version; room, clock and sandbox; whether the
 * store lists with the read key.
 */
void doctor_installation(struct doctor *d);
void doctor_sync(struct doctor *d);
void doctor_versions(struct doctor *d);
void doctor_machine(struct doctor *d);
void doctor_store(struct doctor *d);

/* What root alone can see of the programs that run. */
struct doctor_programs;

/**
 * doctor_programs_look(sockets), doctor_programs(d, p),
 * doctor_programs_free(p):
 * Ask each program that has a socket in the directory ${sockets}, and look
 * which programs run.  Later, report that.
 */
struct doctor_programs *doctor_programs_look(const char *sockets);
void doctor_programs(struct doctor *d, const struct doctor_programs *p);
void doctor_programs_free(struct doctor_programs *p);

#endif /* !CLIENT_DOCTOR_H_ */
