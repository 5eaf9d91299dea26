#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/num.h"
#include "base/secret.h"
#include "ledger/redis_link.h"
#include "ledger/redis_sentinels.h"

#define PORT 26379

/* For a connection, and for an answer. */
#define WAIT_MS 300

struct sentinel {
	struct redis_link link;
	struct redis_url at;
};

struct redis_sentinels {
	struct secret *password;	/* NULL: none */
	char name[REDIS_URL_MAX + 1];	/* of the master */
	size_t n;
	struct sentinel one[LEDGER_SENTINELS_MAX];
};

/* What was answered so far. */
struct votes {
	size_t answers, unknown;	/* of them, by who knows no such
					   master */
	size_t n;
	struct redis_master master[LEDGER_SENTINELS_MAX];
	size_t of[LEDGER_SENTINELS_MAX];
};

static bool
connected(struct redis_sentinels *s, struct sentinel *one)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;

	if (one->link.c != NULL && !redis_link_stale(&one->link))
		return (true);
	redis_link_drop(&one->link);
	if (redis_link_host(&one->link, one->at.host, one->at.port) != ERR_OK)
		return (false);
	if (s->password == NULL)
		return (true);
	redis_args_str(&a, "AUTH");
	redis_args_add(&a, secret_bytes(s->password),
	    secret_len(s->password));
	reply = redis_link_ask(&one->link, &a, REDIS_REPLY_STATUS);
	if (reply == NULL)
		redis_link_drop(&one->link);
	freeReplyObject(reply);
	return (reply != NULL);
}

/* hiredis would ask a name server for anything else. */
static bool
good_host(const char *s)
{
	struct in6_addr a;

	if (strchr(s, ':') != NULL)
		return (inet_pton(AF_INET6, s, &a) == 1);
	while (isalnum((unsigned char)*s) || *s == '.' || *s == '-')
		s++;
	return (*s == '\0');
}

static bool
read_master(const redisReply *reply, struct redis_master *m)
{
	const redisReply *host, *port;
	int64_t n;

	if (reply->elements != 2)
		return (false);
	host = reply->element[0];
	port = reply->element[1];
	if (host->type != REDIS_REPLY_STRING || port->type !=
	    REDIS_REPLY_STRING || host->len < 1 || host->len > REDIS_URL_MAX ||
	    strlen(host->str) != host->len || !good_host(host->str) ||
	    num_parse(port->str, port->len, 1, 65535, &n) != ERR_OK)
		return (false);
	memcpy(m->host, host->str, host->len + 1);
	m->port = (int)n;
	return (true);
}

/* Count what it says: false if it says nothing, or nonsense. */
static bool
count(struct votes *v, const redisReply *reply)
{
	struct redis_master m;
	size_t i = 0;

	if (reply->type == REDIS_REPLY_NIL) {
		v->answers++;
		v->unknown++;
		return (true);
	}
	if (reply->type != REDIS_REPLY_ARRAY || !read_master(reply, &m))
		return (false);
	v->answers++;
	while (i < v->n && (strcmp(v->master[i].host, m.host) != 0 ||
	    v->master[i].port != m.port))
		i++;
	if (i == v->n)
		v->master[v->n++] = m;
	v->of[i]++;
	return (true);
}

static bool
ask(struct redis_sentinels *s, struct sentinel *one, struct votes *v)
{
	struct redis_args a = { .n = 0 };
	redisReply *reply;
	bool good;

	if (!connected(s, one))
		return (false);
	redis_args_str(&a, "SENTINEL");
	redis_args_str(&a, "GET-MASTER-ADDR-BY-NAME");
	redis_args_str(&a, s->name);
	if ((reply = redis_link_command(&one->link, &a)) == NULL)
		return (false);
	if (reply->type == REDIS_REPLY_ERROR)
		(void)redis_link_refused(&one->link, "SENTINEL", reply->str);
	good = count(v, reply);
	freeReplyObject(reply);
	if (!good)
		redis_link_drop(&one->link);
	return (good);
}

/* The master that more than half name, or NULL. */
static const struct redis_master *
elected(const struct redis_sentinels *s, const struct votes *v)
{
	size_t i;

	for (i = 0; i < v->n; i++) {
		if (v->of[i] > s->n / 2)
			return (&v->master[i]);
	}
	return (NULL);
}

static const char *
explain(const struct redis_sentinels *s, const struct votes *v)
{
	const char *last = s->one[s->n - 1].link.reason;

	if (v->unknown > s->n / 2)
		return ("the sentinels of Redis know no such master");
	if (v->answers > s->n / 2)
		return ("the sentinels of Redis do not agree on the master");
	if (last != NULL && strstr(last, "password") != NULL)
		return ("a sentinel of Redis refuses the password");
	return ("too few sentinels of Redis answer");
}

static void
move_to_end(struct redis_sentinels *s, size_t i)
{
	struct sentinel one = s->one[i];

	memmove(&s->one[i], &s->one[i + 1],
	    (s->n - i - 1) * sizeof(s->one[0]));
	s->one[s->n - 1] = one;
}

enum err
redis_sentinels_find(struct redis_sentinels *s, struct redis_master *master,
    const char **reason)
{
	const struct redis_master *m = NULL;
	struct votes v = { .n = 0 };
	size_t tries, i = 0;

	for (tries = 0; tries < s->n && m == NULL; tries++) {
		if (ask(s, &s->one[i], &v))
			i++;
		else
			move_to_end(s, i);
		m = elected(s, &v);
	}
	if (m == NULL) {
		*reason = explain(s, &v);
		return (ERR_LEDGER);
	}
	*master = *m;
	return (ERR_OK);
}

/* Who is named twice would be counted twice. */
static enum err
add(struct redis_sentinels *s, const char *text, int timer)
{
	struct sentinel *one = &s->one[s->n];
	enum err e;
	size_t i;

	one->link = (struct redis_link){ .timer = timer,
	    .connect_ms = WAIT_MS, .command_ms = WAIT_MS };
	if ((e = redis_url_parse_place(text, PORT, &one->at)) != ERR_OK)
		return (e);
	for (i = 0; i < s->n; i++) {
		if (s->one[i].at.port == one->at.port &&
		    strcmp(s->one[i].at.host, one->at.host) == 0) {
			LOG(LOG_ERROR, "ledger_refused", LOG_S("reason",
			    "redis_sentinels names one of them twice"));
			return (ERR_FORMAT);
		}
	}
	s->n++;
	return (ERR_OK);
}

enum err
redis_sentinels_open(const struct ledger_options *o, int timer,
    struct redis_sentinels **out)
{
	struct redis_sentinels *s;
	enum err e = ERR_OK;
	size_t i;

	*out = NULL;
	if (o->redis_sentinels == 0)
		return (ERR_OK);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_die("out_of_memory", "ledger");
	memccpy(s->name, o->redis_master, '\0', REDIS_URL_MAX);
	for (i = 0; i < o->redis_sentinels && e == ERR_OK; i++)
		e = add(s, o->redis_sentinel[i], timer);
	if (e == ERR_OK && o->redis_sentinel_password_file[0] != '\0')
		e = secret_load(o->redis_sentinel_password_file, &s->password);
	if (e != ERR_OK) {
		redis_sentinels_free(s);
		return (e);
	}
	*out = s;
	return (ERR_OK);
}

void
redis_sentinels_free(struct redis_sentinels *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		redis_link_free(&s->one[i].link);
	secret_free(s->password);
	free(s);
}
