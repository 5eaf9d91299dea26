#include <sys/socket.h>
#include <sys/timerfd.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/num.h"
#include "base/secret.h"
#include "ledger/engine.h"
#include "ledger/redis_args.h"
#include "ledger/redis_names.h"
#include "ledger/redis_says.h"
#include "ledger/redis_script.h"
#include "ledger/redis_url.h"

#define CONNECT_MS 500
#define COMMAND_MS 1000
#define TOTAL_MS 2000

/* How long a check of the server is valid.  After that, another server or
   another policy may be there, although the connection is the same. */
#define LOOK_MS 1000

/* How long a Redis that failed is not asked again. */
#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 2000

/* Reads for one answer, of 16 KiB at most, and elements of an array. */
#define READS_MAX 8192
#define ELEMENTS_MAX (1 << 20)

#define SHA_LEN 40

struct redis {
	struct redis_url url;
	struct secret *password;	/* NULL: that of the URL */
	int timer;			/* readable once TOTAL_MS are over */
	struct redis_lookup *lookup;	/* of the host; NULL: none runs */
	redisContext *c;		/* NULL: not connected */
	int64_t looked_at_ms;
	char run_id[REDIS_SAYS_MAX + 1];
	char sha[SHA_LEN + 1];		/* of the script */
	int64_t retry_at_ms, backoff_ms;
	const char *reason;		/* of the last ERR_LEDGER */
};

static void
drop(struct redis *r)
{

	if (r->c != NULL)
		redisFree(r->c);
	r->c = NULL;
}

/* Other data on this connection cannot be used. */
static enum err
lost(struct redis *r, const char *reason)
{

	drop(r);
	r->reason = reason;
	return (ERR_LEDGER);
}

/* Redis answered ${command} with an error. */
static enum err
refused(struct redis *r, const char *command, const char *text)
{
	bool passes;

	r->reason = redis_says_error(text, command, &passes);
	return (passes ? ERR_LEDGER : lost(r, r->reason));
}

/* Start the timer that bounds all following steps together. */
static void
start_total(struct redis *r)
{
	struct itimerspec it = { { 0, 0 }, { TOTAL_MS / 1000, 0 } };

	timerfd_settime(r->timer, 0, &it, NULL);
}

static bool
wait_for(struct redis *r, short events, int ms)
{
	struct pollfd p[2] = {
		{ .fd = r->c->fd, .events = events },
		{ .fd = r->timer, .events = POLLIN },
	};
	int rc;

	do {
		rc = poll(p, 2, ms);
	} while (rc < 0 && errno == EINTR);
	return (rc > 0 && p[1].revents == 0);
}

/* hiredis would raise SIGPIPE, so send without it. */
static bool
send_all(struct redis *r, const char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n) {
		if (!wait_for(r, POLLOUT, COMMAND_MS))
			return (false);
		n = send(r->c->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			n = 0;
		if (n < 0)
			return (false);
	}
	return (true);
}

static redisReply *
receive(struct redis *r)
{
	void *reply = NULL;
	int reads;

	for (reads = 0; reads < READS_MAX; reads++) {
		if (redisGetReplyFromReader(r->c, &reply) != REDIS_OK) {
			(void)lost(r, "Redis does not keep to its protocol");
			return (NULL);
		}
		if (reply != NULL)
			return (reply);
		if (!wait_for(r, POLLIN, COMMAND_MS)) {
			(void)lost(r, "Redis is too slow");
			return (NULL);
		}
		if (redisBufferRead(r->c) != REDIS_OK) {
			(void)lost(r, "Redis broke the connection");
			return (NULL);
		}
	}
	(void)lost(r, "Redis gave too long an answer");
	return (NULL);
}

/*
 * Send a command and wait for its answer.  If there is none (NULL), the
 * command may have been executed, so it must not be sent again.
 */
static redisReply *
command(struct redis *r, struct redis_args *a)
{
	char *text;
	bool sent;
	int len;

	len = redisFormatCommandArgv(&text, a->n, a->text, a->len);
	if (len < 0)
		log_die("out_of_memory", "ledger");
	sent = send_all(r, text, (size_t)len);
	explicit_bzero(text, (size_t)len);	/* it may hold the password */
	redisFreeCommand(text);
	if (sent)
		return (receive(r));
	(void)lost(r, "Redis broke the connection");
	return (NULL);
}

/* The same, for a command whose answer is of one type. */
static redisReply *
ask(struct redis *r, struct redis_args *a, int type)
{
	redisReply *reply;

	if ((reply = command(r, a)) == NULL || reply->type == type)
		return (reply);
	if (reply->type == REDIS_REPLY_ERROR)
		(void)refused(r, a->text[0], reply->str);
	else
		(void)lost(r, "Redis does not keep to its protocol");
	freeReplyObject(reply);
	return (NULL);
}

/* hiredis would allocate an array of as many elements as the server
   announces. */
static redisReplyObjectFunctions make_reply;
static void *(*make_array)(const redisReadTask *task, int elements);

static void *
make_bounded_array(const redisReadTask *task, int elements)
{

	return (elements <= ELEMENTS_MAX ? make_array(task, elements) : NULL);
}

static void
bound_answers(redisReader *reader)
{

	if (make_array == NULL) {
		make_reply = *reader->fn;
		make_array = make_reply.createArray;
		make_reply.createArray = make_bounded_array;
	}
	reader->fn = &make_reply;
}

/* Use ${c}, which may still be connecting. */
static enum err
connected(struct redis *r, redisContext *c)
{
	socklen_t len = sizeof(int);
	int failed = 0;

	r->c = c;
	if (r->c == NULL)
		log_die("out_of_memory", "ledger");
	if (r->c->err != 0 || !wait_for(r, POLLOUT, CONNECT_MS) ||
	    getsockopt(r->c->fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 ||
	    failed != 0)
		return (lost(r, "Redis cannot be reached"));
	return (ERR_OK);
}

/* Connect to the first of the host's addresses that accepts. */
static enum err
connect_to_host(struct redis *r)
{
	struct redis_names names;
	size_t i;

	switch (redis_names_find(&r->lookup, r->url.host, COMMAND_MS, r->timer,
	    &names)) {
	case ERR_OK:
		break;
	case ERR_IO:
		return (lost(r, "no name server tells where Redis is"));
	default:
		return (lost(r, "the host of Redis has no address"));
	}
	for (i = 0; i < names.n; i++) {
		if (connected(r, redisConnectNonBlock(names.address[i],
		    r->url.port)) == ERR_OK)
			return (ERR_OK);
	}
	return (ERR_LEDGER);
}

static enum err
connect_to(struct redis *r)
{
	enum err e;

	e = r->url.path[0] == '\0' ? connect_to_host(r) :
	    connected(r, redisConnectUnixNonBlock(r->url.path));
	if (e != ERR_OK)
		return (e);

	/* Detect a server that vanished before the next command. */
	if (r->url.path[0] == '\0' && redisEnableKeepAlive(r->c) != REDIS_OK)
		return (lost(r, "Redis cannot be reached"));
	bound_answers(r->c->reader);
	return (ERR_OK);
}

static enum err
authenticate(struct redis *r)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;

	if (r->password == NULL && r->url.password[0] == '\0')
		return (ERR_OK);
	redis_args_str(&a, "AUTH");
	if (r->url.user[0] != '\0')
		redis_args_str(&a, r->url.user);
	if (r->password != NULL)
		redis_args_add(&a, secret_bytes(r->password),
		    secret_len(r->password));
	else
		redis_args_str(&a, r->url.password);
	if ((reply = ask(r, &a, REDIS_REPLY_STATUS)) == NULL)
		return (ERR_LEDGER);
	freeReplyObject(reply);
	return (ERR_OK);
}

static enum err
select_db(struct redis *r)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;

	if (r->url.db == 0)
		return (ERR_OK);
	redis_args_str(&a, "SELECT");
	redis_args_int(&a, r->url.db);
	if ((reply = ask(r, &a, REDIS_REPLY_STATUS)) == NULL)
		return (ERR_LEDGER);
	freeReplyObject(reply);
	return (ERR_OK);
}

/* Check which server runs, and that its policy evicts nothing. */
static enum err
look_at(struct redis *r, int64_t now_ms)
{
	struct redis_args a = { .n = 0 };
	char policy[REDIS_SAYS_MAX + 1];
	redisReply *reply;
	bool id, tells;

	redis_args_str(&a, "INFO");
	if ((reply = ask(r, &a, REDIS_REPLY_STRING)) == NULL)
		return (ERR_LEDGER);
	id = redis_says_info(reply->str, "run_id", r->run_id);
	tells = redis_says_info(reply->str, "maxmemory_policy", policy);
	freeReplyObject(reply);
	if (!id)
		return (lost(r, "Redis does not tell its run_id"));
	if (tells && strcmp(policy, "noeviction") != 0)
		return (lost(r, "Redis may evict keys, and what it evicts can "
		    "be replayed: set maxmemory-policy noeviction"));
	r->looked_at_ms = now_ms;
	return (ERR_OK);
}

static enum err
load_script(struct redis *r)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;
	bool good;

	redis_args_str(&a, "SCRIPT");
	redis_args_str(&a, "LOAD");
	redis_args_str(&a, redis_script);
	if ((reply = ask(r, &a, REDIS_REPLY_STRING)) == NULL)
		return (ERR_LEDGER);
	good = reply->len == SHA_LEN;
	if (good)
		memcpy(r->sha, reply->str, SHA_LEN);
	freeReplyObject(reply);
	return (good ? ERR_OK : lost(r, "Redis does not keep to its protocol"));
}

/* Has the other side closed, or sent data without a request? */
static bool
stale(const struct redis *r)
{
	char c;

	return (recv(r->c->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	    errno != EAGAIN);
}

/* A clock that was put back does not make it longer. */
static bool
looked_lately(const struct redis *r, int64_t now_ms)
{

	return (now_ms >= r->looked_at_ms &&
	    now_ms < r->looked_at_ms + LOOK_MS);
}

static enum err
ready(struct redis *r, int64_t now_ms)
{

	if (r->c != NULL && !stale(r))
		return (looked_lately(r, now_ms) ? ERR_OK :
		    look_at(r, now_ms));
	drop(r);
	if (connect_to(r) == ERR_OK && authenticate(r) == ERR_OK &&
	    select_db(r) == ERR_OK && look_at(r, now_ms) == ERR_OK &&
	    load_script(r) == ERR_OK)
		return (ERR_OK);
	drop(r);
	return (ERR_LEDGER);
}

static enum err
verdict(struct redis *r, const redisReply *reply, size_t counters,
    struct ledger_result *out)
{
	const char *strange = "Redis does not keep to its protocol";
	size_t i;

	if (reply->type == REDIS_REPLY_ERROR)
		return (refused(r, "EVALSHA", reply->str));
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 1)
		return (lost(r, strange));
	for (i = 0; i < reply->elements; i++) {
		if (reply->element[i]->type != REDIS_REPLY_INTEGER)
			return (lost(r, strange));
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
		return (lost(r, "Redis holds keys that are not ours"));
	case REDIS_SCRIPT_CLOCKS:
		r->reason = "the clocks of this machine and of Redis differ: "
		    "put them right";
		return (ERR_LEDGER);
	case REDIS_SCRIPT_AHEAD:
		r->reason = ledger_floor_ahead;
		return (ERR_LEDGER);
	}
	return (lost(r, strange));
}

static enum err
decide(struct redis *r, const struct ledger_request *q,
    struct ledger_result *out)
{
	struct redis_args a = { .n = 0 };
	char day[REDIS_SCRIPT_DAY_MAX + 1];
	redisReply *reply;
	enum err e;

	redis_script_day(q->day, day);
	redis_args_str(&a, "EVALSHA");
	redis_args_str(&a, r->sha);
	redis_script_args(&a, day, r->run_id, q);
	reply = command(r, &a);

	/* This answer means that the script was not executed. */
	if (reply != NULL && reply->type == REDIS_REPLY_ERROR &&
	    strncmp(reply->str, "NOSCRIPT", strlen("NOSCRIPT")) == 0) {
		freeReplyObject(reply);
		a.text[0] = "EVAL";
		a.len[0] = strlen("EVAL");
		a.text[1] = redis_script;
		a.len[1] = strlen(redis_script);
		reply = command(r, &a);
	}
	if (reply == NULL)
		return (ERR_LEDGER);
	e = verdict(r, reply, q->counters, out);
	freeReplyObject(reply);
	return (e);
}

/* This is rare, so the script is sent whole. */
static enum err
take_back(struct redis *r, const struct ledger_request *q,
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
	if ((reply = command(r, &a)) == NULL)
		return (ERR_LEDGER);
	if (reply->type == REDIS_REPLY_ERROR)
		e = refused(r, "EVAL", reply->str);
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
redis_admit(void *engine, const struct ledger_request *q,
    struct ledger_result *out, const char **reason)
{
	struct redis *r = engine;
	enum err e = ERR_LEDGER;

	if (!backing_off(r, q->now_ms)) {
		start_total(r);
		if ((e = ready(r, q->now_ms)) == ERR_OK)
			e = decide(r, q, out);
		if (r->c == NULL)
			back_off(r, q->now_ms);
		else
			r->retry_at_ms = r->backoff_ms = 0;
	}
	*reason = r->reason;
	return (e);
}

static enum err
redis_undo(void *engine, const struct ledger_request *q,
    const struct ledger_result *was, const char **reason)
{
	struct redis *r = engine;
	enum err e = ERR_LEDGER;

	if (!backing_off(r, q->now_ms)) {
		start_total(r);
		if ((e = ready(r, q->now_ms)) == ERR_OK)
			e = take_back(r, q, was);
		if (r->c == NULL)
			back_off(r, q->now_ms);
	}
	*reason = r->reason;
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
list(struct redis *r, redisReply *reply, const char *prefix,
    void (*each)(void *user, const char *name, int64_t used), void *user)
{
	const redisReply *name, *value;
	int64_t used;
	size_t i;

	for (i = 0; i < reply->elements; i++) {
		if (reply->element[i]->type != REDIS_REPLY_STRING)
			return (lost(r, "Redis does not keep to its protocol"));
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
	redisReply *reply = NULL;
	enum err e = ERR_LEDGER;
	char key[REDIS_SCRIPT_DAY_MAX + 1];

	redis_script_day(day, key);
	redis_args_str(&a, "HGETALL");
	redis_args_str(&a, key);
	start_total(r);
	if (ready(r, r->looked_at_ms) == ERR_OK &&
	    (reply = ask(r, &a, REDIS_REPLY_ARRAY)) != NULL)
		e = list(r, reply, prefix, each, user);
	freeReplyObject(reply);
	*reason = r->reason;
	return (e);
}

static void
redis_free(void *engine)
{
	struct redis *r = engine;

	drop(r);
	redis_names_free(r->lookup);
	close(r->timer);
	secret_free(r->password);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

static enum err
read_password(struct redis *r, const char *path)
{

	if (r->url.password[0] != '\0')
		LOG(LOG_WARN, "ledger_password", LOG_S("advice", "others may "
		    "see a URL: use the password's file"));
	if (path[0] != '\0')
		return (secret_load(path, &r->password));
	if (r->url.user[0] != '\0' && r->url.password[0] == '\0') {
		LOG(LOG_ERROR, "ledger_refused",
		    LOG_S("reason", "redis_url names a user without password"));
		return (ERR_FORMAT);
	}
	return (ERR_OK);
}

static enum err
redis_open(const struct ledger_options *o, void **engine)
{
	struct redis *r;
	enum err e;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		log_die("out_of_memory", "ledger");
	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (r->timer == -1)
		log_die("ledger_timer", strerror(errno));
	if ((e = redis_url_parse(o->redis_url, &r->url)) != ERR_OK ||
	    (e = read_password(r, o->redis_password_file)) != ERR_OK) {
		redis_free(r);
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
