#ifndef WEB_CONFINE_H_
#define WEB_CONFINE_H_

#include <stdbool.h>

#include "base/err.h"

struct endpoint;
struct web;

/*
 * After start-up a program keeps only what its needs ask for (need.h, ask).
 * What that means is in base/sandbox.h; web.sandbox turns it off.
 */

/**
 * confine_enter(w, ep):
 * Give up everything else, as far as the kernel can.  If a directory is not
 * there yet, its files are given up later: see confine_keep().
 *   Errors  ERR_NOT_READY not all of it is possible, and web.sandbox requires
 *	     it; logged
 */
CHECKED enum err confine_enter(const struct web *w, const struct endpoint *ep);

/**
 * confine_holds():
 * Are all files and system calls that were not asked for given up?
 */
bool confine_holds(void);

/**
 * confine_log():
 * Log once what is given up, or why nothing is.
 */
void confine_log(void);

/**
 * confine_keep(w):
 * Do what confine_enter() could not do yet.  Return false if the program must
 * end, because it has rights to a directory that has been replaced.
 */
bool confine_keep(const struct web *w);

#endif /* !WEB_CONFINE_H_ */
