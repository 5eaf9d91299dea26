#ifndef S3_PROBE_H_
#define S3_PROBE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "s3/signer.h"

struct config;
struct asker;

/*
 * Asks the store, by net/asker, whether it holds a key: one HEAD with the read
 * role's key, to s3.endpoint, and one more after a 5xx or 429.  An answer for
 * one key says nothing about other keys.  Only after PROBE_SILENT requests in a
 * row without any answer do requests pause, except for one in each
 * PROBE_REST_MS.
 */
#define PROBE_SILENT 3
#define PROBE_REST_MS 1000

struct probe {
	const struct config *cfg;
	struct hmac *hmac;		/* the caller's, as the next two */
	struct sigv4_key *key;
	int64_t (*now_ms)(void);
	struct asker *asker;		/* opens the connection for us */
	bool configured;		/* the bucket is */
	struct s3_bucket bucket;	/* as programs reach it */
	unsigned silent;		/* in a row without an answer */
	int64_t rests_until_ms;
};

/**
 * probe_rests(p):
 * Are requests to the store paused now?
 *   Errors  ERR_STORE they are
 */
CHECKED enum err probe_rests(const struct probe *p);

/**
 * probe_new_key(p, key):
 * Is ${key} new?  Only 404 means that it is, and only 200 with an ETag means
 * that it exists (a page that answers 200 to everything has none).
 *   Errors  ERR_EXISTS; ERR_STORE there was no such answer, logged
 */
CHECKED enum err probe_new_key(struct probe *p, const char *key);

#endif /* !S3_PROBE_H_ */
