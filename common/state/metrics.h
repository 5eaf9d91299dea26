#ifndef STATE_METRICS_H_
#define STATE_METRICS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What is counted, added up over all processes of all endpoints.  They map one
 * file and change it by atomic operations only.  So a process may be killed
 * anywhere, and what it has counted stays.  metrics.def says what there is.
 *
 * The file may be deleted while no program runs.  All counts are then 0.  A
 * program that knows other metrics replaces it.  Programs that already run
 * keep using the old one.
 *
 * Each FastCGI process also keeps the lock of one byte of the file.  The
 * kernel drops the lock when the process ends, however it ends, so the bytes
 * that are locked tell how many are alive.
 */
#define METRICS_FILE "metrics.table"

/* The most endpoints.  Further ones are not counted. */
#define METRICS_ENDPOINTS 32
#define METRICS_NAME_MAX 39

/* The most processes of an endpoint that are told apart. */
#define METRICS_PROCESSES 128

/* Upper bounds of the buckets of a histogram in microseconds; one more has no
   bound. */
#define METRICS_BUCKETS 16
extern const int64_t metrics_bucket_us[METRICS_BUCKETS];

enum metrics_label {
	METRICS_LABEL_NONE, METRICS_LABEL_ENDPOINT, METRICS_LABEL_ERROR,
#define LABEL(NAME, name, values) METRICS_LABEL_##NAME,
#include "state/metrics.def"
	METRICS_LABELS
};

#define LABEL(NAME, name, values)					\
	enum metrics_of_##NAME { values METRICS_COUNT_##NAME };
#define VALUE(LABEL_, NAME, text) METRICS_##LABEL_##_##NAME,
#include "state/metrics.def"

enum metrics_type { METRICS_COUNTER, METRICS_HISTOGRAM, METRICS_GAUGE };

/* The families. */
enum metrics_id {
#define COUNTER(NAME, name, a, b, help) METRICS_COUNTED_##NAME,
#define HISTOGRAM(NAME, name, a, help) METRICS_TIMED_##NAME,
#define GAUGE(NAME, name, a, b, help) METRICS_GAUGE_##NAME,
#include "state/metrics.def"
	METRICS_FAMILIES
};

struct metrics_family {
	enum metrics_type type;
	const char *name;		/* whole */
	const char *help;
	enum metrics_label label[2];
	size_t first;			/* cell, unless it is a gauge */
};

extern const struct metrics_family metrics_families[METRICS_FAMILIES];

struct busiest;
struct metrics;

/**
 * metrics_open(directory, endpoint, keeps, m), metrics_close(m):
 * Map the file in the shared ${directory}, and find or make the place of the
 * program ${endpoint} in it (NULL: of no endpoint).  ${keeps}: metrics_alive()
 * will be called.  ${m} may be NULL in every function below, which then does
 * nothing.
 *   Errors  as shared_open(), logged; ${m} is then NULL
 */
CHECKED enum err metrics_open(const char *directory, const char *endpoint,
    bool keeps, struct metrics **m);
void metrics_close(struct metrics *m);

/**
 * metrics_copy(directory, m, why):
 * As metrics_open(${directory}, NULL, true, ${m}), for one look: ${m} is a copy
 * of the file as it is now.  The file is neither created nor changed, and may
 * be replaced or cut off meanwhile.
 *   Errors  ERR_IO, not logged: ${why} is a static text, and ${m} NULL
 */
CHECKED enum err metrics_copy(const char *directory, struct metrics **m,
    const char **why);

/**
 * metrics_born_s(m):
 * Return when the file was made, in Unix seconds, or 0 if the file system does
 * not keep that.
 */
int64_t metrics_born_s(const struct metrics *m);

/**
 * metrics_alive(m, how):
 * Count this process as alive, with ${how} its sandbox is, until it ends.
 */
void metrics_alive(struct metrics *m, enum metrics_of_SANDBOX how);

/**
 * metrics_count(m, id, a, b, n):
 * Add ${n} to the counter ${id} with the values ${a} and ${b} of its labels: 0
 * for NONE, and any number for ENDPOINT, which means this program.
 */
void metrics_count(struct metrics *m, enum metrics_id id, unsigned a,
    unsigned b, uint64_t n);

/**
 * metrics_time(m, id, a, us):
 * Count a duration of ${us} in the histogram ${id}.
 */
void metrics_time(struct metrics *m, enum metrics_id id, unsigned a,
    int64_t us);

/**
 * metrics_endpoint(m, i):
 * Return the name of the ${i}th endpoint, or NULL if that place is free.
 */
const char *metrics_endpoint(const struct metrics *m, size_t i);

/**
 * metrics_counted(m, id, a, b):
 * Return the value of a counter.  ${a} of ENDPOINT is its place.
 */
uint64_t metrics_counted(const struct metrics *m, enum metrics_id id,
    unsigned a, unsigned b);

/**
 * metrics_timed(m, id, a, buckets):
 * Set ${buckets} to the number of durations in each bucket, and return the sum
 * of all durations in microseconds.
 */
uint64_t metrics_timed(const struct metrics *m, enum metrics_id id,
    unsigned a, uint64_t buckets[METRICS_BUCKETS + 1]);

/**
 * metrics_processes(m, i, how):
 * Return how many processes of the ${i}th endpoint are alive.
 */
unsigned metrics_processes(const struct metrics *m, size_t i,
    enum metrics_of_SANDBOX how);

/**
 * metrics_busiest(m, salt):
 * Return the part of the file that state/busiest.h is about, and set
 * ${salt} to the file's salt.  NULL: ${m} is NULL.
 */
struct busiest *metrics_busiest(struct metrics *m, const uint8_t **salt);

#endif /* !STATE_METRICS_H_ */
