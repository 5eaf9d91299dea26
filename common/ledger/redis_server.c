#include <sys/timerfd.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/secret.h"
#include "ledger/redis_says.h"
#include "ledger/redis_script.h"
#include "ledger/redis_server.h"

#define CONNECT_MS 500
#define COMMAND_MS 1000
#define TOTAL_MS 2000

/* How long a check of the server is valid.  After that, another server or
   another policy may be there, although the connection is the same. */
#define LOOK_MS 1000

void
redis_server_start(struct redis_server *r)
{
	struct itimerspec it = { { 0, 0 }, { TOTAL_MS / 1000, 0 } };

	timerfd_settime(r->link.timer, 0, &it, NULL);
}

/* Ask the sentinels where the server is.  Close the connection to another. */
static enum err
find(struct redis_server *r)
{
	struct redis_master m;
	const char *reason;

	if (r->sentinels == NULL)
		return (ERR_OK);
	if (redis_sentinels_find(r->sentinels, &m, &reason) != ERR_OK)
		return (redis_link_lost(&r->link, reason));
	if (m.port != r->at.port || strcmp(m.host, r->at.host) != 0)
		redis_link_drop(&r->link);
	r->at = m;
	return (ERR_OK);
}

static enum err
connect_to(struct redis_server *r)
{

	if (r->sentinels != NULL)
		return (redis_link_host(&r->link, r->at.host, r->at.port));
	if (r->url.path[0] != '\0')
		return (redis_link_path(&r->link, r->url.path));
	return (redis_link_host(&r->link, r->url.host, r->url.port));
}

static enum err
authenticate(struct redis_server *r)
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
	if ((reply = redis_link_ask(&r->link, &a, REDIS_REPLY_STATUS)) == NULL)
		return (ERR_LEDGER);
	freeReplyObject(reply);
	return (ERR_OK);
}

static enum err
select_db(struct redis_server *r)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;

	if (r->url.db == 0)
		return (ERR_OK);
	redis_args_str(&a, "SELECT");
	redis_args_int(&a, r->url.db);
	if ((reply = redis_link_ask(&r->link, &a, REDIS_REPLY_STATUS)) == NULL)
		return (ERR_LEDGER);
	freeReplyObject(reply);
	return (ERR_OK);
}

/* What kind of server is it, and which?  With sentinels it must tell all. */
static enum err
know(struct redis_server *r, const char *info)
{
	char role[REDIS_SAYS_MAX + 1];
	bool tells;

	tells = redis_says_info(info, "role", role);
	if (tells && strcmp(role, "master") != 0)
		return (redis_link_lost(&r->link, redis_says_replica));
	if (!redis_says_info(info, "run_id", r->run_id))
		return (redis_link_lost(&r->link,
		    "Redis does not tell its run_id"));
	if (r->sentinels != NULL && (!tells ||
	    !redis_says_info(info, "master_replid", r->replid)))
		return (redis_link_lost(&r->link,
		    "Redis does not tell about its replication"));
	return (ERR_OK);
}

/* Check which server runs, and that its policy evicts nothing. */
static enum err
look_at(struct redis_server *r, int64_t now_ms)
{
	struct redis_args a = { .n = 0 };
	char policy[REDIS_SAYS_MAX + 1];
	redisReply *reply;
	enum err e;
	bool tells;

	redis_args_str(&a, "INFO");
	if ((reply = redis_link_ask(&r->link, &a, REDIS_REPLY_STRING)) == NULL)
		return (ERR_LEDGER);
	e = know(r, reply->str);
	tells = redis_says_info(reply->str, "maxmemory_policy", policy);
	freeReplyObject(reply);
	if (e != ERR_OK)
		return (e);
	if (tells && strcmp(policy, "noeviction") != 0)
		return (redis_link_lost(&r->link, "Redis may evict keys, and "
		    "what it evicts can be replayed: set maxmemory-policy "
		    "noeviction"));
	r->looked_at_ms = now_ms;
	return (ERR_OK);
}

static enum err
load_script(struct redis_server *r)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;
	bool good;

	redis_args_str(&a, "SCRIPT");
	redis_args_str(&a, "LOAD");
	redis_args_str(&a, redis_script);
	if ((reply = redis_link_ask(&r->link, &a, REDIS_REPLY_STRING)) == NULL)
		return (ERR_LEDGER);
	good = reply->len == REDIS_SERVER_SHA_LEN;
	if (good)
		memcpy(r->sha, reply->str, REDIS_SERVER_SHA_LEN);
	freeReplyObject(reply);
	return (good ? ERR_OK : redis_link_strange(&r->link));
}

/* A clock that was put back does not make it longer. */
static bool
looked_lately(const struct redis_server *r, int64_t now_ms)
{

	return (now_ms >= r->looked_at_ms &&
	    now_ms < r->looked_at_ms + LOOK_MS);
}

enum err
redis_server_ready(struct redis_server *r, int64_t now_ms)
{

	if (r->link.c != NULL && redis_link_stale(&r->link))
		redis_link_drop(&r->link);
	if (r->link.c != NULL && looked_lately(r, now_ms))
		return (ERR_OK);
	if (find(r) != ERR_OK)
		return (ERR_LEDGER);
	if (r->link.c != NULL)
		return (look_at(r, now_ms));
	if (connect_to(r) == ERR_OK && authenticate(r) == ERR_OK &&
	    select_db(r) == ERR_OK && look_at(r, now_ms) == ERR_OK &&
	    load_script(r) == ERR_OK)
		return (ERR_OK);
	redis_link_drop(&r->link);
	return (ERR_LEDGER);
}

bool
redis_server_demoted(const struct redis_server *r)
{

	return (r->sentinels != NULL && r->link.c == NULL &&
	    r->link.reason == redis_says_replica);
}

static enum err
read_password(struct redis_server *r, const char *path)
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

/* With sentinels, the URL has who we are, and the name of the master, so that
   nobody takes it for a place. */
static enum err
check_url(const struct redis_server *r, const struct ledger_options *o)
{

	if (r->sentinels == NULL || (r->url.path[0] == '\0' &&
	    !r->url.has_port && strcmp(r->url.host, o->redis_master) == 0))
		return (ERR_OK);
	LOG(LOG_ERROR, "ledger_refused", LOG_S("reason", "redis_url does not "
	    "name the master"), LOG_S("advice", "with redis_sentinels leave "
	    "redis_url out, or write redis://USER@MASTER/DB, where MASTER is "
	    "redis_master"));
	return (ERR_FORMAT);
}

enum err
redis_server_open(const struct ledger_options *o, struct redis_server *r)
{
	enum err e;

	memset(r, 0, sizeof(*r));
	r->link.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (r->link.timer == -1)
		log_die("ledger_timer", strerror(errno));
	r->link.connect_ms = CONNECT_MS;
	r->link.command_ms = COMMAND_MS;
	if ((e = redis_url_parse(o->redis_url, &r->url)) == ERR_OK &&
	    (e = redis_sentinels_open(o, r->link.timer, &r->sentinels)) ==
	    ERR_OK && (e = check_url(r, o)) == ERR_OK)
		e = read_password(r, o->redis_password_file);
	if (e != ERR_OK)
		redis_server_close(r);
	return (e);
}

void
redis_server_close(struct redis_server *r)
{

	redis_link_free(&r->link);
	redis_sentinels_free(r->sentinels);
	close(r->link.timer);
	secret_free(r->password);
	explicit_bzero(r, sizeof(*r));
}
