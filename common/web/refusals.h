#ifndef WEB_REFUSALS_H_
#define WEB_REFUSALS_H_

#include <stdbool.h>

#include "base/err.h"

struct endpoint;

/*
 * The refusals that an endpoint can answer, for a description of the API.  No
 * program that serves requests links this.  tests/last/answers.t compares it
 * with what the programs answered in all tests.
 */

/**
 * refusals_of(ep, can):
 * Set ${can} for each error that ${ep} can answer: those of its own table, of
 * its request's bounds and of the steps that the frame takes for it.
 */
void refusals_of(const struct endpoint *ep, bool can[ERR_COUNT]);

#endif /* !WEB_REFUSALS_H_ */
