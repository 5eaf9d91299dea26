#ifndef STATE_EXPOSITION_H_
#define STATE_EXPOSITION_H_

#include <stdbool.h>
#include <stdint.h>

#include "state/metrics.h"

struct buf;

/*
 * The text that Prometheus reads, of the families in metrics.def.
 *   Source  Prometheus, Exposition formats: text format 0.0.4; OpenMetrics 1.0
 */
#define EXPOSITION_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define EXPOSITION_OPEN						\
	"application/openmetrics-text; version=1.0.0; charset=utf-8"

struct exposition {
	struct buf *b;
	bool open;		/* OpenMetrics */
};

/**
 * exposition_head(x, id):
 * Append the lines that begin the family ${id}.
 */
void exposition_head(const struct exposition *x, enum metrics_id id);

/**
 * exposition_gauge(x, id, a, b, thousandths):
 * Append a value of the gauge ${id}, in thousandths, for the values ${a} and
 * ${b} of its labels: texts, or NULL for the label NONE.
 */
void exposition_gauge(const struct exposition *x, enum metrics_id id,
    const char *a, const char *b, int64_t thousandths);

/**
 * exposition_counted(x, m, id):
 * Append all of the counter or histogram ${id}.  Counters of endpoints that
 * are 0 are left out, except those that alerts watch.
 */
void exposition_counted(const struct exposition *x, const struct metrics *m,
    enum metrics_id id);

/**
 * exposition_end(x):
 * Append what ends the text.
 */
void exposition_end(const struct exposition *x);

/**
 * exposition_value(label, i):
 * Return the text of the ${i}th value of a ${label} that is in metrics.def, or
 * NULL if it has no more.
 */
const char *exposition_value(enum metrics_label label, unsigned i);

#endif /* !STATE_EXPOSITION_H_ */
