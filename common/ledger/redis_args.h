#ifndef LEDGER_REDIS_ARGS_H_
#define LEDGER_REDIS_ARGS_H_

#include <stddef.h>
#include <stdint.h>

/* Arguments of a command for Redis.  The texts stay in place. */
#define REDIS_ARGS_MAX 32

struct redis_args {
	int n;
	const char *text[REDIS_ARGS_MAX];
	size_t len[REDIS_ARGS_MAX];
	char number[REDIS_ARGS_MAX][21];
};

/**
 * redis_args_add(a, bytes, len), redis_args_str(a, s), redis_args_int(a, n):
 * Append bytes, a string, a decimal number.  An argument too many ends the
 * program.
 */
void redis_args_add(struct redis_args *a, const void *bytes, size_t len);
void redis_args_str(struct redis_args *a, const char *s);
void redis_args_int(struct redis_args *a, int64_t n);

#endif /* !LEDGER_REDIS_ARGS_H_ */
