#ifndef AUTH_READY_LOG_H_
#define AUTH_READY_LOG_H_

#include <stdbool.h>

struct ready_checks;
struct ready_found;

/**
 * ready_log_to(c, f):
 * Row of ready_checks_table: the file or the daemon that log.to names takes
 * lines.  Nothing is written or created.  It only warns, because lines that
 * cannot be written there go to standard error.
 */
bool ready_log_to(struct ready_checks *c, struct ready_found *f);

#endif /* !AUTH_READY_LOG_H_ */
