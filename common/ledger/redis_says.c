#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "ledger/redis_says.h"

const char *
redis_says_error(const char *text, bool *passes)
{
	static const struct {
		const char *code, *words;
		bool passes;
	} known[] = {
		{ "OOM", "Redis has no memory left", true },
		{ "MISCONF", "Redis cannot write to its disk", true },
		{ "LOADING", "Redis is loading its data", true },
		{ "BUSY", "Redis is busy with a script", true },
		{ "NOREPLICAS", "Redis lacks replicas", true },
		{ "READONLY", "Redis is a replica", false },
		{ "MASTERDOWN", "Redis is a replica", false },
		{ "without any password", "Redis has no password, and one is "
		    "configured", false },
		{ "NOAUTH", "Redis wants a password", false },
		{ "WRONGPASS", "Redis refuses user or password", false },
		{ "invalid password", "Redis refuses user or password", false },
		{ "NOPERM", "Redis allows this user too little", false },
		{ "The user executing", "Redis allows this user too little",
		    false },
		{ "MOVED", "Redis is a cluster, and this the wrong node",
		    false },
		{ "CLUSTERDOWN", "Redis is a cluster that is down", false },
		{ "WRONGTYPE", "Redis holds keys that are not ours", false },
	};
	size_t i;

	/* Up to Redis 6, a script's error has its code somewhere inside. */
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strstr(text, known[i].code) != NULL) {
			*passes = known[i].passes;
			return (known[i].words);
		}
	}
	*passes = false;
	return ("Redis refused a command");
}

bool
redis_says_info(const char *info, const char *name,
    char out[REDIS_SAYS_MAX + 1])
{
	size_t len = strlen(name), n = 0;
	const char *s = info;

	while (strncmp(s, name, len) != 0 || s[len] != ':') {
		if ((s = strchr(s, '\n')) == NULL)
			return (false);
		s++;
	}
	for (s += len + 1; isalnum((unsigned char)*s) || *s == '-'; s++) {
		if (n == REDIS_SAYS_MAX)
			return (false);
		out[n++] = *s;
	}
	out[n] = '\0';
	return (n > 0);
}
