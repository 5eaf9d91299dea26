#ifndef STATE_STORE_URL_H_
#define STATE_STORE_URL_H_

#include <stdint.h>

#include "base/err.h"

/* Where a Redis is, and who we are there. */
#define STORE_URL_MAX 255

struct store_url {
	char host[STORE_URL_MAX + 1];	/* "": the socket at ${path} */
	char path[STORE_URL_MAX + 1];
	int port;
	int64_t db;
	char user[STORE_URL_MAX + 1];	/* "": the default user */
	char password[STORE_URL_MAX + 1];	/* "": none */
};

/**
 * store_url_parse(url, u):
 * Take the redis_url of store_open() apart.
 *   Errors  ERR_FORMAT, logged without ${url}, which may hold a password
 */
CHECKED enum err store_url_parse(const char *url, struct store_url *u);

#endif /* !STATE_STORE_URL_H_ */
