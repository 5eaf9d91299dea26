#ifndef AUTH_READY_OUTSIDE_H_
#define AUTH_READY_OUTSIDE_H_

#include <stdbool.h>

struct ready_checks;
struct ready_found;

/*
 * The checks of things outside this machine.  They send no request.  They read
 * the records of the sync programs and the endpoints.  They only warn, because
 * grants are still possible.
 */
#define READY_MEND_READ "chown --reference=%D %P && chmod 0644 %P"

/**
 * ready_outside_index(c, f), ready_outside_proxy(c, f),
 * ready_outside_clock(c, f), ready_outside_store(c, f):
 * Rows of ready_checks_table: there is an index of the bucket; no untrusted
 * proxy forwards requests; our clock agrees with those of the store and of the
 * chain's nodes; the store did not refuse bucket-sync in its last look.
 */
bool ready_outside_index(struct ready_checks *c, struct ready_found *f);
bool ready_outside_proxy(struct ready_checks *c, struct ready_found *f);
bool ready_outside_clock(struct ready_checks *c, struct ready_found *f);
bool ready_outside_store(struct ready_checks *c, struct ready_found *f);

#endif /* !AUTH_READY_OUTSIDE_H_ */
