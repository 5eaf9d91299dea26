#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "state/store_args.h"

void
store_args_add(struct store_args *a, const void *bytes, size_t len)
{

	if (a->n == STORE_ARGS_MAX)
		log_die("too_many", "arguments for Redis");
	a->text[a->n] = bytes;
	a->len[a->n++] = len;
}

void
store_args_str(struct store_args *a, const char *s)
{

	store_args_add(a, s, strlen(s));
}

void
store_args_int(struct store_args *a, int64_t n)
{
	char *number;

	if (a->n == STORE_ARGS_MAX)
		log_die("too_many", "arguments for Redis");
	number = a->number[a->n];
	snprintf(number, sizeof(a->number[0]), "%" PRId64, n);
	store_args_str(a, number);
}
