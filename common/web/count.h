#ifndef WEB_COUNT_H_
#define WEB_COUNT_H_

#include <stdbool.h>

#include "base/err.h"

struct web;

/*
 * Counts requests in the file of state/metrics.h.  The counts decide nothing.
 * If the file cannot be used, requests are served, and nothing is counted.
 */

/**
 * count_open(w), count_close(w):
 * Map the file, before the sandbox begins.  If that fails, it is logged, but
 * not by a CGI program, because that would be a line for each request.
 */
void count_open(struct web *w);
void count_close(struct web *w);

/**
 * count_alive(w, confined):
 * Count this process as alive until it ends, if it is no CGI program.
 * ${confined}: its sandbox holds in full.
 */
void count_alive(struct web *w, bool confined);

/**
 * count_request(w, e):
 * Count the request that ends with ${e}, before its answer leaves.  If nothing
 * could be counted so far, try again from time to time.
 */
void count_request(struct web *w, enum err e);

#endif /* !WEB_COUNT_H_ */
