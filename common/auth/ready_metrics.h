#ifndef AUTH_READY_METRICS_H_
#define AUTH_READY_METRICS_H_

#include <stdbool.h>

struct ready_checks;
struct ready_found;

/**
 * ready_metrics_file(c, f), ready_metrics_token(c, f):
 * Rows of ready_checks_table: requests can be counted for /metrics; the token
 * that /metrics asks for can be read.  They only warn, because grants do not
 * depend on them.
 */
bool ready_metrics_file(struct ready_checks *c, struct ready_found *f);
bool ready_metrics_token(struct ready_checks *c, struct ready_found *f);

#endif /* !AUTH_READY_METRICS_H_ */
