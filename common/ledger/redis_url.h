#ifndef LEDGER_REDIS_URL_H_
#define LEDGER_REDIS_URL_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* The address of a Redis, and the user and password for it. */
#define REDIS_URL_MAX 255

struct redis_url {
	char host[REDIS_URL_MAX + 1];	/* "": the socket at ${path} */
	char path[REDIS_URL_MAX + 1];
	int port;
	bool has_port;			/* it is written there */
	int64_t db;
	char user[REDIS_URL_MAX + 1];	/* "": the default user */
	char password[REDIS_URL_MAX + 1];	/* "": none */
};

/**
 * redis_url_parse(url, u):
 * Parse the redis_url of ledger_open().
 *   Errors  ERR_FORMAT, logged without ${url}, which may hold a password
 */
CHECKED enum err redis_url_parse(const char *url, struct redis_url *u);

/**
 * redis_url_parse_place(text, port, u):
 * Parse HOST[:PORT], where ${port} is the default.
 *   Errors  ERR_FORMAT, logged
 */
CHECKED enum err redis_url_parse_place(const char *text, int port,
    struct redis_url *u);

/**
 * redis_url_is_path(url):
 * Is ${url} that of a unix socket?
 */
bool redis_url_is_path(const char *url);

#endif /* !LEDGER_REDIS_URL_H_ */
