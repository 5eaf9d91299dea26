#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "ledger/redis_args.h"

void
redis_args_add(struct redis_args *a, const void *bytes, size_t len)
{

	if (a->n == REDIS_ARGS_MAX)
		log_die("too_many", "arguments for Redis");
	a->text[a->n] = bytes;
	a->len[a->n++] = len;
}

void
redis_args_str(struct redis_args *a, const char *s)
{

	redis_args_add(a, s, strlen(s));
}

void
redis_args_int(struct redis_args *a, int64_t n)
{
	char *number;

	if (a->n == REDIS_ARGS_MAX)
		log_die("too_many", "arguments for Redis");
	number = a->number[a->n];
	snprintf(number, sizeof(a->number[0]), "%" PRId64, n);
	redis_args_str(a, number);
}
