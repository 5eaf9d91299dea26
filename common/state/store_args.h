#ifndef STATE_STORE_ARGS_H_
#define STATE_STORE_ARGS_H_

#include <stddef.h>
#include <stdint.h>

/* Arguments of a command for Redis; texts stay where they are. */
#define STORE_ARGS_MAX 32

struct store_args {
	int n;
	const char *text[STORE_ARGS_MAX];
	size_t len[STORE_ARGS_MAX];
	char number[STORE_ARGS_MAX][21];
};

/**
 * store_args_add(a, bytes, len), store_args_str(a, s), store_args_int(a, n):
 * Append bytes, a string, a decimal number.  One too many ends the program.
 */
void store_args_add(struct store_args *a, const void *bytes, size_t len);
void store_args_str(struct store_args *a, const char *s);
void store_args_int(struct store_args *a, int64_t n);

#endif /* !STATE_STORE_ARGS_H_ */
