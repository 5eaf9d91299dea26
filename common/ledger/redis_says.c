#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "ledger/redis_says.h"

const char redis_says_replica[] = "Redis is a replica";

/* Describe any other error by its command: Redis does not know the command, or
   Redis refused it. */
static const char *
of_command(const char *text, const char *command)
{
	static const struct {
		const char *name, *unknown, *refused;
	} known[] = {
#define COMMAND(name)							\
		{ name, "Redis does not know the command " name		\
		    ": is it renamed or disabled?",			\
		    "Redis refused the command " name }
		COMMAND("AUTH"), COMMAND("SELECT"), COMMAND("INFO"),
		COMMAND("SCRIPT"), COMMAND("EVALSHA"), COMMAND("EVAL"),
		COMMAND("HGETALL"), COMMAND("SENTINEL"),
	};
	const bool unknown = strcasestr(text, "unknown command") != NULL;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(command, known[i].name) == 0)
			return (unknown ? known[i].unknown : known[i].refused);
	}
	return ("Redis refused a command");
}

const char *
redis_says_error(const char *text, const char *command, bool *passes)
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
		{ "READONLY", redis_says_replica, false },
		{ "MASTERDOWN", redis_says_replica, false },
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
		{ "DB index is out of range", "Redis has no database of that "
		    "number", false },
		{ "SELECT is not allowed", "Redis is a cluster, which has "
		    "database 0 only", false },
		{ "DENIED", "Redis is in protected mode", false },
		{ "max number of clients", "Redis has too many clients",
		    false },
		{ "for 'auth' command", "Redis is older than 6, and knows no "
		    "users", false },
		{ "Unknown Redis command called", "Redis does not know a "
		    "command of the script: is one renamed or disabled?",
		    false },
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
	return (of_command(text, command));
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
