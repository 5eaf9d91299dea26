#include <sys/mman.h>
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

/*
 * A fuzz target without libFuzzer: X.t [CASES [FIRST]] runs CASES inputs and
 * prints TAP.  An input depends on its number alone, so a failure is run again
 * with "X.t 1 NUMBER".
 */
#define CASES_DEFAULT 100000

struct text {
	uint8_t data[FUZZ_MAX];
	size_t len;
};

/* Marsaglia's xorshift64, begun anew for every case. */
static uint64_t random_state;

static void
random_start(uint64_t number)
{
	int i;

	random_state = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (i = 0; i < 4; i++)
		random_state = (random_state ^ random_state >> 29) *
		    UINT64_C(0xbf58476d1ce4e5b9);
	random_state |= 1;
}

static size_t
below(size_t n)
{

	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return ((size_t)(random_state >> 16) % n);
}

static const char *
one_of(const char *const *list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return (list[below(n)]);
}

/* Put len bytes in place of cut bytes at that offset, as far as they fit. */
static void
put(struct text *t, size_t at, size_t cut, const void *data, size_t len)
{
	uint8_t copy[FUZZ_MAX];

	if (len > FUZZ_MAX - (t->len - cut))
		len = FUZZ_MAX - (t->len - cut);
	memcpy(copy, data, len);
	memmove(t->data + at + len, t->data + at + cut, t->len - at - cut);
	memcpy(t->data + at, copy, len);
	t->len += len;
	t->len -= cut;
}

static void
mutate(struct text *t)
{
	size_t at = below(t->len + 1), from, n;
	const char *word;
	uint8_t byte;

	n = t->len - at;
	n = n == 0 ? 0 : below(n < 24 ? n + 1 : 24);
	switch (below(8)) {
	case 0:
		byte = (uint8_t)below(256);
		put(t, at, at < t->len, &byte, 1);
		break;
	case 1:
		if (at < t->len)
			t->data[at] ^= (uint8_t)(1 << below(8));
		break;
	case 2:
		put(t, at, n, "", 0);
		break;
	case 3:
		from = at;
		put(t, below(t->len + 1), 0, t->data + from, n);
		break;
	case 4:
		/* From another seed. */
		word = one_of(fuzz_seeds);
		from = below(strlen(word) + 1);
		put(t, at, n, word + from, below(strlen(word) - from + 1));
		break;
	case 5:
		t->len = at;
		break;
	default:
		word = one_of(fuzz_words);
		put(t, at, below(3) == 0 ? n : 0, word, strlen(word));
	}
}

static void
make(struct text *t, uint64_t number)
{
	const char *seed;
	size_t i;

	random_start(number);
	seed = one_of(fuzz_seeds);
	t->len = 0;
	put(t, 0, 0, seed, strlen(seed));
	for (i = below(8); i > 0; i--)
		mutate(t);
}

/* On the heap, at its exact length, so that a read beyond it shows. */
static void
run(uint64_t number)
{
	static struct text t;
	uint8_t *copy;

	make(&t, number);
	if ((copy = malloc(t.len > 0 ? t.len : 1)) == NULL)
		abort();
	memcpy(copy, t.data, t.len);
	(void)LLVMFuzzerTestOneInput(copy, t.len);
	free(copy);
}

static void
show(uint64_t number)
{
	static struct text t;
	size_t i;

	make(&t, number);
	printf("# case %llu, %zu bytes: ", (unsigned long long)number, t.len);
	for (i = 0; i < t.len; i++) {
		if (t.data[i] < 0x20 || t.data[i] > 0x7e || t.data[i] == '\\')
			printf("\\x%02x", t.data[i]);
		else
			putchar(t.data[i]);
	}
	putchar('\n');
}

int
main(int argc, char **argv)
{
	uint64_t cases = CASES_DEFAULT, first = 0;
	volatile uint64_t *at;
	int status = -1;
	pid_t child;

	if (argc > 1)
		cases = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		first = strtoull(argv[2], NULL, 10);
	at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED || (child = fork()) == -1) {
		perror("standalone");
		return (2);
	}
	if (child == 0) {
		for (*at = first; *at < first + cases; ++*at)
			run(*at);
		exit(0);
	}
	printf("1..1\n");
	if (waitpid(child, &status, 0) == child && status == 0) {
		printf("ok 1 - %llu cases\n", (unsigned long long)cases);
		return (0);
	}
	show(*at);
	printf("not ok 1 - stopped at case %llu\n", (unsigned long long)*at);
	return (1);
}
