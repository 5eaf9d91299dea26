#ifndef S3_PROBE_H_
#define S3_PROBE_H_

#include <stdint.h>

#include "base/err.h"
#include "s3/signer.h"

struct config;
struct http;

/*
 * Asks the store whether it holds a key: one HEAD with the read role's key, to
 * s3.endpoint.  After no usable answer the store is left alone for some
 * seconds, so that nobody waits for one that is down.
 */
struct probe {
	const struct config *cfg;
	struct hmac *hmac;		/* the caller's, as the next two */
	struct sigv4_key *key;
	struct http *http;		/* made by the first question */
	struct s3_bucket bucket;	/* as programs reach it */
	int64_t rests_until_ms;
};

/**
 * probe_rests(p, now_ms):
 * Is the store left alone now?
 *   Errors  ERR_STORE it is
 */
CHECKED enum err probe_rests(const struct probe *p, int64_t now_ms);

/**
 * probe_new_key(p, now_ms, key):
 * Is ${key} a new one?  Only 404 means that it is, and only 200 with an ETag
 * that it exists (a page that says 200 to everything has none).
 *   Errors  ERR_EXISTS; ERR_STORE the store cannot be asked, logged
 */
CHECKED enum err probe_new_key(struct probe *p, int64_t now_ms,
    const char *key);

/**
 * probe_free(p):
 * Close the connection; fine if it is all zero.
 */
void probe_free(struct probe *p);

#endif /* !S3_PROBE_H_ */
