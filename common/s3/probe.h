#ifndef S3_PROBE_H_
#define S3_PROBE_H_

#include <stdint.h>

#include "base/err.h"
#include "s3/signer.h"

struct config;
struct http;

/*
 * Asks the store whether it holds a key: one HEAD with the read role's key, to
 * s3.endpoint; one more after a 5xx or 429.  Whatever the store answers for one
 * key says nothing about the next.  Only after PROBE_SILENT requests in a row
 * without any answer is it left alone, and asked once in PROBE_REST_MS.
 */
#define PROBE_SILENT 3
#define PROBE_REST_MS 1000

struct probe {
	const struct config *cfg;
	struct hmac *hmac;		/* the caller's, as the next two */
	struct sigv4_key *key;
	int64_t (*now_ms)(void);
	struct http *http;		/* made by the first question */
	struct s3_bucket bucket;	/* as programs reach it */
	unsigned silent;		/* in a row without an answer */
	int64_t rests_until_ms;
};

/**
 * probe_rests(p):
 * Is the store left alone now?
 *   Errors  ERR_STORE it is
 */
CHECKED enum err probe_rests(const struct probe *p);

/**
 * probe_new_key(p, key):
 * Is ${key} a new one?  Only 404 means that it is, and only 200 with an ETag
 * that it exists (a page that says 200 to everything has none).
 *   Errors  ERR_EXISTS; ERR_STORE there was no such answer, logged
 */
CHECKED enum err probe_new_key(struct probe *p, const char *key);

/**
 * probe_free(p):
 * Close the connection; fine if it is all zero.
 */
void probe_free(struct probe *p);

#endif /* !S3_PROBE_H_ */
