#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ledger/engine.h"

#define DAY_MAX 10000000

const char ledger_floor_ahead[] = "signatures count from a time that is still "
    "to come: a clock is or was wrong";

struct ledger {
	const struct ledger_engine *engine;
	void *state;
	const char *trouble;	/* the logged fault; NULL: none */
};

enum err
ledger_open(const struct ledger_options *o, struct ledger **s)
{
	const struct ledger_engine *engine;
	void *state;
	enum err e;

	*s = NULL;
	engine = o->redis_url[0] != '\0' ? &ledger_redis : &ledger_sqlite;
	if (o->wait_ms < 0 || o->wait_ms > 60000) {
		LOG(LOG_ERROR, "ledger_refused", LOG_S("reason", "wait_ms"));
		return (ERR_FORMAT);
	}
	if ((e = engine->open(o, &state)) != ERR_OK)
		return (e);
	if ((*s = calloc(1, sizeof(**s))) == NULL)
		log_die("out_of_memory", "ledger");
	(*s)->engine = engine;
	(*s)->state = state;
	return (ERR_OK);
}

bool
ledger_is_born(struct ledger *s)
{

	return (s->engine->is_born != NULL &&
	    s->engine->is_born(s->state));
}

static bool
time_ok(int64_t ms)
{

	return (ms >= -LEDGER_TIME_MAX_MS && ms <= LEDGER_TIME_MAX_MS);
}

static bool
counters_ok(const struct ledger_request *r)
{
	size_t i, j, len;

	if (r->counters > LEDGER_COUNTERS_MAX ||
	    (r->counters > 0 && r->counter[0].shared))
		return (false);
	for (i = 0; i < r->counters; i++) {
		len = strnlen(r->counter[i].name, LEDGER_NAME_MAX + 1);
		if (len < 1 || len > LEDGER_NAME_MAX)
			return (false);
		for (j = 0; j < i; j++) {
			if (strcmp(r->counter[i].name, r->counter[j].name) == 0)
				return (false);
		}
	}
	return (true);
}

static bool
request_ok(const struct ledger_request *r)
{

	return (time_ok(r->now_ms) && time_ok(r->boot_ms) &&
	    (r->replay_key == NULL || time_ok(r->signed_at_ms)) &&
	    r->day >= 0 && r->day <= DAY_MAX && counters_ok(r));
}

static void
log_unavailable(const struct ledger *s, const char *reason)
{

	LOG(LOG_ERROR, "ledger_unavailable", LOG_S("engine", s->engine->name),
	    LOG_S("reason", reason));
}

/* Log a fault when it begins, changes or ends. */
static void
note(struct ledger *s, const char *trouble)
{

	if (trouble == NULL && s->trouble != NULL)
		LOG(LOG_INFO, "ledger_available",
		    LOG_S("engine", s->engine->name));
	else if (trouble != NULL && (s->trouble == NULL ||
	    strcmp(trouble, s->trouble) != 0))
		log_unavailable(s, trouble);
	s->trouble = trouble;
}

enum err
ledger_admit(struct ledger *s, const struct ledger_request *r,
    struct ledger_result *out)
{
	const char *reason = NULL;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (!request_ok(r)) {
		LOG(LOG_ERROR, "ledger_request", LOG_S("reason",
		    "wrong shape"));
		return (ERR_INTERNAL);
	}
	e = s->engine->admit(s->state, r, out, &reason);
	note(s, e == ERR_LEDGER ? reason : NULL);
	return (e);
}

bool
ledger_was_counted(const struct ledger_request *r,
    const struct ledger_result *was, size_t i)
{

	/* The same decision as in admit(), from the use before the request. */
	return (!r->counter[i].shared || was->used[0] - 1 >= r->free);
}

enum err
ledger_undo(struct ledger *s, const struct ledger_request *r,
    const struct ledger_result *was)
{
	const char *reason = NULL;
	enum err e;

	e = s->engine->undo(s->state, r, was, &reason);
	note(s, e == ERR_LEDGER ? reason : NULL);
	return (e);
}

enum err
ledger_usage(struct ledger *s, int64_t day, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user)
{
	const char *reason = NULL;
	enum err e;

	e = s->engine->usage(s->state, day, prefix, each, user, &reason);
	if (e != ERR_OK)
		log_unavailable(s, reason);
	return (e);
}

void
ledger_free(struct ledger *s)
{

	if (s == NULL)
		return;
	s->engine->free(s->state);
	free(s);
}
