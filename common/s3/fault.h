#ifndef S3_FAULT_H_
#define S3_FAULT_H_

#include <stddef.h>
#include <stdint.h>

#include "net/fault.h"

struct s3_bucket;

/*
 * Reasons why a store refuses or cannot be reached, in our own words: the table
 * s3/fault.def.
 */
enum s3_fault_mend {
	S3_FAULT_SETTING,	/* change the configuration or a secret */
	S3_FAULT_CLOCK,		/* set the clock */
	S3_FAULT_CA,		/* install a certificate */
	S3_FAULT_AGAIN		/* look again later */
};

struct s3_fault {
	const char *code;
	enum s3_fault_mend mend;
	const char *words;
};

#define S3_FAULT_CODE_MAX 40

/**
 * s3_fault_named(code, len):
 * Return the row of the ${len} bytes at ${code}, or NULL if there is none.
 */
const struct s3_fault *s3_fault_named(const char *code, size_t len);

/**
 * s3_fault_of_status(status):
 * Return the row for an answer that has only an HTTP status.
 */
const struct s3_fault *s3_fault_of_status(int status);

/**
 * s3_fault_of_net(fault):
 * Return the row for a request that got no answer.
 */
const struct s3_fault *s3_fault_of_net(enum net_fault fault);

/**
 * s3_fault_by_clock(f, skew_ms, ttl_s):
 * Return ${f}, or RequestTimeTooSkewed if ${f} is AccessDenied and the store's
 * clock differs by more than the ${ttl_s} for which the request was signed:
 * several stores refuse a request that has expired as if it were forbidden.
 */
const struct s3_fault *s3_fault_by_clock(const struct s3_fault *f,
    int64_t skew_ms, int64_t ttl_s);

/**
 * s3_fault_text(f, b, region, out, size):
 * Write a sentence with the code, the bucket, the host and the words to ${out},
 * which is cut at ${size}.  ${region} is the right one, from s3_region(), or
 * NULL.
 */
void s3_fault_text(const struct s3_fault *f, const struct s3_bucket *b,
    const char *region, char *out, size_t size);

#endif /* !S3_FAULT_H_ */
