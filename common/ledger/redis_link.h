#ifndef LEDGER_REDIS_LINK_H_
#define LEDGER_REDIS_LINK_H_

#include <stdbool.h>

#include "base/err.h"
#include "ledger/redis_args.h"

/*
 * A connection to a Redis: commands and their answers, with a limit on every
 * wait.  A connection on which something went wrong is closed, because other
 * data on it cannot be used.
 */
struct redisContext;
struct redisReply;
struct redis_lookup;

struct redis_link {
	struct redisContext *c;		/* NULL: not connected */
	struct redis_lookup *lookup;	/* of the host; NULL: none runs */
	int timer;			/* readable once all steps took too
					   long together */
	int connect_ms, command_ms;	/* the longest waits */
	const char *reason;		/* of the last ERR_LEDGER */
};

/**
 * redis_link_host(l, host, port), redis_link_path(l, path):
 * Connect ${l}, which is not connected, to the first of the addresses of
 * ${host} that accepts, or to the unix socket ${path}, which is trusted, and
 * which root, this user or the owner of the socket made.
 *   Errors  ERR_LEDGER, see l->reason
 */
CHECKED enum err redis_link_host(struct redis_link *l, const char *host,
    int port);
CHECKED enum err redis_link_path(struct redis_link *l, const char *path);

/**
 * redis_link_stale(l):
 * Has the other side closed, or sent data without a request?
 */
bool redis_link_stale(const struct redis_link *l);

/**
 * redis_link_command(l, a):
 * Send a command and wait for its answer, which the caller frees.  If there is
 * none (NULL, see l->reason), the command may have been executed, so it must
 * not be sent again.
 */
struct redisReply *redis_link_command(struct redis_link *l,
    struct redis_args *a);

/**
 * redis_link_ask(l, a, type):
 * The same, for a command whose answer is of one type, a REDIS_REPLY_*.
 */
struct redisReply *redis_link_ask(struct redis_link *l, struct redis_args *a,
    int type);

/**
 * redis_link_refused(l, command, text):
 * Return ERR_LEDGER, because Redis answered ${command} with the error ${text}.
 * Unless it may pass by itself, the connection is closed.
 */
enum err redis_link_refused(struct redis_link *l, const char *command,
    const char *text);

/**
 * redis_link_lost(l, reason), redis_link_strange(l):
 * Close, and return ERR_LEDGER, for ${reason}, which is static, or because of
 * an answer that Redis does not give.
 */
enum err redis_link_lost(struct redis_link *l, const char *reason);
enum err redis_link_strange(struct redis_link *l);

/**
 * redis_link_drop(l), redis_link_free(l):
 * Close; and stop waiting for a name server.
 */
void redis_link_drop(struct redis_link *l);
void redis_link_free(struct redis_link *l);

#endif /* !LEDGER_REDIS_LINK_H_ */
