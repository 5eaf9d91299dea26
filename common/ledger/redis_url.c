#include <stdbool.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "ledger/redis_url.h"

#define PORT 6379

/* The highest database number.  Redis has 16 by default. */
#define DB_MAX 65535

/* Longest path that a struct sockaddr_un holds. */
#define SOCKET_MAX 107

static bool
starts(const char **s, const char *what)
{
	size_t len = strlen(what);

	if (strncmp(*s, what, len) != 0)
		return (false);
	*s += len;
	return (true);
}

/* Copy [s, end) with %XX decoded. */
static bool
decode(const char *s, const char *end, char out[REDIS_URL_MAX + 1])
{
	size_t n = 0;
	uint8_t byte;

	for (; s < end; s++) {
		if (n == REDIS_URL_MAX)
			return (false);
		byte = (uint8_t)*s;
		if (*s == '%') {
			if (end - s < 3 || hex_decode(&byte, 1, s + 1, 2) !=
			    ERR_OK || byte == '\0')
				return (false);
			s += 2;
		}
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return (true);
}

/* Copy [s, end), which must not be empty, unchanged. */
static bool
copy(const char *s, const char *end, size_t max, char *out)
{
	size_t len = (size_t)(end - s);

	if (s >= end || len > max)
		return (false);
	memcpy(out, s, len);
	out[len] = '\0';
	return (true);
}

/* [[USER]:PASSWORD@|USER@], up to the last @ before the first slash. */
static bool
parse_user(const char **s, struct redis_url *u)
{
	const char *at, *colon, *stop = *s + strcspn(*s, "/");

	at = memrchr(*s, '@', (size_t)(stop - *s));
	if (at == NULL)
		return (true);
	colon = memchr(*s, ':', (size_t)(at - *s));
	if (!decode(*s, colon != NULL ? colon : at, u->user) ||
	    (colon != NULL && !decode(colon + 1, at, u->password)))
		return (false);
	*s = at + 1;
	return (true);
}

static bool
parse_db(const char *s, struct redis_url *u)
{

	return (num_parse(s, strlen(s), 0, DB_MAX, &u->db) == ERR_OK);
}

/* HOST[:PORT][/DB], where ${port} is the default. */
static bool
parse_tcp(const char *s, int64_t port, struct redis_url *u)
{
	const char *stop = s + strcspn(s, "/"), *end;

	if (*s == '[') {
		s++;
		end = memchr(s, ']', (size_t)(stop - s));
		if (end == NULL || !copy(s, end, REDIS_URL_MAX, u->host))
			return (false);
		s = end + 1;
	} else {
		end = s + strcspn(s, ":/");
		if (!copy(s, end, REDIS_URL_MAX, u->host))
			return (false);
		s = end;
	}
	if (*s == ':' && num_parse(s + 1, (size_t)(stop - s - 1), 1, 65535,
	    &port) != ERR_OK)
		return (false);
	if (*s != ':' && s != stop)
		return (false);
	u->has_port = *s == ':';
	u->port = (int)port;
	return (stop[0] == '\0' || stop[1] == '\0' || parse_db(stop + 1, u));
}

/* /PATH[?db=DB] */
static bool
parse_unix(const char *s, struct redis_url *u)
{
	const char *end = s + strcspn(s, "?");

	if (*s != '/' || !copy(s, end, SOCKET_MAX, u->path))
		return (false);
	return (*end == '\0' || (starts(&end, "?db=") && parse_db(end, u)));
}

enum err
redis_url_parse(const char *url, struct redis_url *u)
{
	const char *s = url;
	bool good = false;

	memset(u, 0, sizeof(*u));
	if (starts(&s, "rediss://")) {
		LOG(LOG_ERROR, "ledger_refused",
		    LOG_S("reason", "redis_url asks for TLS"),
		    LOG_S("advice", "take a tunnel, such as stunnel, and name "
		    "its end here"));
		return (ERR_FORMAT);
	}
	if (starts(&s, "redis://"))
		good = parse_user(&s, u) && parse_tcp(s, PORT, u);
	else if (starts(&s, "unix://"))
		good = parse_user(&s, u) && parse_unix(s, u);
	if (good)
		return (ERR_OK);
	explicit_bzero(u, sizeof(*u));
	LOG(LOG_ERROR, "ledger_refused", LOG_S("reason", "redis_url"),
	    LOG_S("advice", "redis://USER:PASSWORD@HOST:PORT/DB or "
	    "unix:///PATH?db=DB, with %XX for what is special"));
	return (ERR_FORMAT);
}

enum err
redis_url_parse_place(const char *text, int port, struct redis_url *u)
{

	memset(u, 0, sizeof(*u));
	if (strchr(text, '/') == NULL && parse_tcp(text, port, u))
		return (ERR_OK);
	LOG(LOG_ERROR, "ledger_refused", LOG_S("reason", "redis_sentinels"),
	    LOG_S("advice", "HOST:PORT, with an IPv6 address in brackets"));
	return (ERR_FORMAT);
}

bool
redis_url_is_path(const char *url)
{

	return (starts(&url, "unix://"));
}
