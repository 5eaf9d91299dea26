#ifndef WEB_JOURNAL_H_
#define WEB_JOURNAL_H_

#include <stdbool.h>

#include "base/err.h"

struct audit_entry;
struct sandbox;
struct web;

/*
 * The log of an endpoint: where log.to sends it, and the lines about requests
 * that log.requests asks for.
 */

/**
 * journal_open(w):
 * Send the log where log.to says.  Lines that cannot go there go to standard
 * error, where one says why.
 */
void journal_open(const struct web *w);

/**
 * journal_ask(w, s):
 * Ask for what journal_request() needs in the sandbox.
 */
void journal_ask(const struct web *w, struct sandbox *s);

/**
 * journal_wants(w, e):
 * Does log.requests ask for a line about a request that ended with ${e}?
 */
bool journal_wants(const struct web *w, enum err e);

/**
 * journal_request(entry):
 * Log the line of ${entry}, which says no more than its line in the audit log.
 */
void journal_request(const struct audit_entry *entry);

#endif /* !WEB_JOURNAL_H_ */
