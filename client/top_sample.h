#ifndef CLIENT_TOP_SAMPLE_H_
#define CLIENT_TOP_SAMPLE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "state/metrics.h"

struct busiest;

/*
 * What was counted up to a moment, and what was counted between two of them,
 * for foldergate top.  Nothing here reads a clock or a file.
 */

/* The salt of a table tells it from a later one in its place. */
#define TOP_SAMPLE_SALT_LEN 16

struct top_sample_endpoint {
	char name[METRICS_NAME_MAX + 1];
	uint64_t answers[ERR_COUNT];
	uint64_t granted;
	uint64_t took[METRICS_BUCKETS + 1], took_us;
	unsigned confined, open;	/* processes with a sandbox, without */
};

struct top_sample {
	int64_t at_ms;			/* of a clock that only runs forward */
	const char *missing;		/* why there are no counts; or NULL */
	int64_t born_s;			/* when they began; 0: not known */
	uint8_t salt[TOP_SAMPLE_SALT_LEN];
	uint64_t verified;
	uint64_t hotkey_refusals, address_refusals, hotkey_addresses;
	size_t endpoints;
	struct top_sample_endpoint endpoint[METRICS_ENDPOINTS];
};

/**
 * top_sample_take(s, m, at_ms, now_s):
 * Take all that is shown out of the table ${m}.
 */
void top_sample_take(struct top_sample *s, struct metrics *m, int64_t at_ms,
    int64_t now_s);

/**
 * top_sample_none(s, why, at_ms):
 * There is no table, for the reason ${why}, which must stay.
 */
void top_sample_none(struct top_sample *s, const char *why, int64_t at_ms);

/* A count up to now, and how many of it a second came in the interval. */
struct top_count {
	uint64_t total;
	double rate;
};

/* A duration of an interval without requests, and one beyond all buckets. */
#define TOP_NO_TIME (-1)
#define TOP_LONG_TIME INT64_MAX

struct top_endpoint {
	const char *name;		/* of the sample */
	struct top_count requests;
	uint64_t status[6];		/* by first digit, in all */
	double refused, failed;		/* 4xx and 5xx a second */
	int64_t mean_us, most_us;	/* 95 % took most_us or less */
	unsigned confined, open;
};

struct top_refusal {
	int status;
	const char *code;
	struct top_count count;
};

struct top_change {
	bool has_rates;			/* there was a sample before */
	double seconds;			/* between the two */
	struct top_count requests, grants, refusals, verified, errors;
	unsigned confined, open;
	size_t endpoints, codes;
	struct top_endpoint endpoint[METRICS_ENDPOINTS];
	struct top_refusal code[ERR_COUNT];
};

enum top_sort { TOP_BY_REQUESTS, TOP_BY_ERRORS, TOP_BY_TIME };

/**
 * top_sample_compare(before, now, sort, c):
 * Set ${c} to what changed since ${before}, which may be NULL.  Then rates are
 * 0, and durations are those of all requests.  If a table took the place of
 * another one, all that it has was counted since ${before}.  Endpoints are
 * sorted by ${sort}, refusals by their number.  ${c} names what is in ${now}.
 */
void top_sample_compare(const struct top_sample *before,
    const struct top_sample *now, enum top_sort sort, struct top_change *c);

/**
 * top_sample_quantile(took, percent):
 * Return how many microseconds ${percent} of 100 durations took at most, as
 * histogram_quantile() of Prometheus estimates it: within a bucket evenly.
 * TOP_NO_TIME: there are none.  TOP_LONG_TIME: longer than the last bound.
 */
int64_t top_sample_quantile(const uint64_t took[METRICS_BUCKETS + 1],
    unsigned percent);

#endif /* !CLIENT_TOP_SAMPLE_H_ */
