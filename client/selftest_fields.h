#ifndef CLIENT_SELFTEST_FIELDS_H_
#define CLIENT_SELFTEST_FIELDS_H_

#include "selftest_draft.h"

/*
 * The fields of a draft that is a form.  What cannot be changed sets
 * d->missing.
 */

/**
 * selftest_fields_add(d, name, value):
 * Add a field after the others, and return it.
 */
struct selftest_part *selftest_fields_add(struct selftest_draft *d,
    const char *name, struct text_span value);

/**
 * selftest_fields_set(d, name, value):
 * Set the value of the first field of this name, or add one.
 */
void selftest_fields_set(struct selftest_draft *d, const char *name,
    struct text_span value);

/**
 * selftest_fields_change(d, o, a, b):
 * Make the change ${o}, one of SELFTEST_KEY to SELFTEST_TYPE, whose patterns
 * mean ${a} and ${b}.
 */
void selftest_fields_change(struct selftest_draft *d,
    const struct selftest_op *o, struct text_span a, struct text_span b);

#endif /* !CLIENT_SELFTEST_FIELDS_H_ */
