#ifndef LEDGER_REDIS_SENTINELS_H_
#define LEDGER_REDIS_SENTINELS_H_

#include <stdbool.h>

#include "ledger/ledger.h"
#include "ledger/redis_url.h"

/*
 * The Redis Sentinels, which know where the master is.  A master is believed
 * if more than half of all configured sentinels name it.  A single one may be
 * cut off together with a master that has been replaced.
 */
struct redis_sentinels;

/* Where they say that the master is. */
struct redis_master {
	char host[REDIS_URL_MAX + 1];
	int port;
};

/**
 * redis_sentinels_open(o, timer, s):
 * Make ${s} from o->redis_sentinels, without a connection; NULL if there are
 * none.  Every wait ends when ${timer} is readable.
 *   Errors  ERR_FORMAT; as secret_load(); logged
 */
CHECKED enum err redis_sentinels_open(const struct ledger_options *o,
    int timer, struct redis_sentinels **s);

/**
 * redis_sentinels_find(s, master, reason):
 * Ask the sentinels, each for a short time, until one ${master} has more than
 * half of them.  One that does not answer is asked last the next time.
 *   Errors  ERR_LEDGER, with a static ${reason}
 */
CHECKED enum err redis_sentinels_find(struct redis_sentinels *s,
    struct redis_master *master, const char **reason);

/**
 * redis_sentinels_free(s):
 * Close.  NULL is accepted.
 */
void redis_sentinels_free(struct redis_sentinels *s);

#endif /* !LEDGER_REDIS_SENTINELS_H_ */
