#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/num.h"
#include "ledger/engine.h"
#include "ledger/redis_script.h"
#include "ledger/redis_server.h"

/* How long a Redis that failed is not asked again. */
#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 2000

struct redis {
	struct redis_server server;
	int64_t retry_at_ms, backoff_ms;
};

static enum err
verdict(struct redis_link *l, const redisReply *reply, size_t counters,
    struct ledger_result *out)
{
	size_t i;

	if (reply->type == REDIS_REPLY_ERROR)
		return (redis_link_refused(l, "EVALSHA", reply->str));
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 1)
		return (redis_link_strange(l));
	for (i = 0; i < reply->elements; i++) {
		if (reply->element[i]->type != REDIS_REPLY_INTEGER)
			return (redis_link_strange(l));
	}
	switch (reply->element[0]->integer) {
	case REDIS_SCRIPT_OK:
		if (reply->elements != counters + 2)
			break;
		for (i = 0; i < counters; i++)
			out->used[i] = reply->element[i + 2]->integer;
		return (ERR_OK);
	case REDIS_SCRIPT_EARLY:
		return (ERR_SIGNED_EARLY);
	case REDIS_SCRIPT_REPLAY:
		return (ERR_REPLAY);
	case REDIS_SCRIPT_LIMIT:
		if (reply->elements != 2 || reply->element[1]->integer < 0 ||
		    (size_t)reply->element[1]->integer >= counters)
			break;
		out->which = (size_t)reply->element[1]->integer;
		return (ERR_LIMIT);
	case REDIS_SCRIPT_FOREIGN:
		return (redis_link_lost(l,
		    "Redis holds keys that are not ours"));
	case REDIS_SCRIPT_CLOCKS:
		l->reason = "the clocks of this machine and of Redis differ: "
		    "put them right";
		return (ERR_LEDGER);
	case REDIS_SCRIPT_AHEAD:
		l->reason = ledger_floor_ahead;
		return (ERR_LEDGER);
	case REDIS_SCRIPT_FORGOT:
		l->reason = "Redis is new or took over, and nothing is "
		    "granted for a minute, because it may have forgotten "
		    "signatures";
		return (ERR_LEDGER);
	}
	return (redis_link_strange(l));
}

static enum err
decide(struct redis_server *r, const struct ledger_request *q,
    struct ledger_result *out)
{
	struct redis_args a = { .n = 0 };
	char day[REDIS_SCRIPT_DAY_MAX + 1];
	redisReply *reply;
	enum err e;

	redis_script_day(q->day, day);
	redis_args_str(&a, "EVALSHA");
	redis_args_str(&a, r->sha);
	redis_script_args(&a, day, r->run_id, r->replid, q);
	reply = redis_link_command(&r->link, &a);

	/* This answer means that the script was not executed. */
	if (reply != NULL && reply->type == REDIS_REPLY_ERROR &&
	    strncmp(reply->str, "NOSCRIPT", strlen("NOSCRIPT")) == 0) {
		freeReplyObject(reply);
		a.text[0] = "EVAL";
		a.len[0] = strlen("EVAL");
		a.text[1] = redis_script;
		a.len[1] = strlen(redis_script);
		reply = redis_link_command(&r->link, &a);
	}
	if (reply == NULL)
		return (ERR_LEDGER);
	e = verdict(&r->link, reply, q->counters, out);
	freeReplyObject(reply);
	return (e);
}

/* This is rare, so the script is sent whole. */
static enum err
take_back(struct redis_server *r, const struct ledger_request *q,
    const struct ledger_result *was)
{
	struct redis_args a = { .n = 0 };
	char day[REDIS_SCRIPT_DAY_MAX + 1];
	redisReply *reply;
	enum err e = ERR_OK;

	redis_script_day(q->day, day);
	redis_args_str(&a, "EVAL");
	redis_args_str(&a, redis_script_undo);
	redis_script_undo_args(&a, day, q, was);
	if ((reply = redis_link_command(&r->link, &a)) == NULL)
		return (ERR_LEDGER);
	if (reply->type == REDIS_REPLY_ERROR)
		e = redis_link_refused(&r->link, "EVAL", reply->str);
	freeReplyObject(reply);
	return (e);
}

/* Is it too early to try again?  A clock that was set back does not make
   the pause longer. */
static bool
backing_off(const struct redis *r, int64_t now_ms)
{

	return (now_ms < r->retry_at_ms &&
	    r->retry_at_ms - now_ms <= BACKOFF_MAX_MS);
}

static void
back_off(struct redis *r, int64_t now_ms)
{

	r->backoff_ms = r->backoff_ms == 0 ? BACKOFF_MIN_MS :
	    r->backoff_ms < BACKOFF_MAX_MS / 2 ? 2 * r->backoff_ms :
	    BACKOFF_MAX_MS;
	r->retry_at_ms = now_ms + r->backoff_ms;
}

static enum err
try(struct redis_server *r, const struct ledger_request *q,
    struct ledger_result *out)
{
	enum err e;

	e = redis_server_ready(r, q->now_ms);
	return (e == ERR_OK ? decide(r, q, out) : e);
}

static enum err
redis_admit(void *engine, const struct ledger_request *q,
    struct ledger_result *out, const char **reason)
{
	struct redis *r = engine;
	enum err e = ERR_LEDGER;

	if (!backing_off(r, q->now_ms)) {
		redis_server_start(&r->server);
		e = try(&r->server, q, out);
		if (e == ERR_LEDGER && redis_server_demoted(&r->server))
			e = try(&r->server, q, out);
		if (r->server.link.c == NULL)
			back_off(r, q->now_ms);
		else
			r->retry_at_ms = r->backoff_ms = 0;
	}
	*reason = r->server.link.reason;
	return (e);
}

static enum err
redis_undo(void *engine, const struct ledger_request *q,
    const struct ledger_result *was, const char **reason)
{
	struct redis *r = engine;
	enum err e = ERR_LEDGER;

	if (!backing_off(r, q->now_ms)) {
		redis_server_start(&r->server);
		if ((e = redis_server_ready(&r->server, q->now_ms)) == ERR_OK)
			e = take_back(&r->server, q, was);
		if (r->server.link.c == NULL)
			back_off(r, q->now_ms);
	}
	*reason = r->server.link.reason;
	return (e);
}

/* Read two fields of a hash, each followed by its value. */
static int
by_name(const void *a, const void *b)
{
	const redisReply *const *x = a, *const *y = b;

	return (strcmp((*x)->str, (*y)->str));
}

static enum err
list(struct redis_link *l, redisReply *reply, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user)
{
	const redisReply *name, *value;
	int64_t used;
	size_t i;

	for (i = 0; i < reply->elements; i++) {
		if (reply->element[i]->type != REDIS_REPLY_STRING)
			return (redis_link_strange(l));
	}
	if (reply->elements == 0)	/* then there is no array */
		return (ERR_OK);
	qsort(reply->element, reply->elements / 2, 2 * sizeof(redisReply *),
	    by_name);
	for (i = 0; i + 1 < reply->elements; i += 2) {
		name = reply->element[i];
		value = reply->element[i + 1];
		if (strncmp(name->str, prefix, strlen(prefix)) == 0 &&
		    num_parse(value->str, value->len, 0, INT64_MAX, &used) ==
		    ERR_OK)
			each(user, name->str, used);
	}
	return (ERR_OK);
}

static enum err
redis_usage(void *engine, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user,
    const char **reason)
{
	struct redis_args a = { .n = 0 };
	struct redis *r = engine;
	struct redis_link *l = &r->server.link;
	redisReply *reply = NULL;
	enum err e = ERR_LEDGER;
	char key[REDIS_SCRIPT_DAY_MAX + 1];

	redis_script_day(day, key);
	redis_args_str(&a, "HGETALL");
	redis_args_str(&a, key);
	redis_server_start(&r->server);
	if (redis_server_ready(&r->server, r->server.looked_at_ms) == ERR_OK &&
	    (reply = redis_link_ask(l, &a, REDIS_REPLY_ARRAY)) != NULL)
		e = list(l, reply, prefix, each, user);
	freeReplyObject(reply);
	*reason = l->reason;
	return (e);
}

static void
redis_free(void *engine)
{
	struct redis *r = engine;

	redis_server_close(&r->server);
	free(r);
}

static enum err
redis_open(const struct ledger_options *o, void **engine)
{
	struct redis *r;
	enum err e;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		log_die("out_of_memory", "ledger");
	if ((e = redis_server_open(o, &r->server)) != ERR_OK) {
		free(r);
		return (e);
	}
	*engine = r;
	return (ERR_OK);
}

const struct ledger_engine ledger_redis = {
	.name = "redis",
	.open = redis_open,
	.admit = redis_admit,
	.undo = redis_undo,
	.usage = redis_usage,
	.free = redis_free,
};
