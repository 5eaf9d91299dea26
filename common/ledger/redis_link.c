#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/trusted.h"
#include "ledger/redis_link.h"
#include "ledger/redis_names.h"
#include "ledger/redis_says.h"

/* Reads for one answer, of 16 KiB at most, and elements of an array. */
#define READS_MAX 8192
#define ELEMENTS_MAX (1 << 20)

void
redis_link_drop(struct redis_link *l)
{

	if (l->c != NULL)
		redisFree(l->c);
	l->c = NULL;
}

enum err
redis_link_lost(struct redis_link *l, const char *reason)
{

	redis_link_drop(l);
	l->reason = reason;
	return (ERR_LEDGER);
}

enum err
redis_link_strange(struct redis_link *l)
{

	return (redis_link_lost(l, "Redis does not keep to its protocol"));
}

enum err
redis_link_refused(struct redis_link *l, const char *command, const char *text)
{
	bool passes;

	l->reason = redis_says_error(text, command, &passes);
	return (passes ? ERR_LEDGER : redis_link_lost(l, l->reason));
}

static bool
wait_for(struct redis_link *l, short events, int ms)
{
	struct pollfd p[2] = {
		{ .fd = l->c->fd, .events = events },
		{ .fd = l->timer, .events = POLLIN },
	};
	int rc;

	do {
		rc = poll(p, 2, ms);
	} while (rc < 0 && errno == EINTR);
	return (rc > 0 && p[1].revents == 0);
}

/* hiredis would raise SIGPIPE, so send without it. */
static bool
send_all(struct redis_link *l, const char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n) {
		if (!wait_for(l, POLLOUT, l->command_ms))
			return (false);
		n = send(l->c->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			n = 0;
		if (n < 0)
			return (false);
	}
	return (true);
}

static redisReply *
receive(struct redis_link *l)
{
	void *reply = NULL;
	int reads;

	for (reads = 0; reads < READS_MAX; reads++) {
		if (redisGetReplyFromReader(l->c, &reply) != REDIS_OK) {
			(void)redis_link_strange(l);
			return (NULL);
		}
		if (reply != NULL)
			return (reply);
		if (!wait_for(l, POLLIN, l->command_ms)) {
			(void)redis_link_lost(l, "Redis is too slow");
			return (NULL);
		}
		if (redisBufferRead(l->c) != REDIS_OK) {
			(void)redis_link_lost(l, "Redis broke the connection");
			return (NULL);
		}
	}
	(void)redis_link_lost(l, "Redis gave too long an answer");
	return (NULL);
}

redisReply *
redis_link_command(struct redis_link *l, struct redis_args *a)
{
	char *text;
	bool sent;
	int len;

	len = redisFormatCommandArgv(&text, a->n, a->text, a->len);
	if (len < 0)
		log_die("out_of_memory", "ledger");
	sent = send_all(l, text, (size_t)len);
	explicit_bzero(text, (size_t)len);	/* it may hold the password */
	redisFreeCommand(text);
	if (sent)
		return (receive(l));
	(void)redis_link_lost(l, "Redis broke the connection");
	return (NULL);
}

redisReply *
redis_link_ask(struct redis_link *l, struct redis_args *a, int type)
{
	redisReply *reply;

	if ((reply = redis_link_command(l, a)) == NULL || reply->type == type)
		return (reply);
	if (reply->type == REDIS_REPLY_ERROR)
		(void)redis_link_refused(l, a->text[0], reply->str);
	else
		(void)redis_link_strange(l);
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
connected(struct redis_link *l, redisContext *c)
{
	socklen_t len = sizeof(int);
	int failed = 0;

	l->c = c;
	if (l->c == NULL)
		log_die("out_of_memory", "ledger");
	if (l->c->err != 0 || !wait_for(l, POLLOUT, l->connect_ms) ||
	    getsockopt(l->c->fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 ||
	    failed != 0)
		return (redis_link_lost(l, "Redis cannot be reached"));
	bound_answers(l->c->reader);
	return (ERR_OK);
}

enum err
redis_link_path(struct redis_link *l, const char *path)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct stat st;
	const char *why;
	enum err e;

	if (!trusted_look(path, TRUSTED_SOCKET, W_OK, &st, &why))
		return (redis_link_lost(l, errno == EPERM || errno == EINVAL ?
		    "the socket of Redis, or a directory on the way to it, "
		    "belongs to others" : "Redis cannot be reached"));
	if ((e = connected(l, redisConnectUnixNonBlock(path))) != ERR_OK)
		return (e);
	if (getsockopt(l->c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    (peer.uid != 0 && peer.uid != geteuid() && peer.uid != st.st_uid))
		return (redis_link_lost(l, "another user answers at the socket "
		    "of Redis"));
	return (ERR_OK);
}

enum err
redis_link_host(struct redis_link *l, const char *host, int port)
{
	struct redis_names names;
	enum err e = ERR_LEDGER;
	size_t i;

	switch (redis_names_find(&l->lookup, host, l->command_ms, l->timer,
	    &names)) {
	case ERR_OK:
		break;
	case ERR_IO:
		return (redis_link_lost(l,
		    "no name server tells where Redis is"));
	default:
		return (redis_link_lost(l, "the host of Redis has no address"));
	}
	for (i = 0; i < names.n && e != ERR_OK; i++)
		e = connected(l, redisConnectNonBlock(names.address[i], port));

	/* Detect a server that vanished before the next command. */
	if (e == ERR_OK && redisEnableKeepAlive(l->c) != REDIS_OK)
		return (redis_link_lost(l, "Redis cannot be reached"));
	return (e);
}

bool
redis_link_stale(const struct redis_link *l)
{
	char c;

	return (recv(l->c->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	    errno != EAGAIN);
}


void
redis_link_free(struct redis_link *l)
{

	redis_link_drop(l);
	redis_names_free(l->lookup);
}
