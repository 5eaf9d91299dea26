#ifndef LEDGER_REDIS_SERVER_H_
#define LEDGER_REDIS_SERVER_H_

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/redis_link.h"
#include "ledger/redis_sentinels.h"
#include "ledger/redis_says.h"
#include "ledger/redis_url.h"

/* The Redis that has the ledger: where it is, who we are there, and what it
   was when we looked at it. */
#define REDIS_SERVER_SHA_LEN 40

struct redis_server {
	struct redis_url url;
	struct secret *password;	/* NULL: that of the URL */
	struct redis_link link;
	struct redis_sentinels *sentinels;	/* NULL: none */
	struct redis_master at;		/* the one they named last */
	int64_t looked_at_ms;
	char run_id[REDIS_SAYS_MAX + 1];
	char replid[REDIS_SAYS_MAX + 1];	/* "": without sentinels */
	char sha[REDIS_SERVER_SHA_LEN + 1];	/* of redis_script */
};

/**
 * redis_server_open(o, r):
 * Make ${r} from the settings of ledger_open(), without a connection.
 *   Errors  as ledger_open()
 */
CHECKED enum err redis_server_open(const struct ledger_options *o,
    struct redis_server *r);

/**
 * redis_server_start(r):
 * All that follows, until the next call, takes at most two seconds together.
 */
void redis_server_start(struct redis_server *r);

/**
 * redis_server_ready(r, now_ms):
 * Connect r->link, unless it is connected, to a server that was looked at
 * within the last second: it is a master, the one that the sentinels name,
 * tells its run id, and evicts nothing.
 *   Errors  ERR_LEDGER, see r->link.reason
 */
CHECKED enum err redis_server_ready(struct redis_server *r, int64_t now_ms);

/**
 * redis_server_demoted(r):
 * Did the last step find that the server is a replica, so that it executed
 * nothing, and is there a sentinel that may know another server?
 */
bool redis_server_demoted(const struct redis_server *r);

/**
 * redis_server_close(r):
 * Close, and wipe ${r}.
 */
void redis_server_close(struct redis_server *r);

#endif /* !LEDGER_REDIS_SERVER_H_ */
