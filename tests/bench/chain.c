/*
 * What it costs to learn and to look up: the 256-neuron answer from hex to
 * neurons, beside its hex alone; and a hotkey in 256 and in 65,535 neurons,
 * beside bsearch() in the same neurons, hits and misses.  Not a test.
 *
 * With the name of one function it only calls that, CALLS times: valgrind
 * --tool=callgrind --toggle-collect=NAME then counts its instructions.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/hmac.h"
#include "scale.h"
#include "state/metagraph.h"

#define VECTOR "tests/vectors/chain/selective-metagraph.json"
#define ROUNDS 20
#define CALLS 2000		/* of one function, for callgrind */
#define KEYS 4096		/* looked up in turn, in no order */
#define FEW 256
#define MANY 65535

static char dir[] = "/tmp/bench-chain.XXXXXX", path[64];
static struct hmac *h;
static char text[1 << 17], *digits;
static size_t digits_len;
static uint8_t raw[1 << 16];
static struct metagraph *few, *many;
static uint8_t hit_few[KEYS][32], hit_many[KEYS][32], miss[KEYS][32];

/* Nothing may be left out for not being used. */
static volatile uint64_t sink;

static void
must(bool ok)
{

	if (!ok)
		abort();
}

__attribute__((noinline)) void hex_only(unsigned i);
__attribute__((noinline)) void decode(unsigned i);
__attribute__((noinline)) void find_hit_256(unsigned i);
__attribute__((noinline)) void find_hit_65535(unsigned i);
__attribute__((noinline)) void find_miss_256(unsigned i);
__attribute__((noinline)) void find_miss_65535(unsigned i);
__attribute__((noinline)) void bsearch_hit_256(unsigned i);
__attribute__((noinline)) void bsearch_hit_65535(unsigned i);
__attribute__((noinline)) void bsearch_miss_65535(unsigned i);

void
hex_only(unsigned i)
{

	(void)i;
	must(hex_decode(raw, digits_len / 2, digits, digits_len) == ERR_OK);
}

void
decode(unsigned i)
{
	struct metagraph_neuron *neurons;
	const char *reason;
	uint64_t block;
	uint32_t n;

	hex_only(i);
	must(scale_metagraph(raw, digits_len / 2, 13, false, &block, &neurons, &n,
	    &reason) == ERR_OK && n == FEW);
	free(neurons);
}

static void
find(const struct metagraph *m, const uint8_t key[32], bool there)
{
	const struct metagraph_neuron *n = metagraph_find(m, key);

	must((n != NULL) == there);
	sink += there ? n->uid : 1;
}

void
find_hit_256(unsigned i)
{

	find(few, hit_few[i % KEYS], true);
}

void
find_hit_65535(unsigned i)
{

	find(many, hit_many[i % KEYS], true);
}

void
find_miss_256(unsigned i)
{

	find(few, miss[i % KEYS], false);
}

void
find_miss_65535(unsigned i)
{

	find(many, miss[i % KEYS], false);
}

static int
by_hotkey(const void *a, const void *b)
{

	return (memcmp(a, b, 32));
}

static void
search(const struct metagraph *m, const uint8_t key[32], bool there)
{
	const struct metagraph_neuron *n = bsearch(key, metagraph_neurons(m),
	    metagraph_info(m)->count, sizeof(*n), by_hotkey);

	must((n != NULL) == there);
	sink += there ? n->uid : 1;
}

void
bsearch_hit_256(unsigned i)
{

	search(few, hit_few[i % KEYS], true);
}

void
bsearch_hit_65535(unsigned i)
{

	search(many, hit_many[i % KEYS], true);
}

void
bsearch_miss_65535(unsigned i)
{

	search(many, miss[i % KEYS], false);
}

/* Map ${count} neurons with random keys, some of them into ${hits}. */
static struct metagraph *
snapshot(uint32_t count, uint8_t hits[KEYS][32])
{
	struct metagraph_neuron *n = calloc(count, sizeof(*n));
	struct metagraph_info info;
	struct metagraph *m;
	uint32_t i, chance = 1;

	must(n != NULL);
	memset(&info, 0, sizeof(info));
	info.netuid = 13;
	info.count = count;
	for (i = 0; i < count; i++) {
		hmac_hash(h, &i, sizeof(i), n[i].hotkey);
		n[i].coldkey[0] = 1;
		n[i].uid = (uint16_t)i;
	}
	for (i = 0; i < KEYS; i++) {
		chance = chance * 1664525 + 1013904223;
		memcpy(hits[i], n[(chance >> 8) % count].hotkey, 32);
	}
	must(metagraph_write(dir, &info, n, h) == ERR_OK);
	free(n);
	m = metagraph_new(dir, 13, h);
	must(metagraph_refresh(m) == ERR_OK);
	return (m);
}

static void
prepare(void)
{
	uint32_t i;
	FILE *f;

	must((f = fopen(VECTOR, "r")) != NULL);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	must((digits = strstr(text, "\"0x")) != NULL);
	digits += 3;
	digits_len = strspn(digits, "0123456789abcdef");
	must(digits_len % 2 == 0 && digits_len / 2 <= sizeof(raw));

	h = hmac_new();
	must(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/" METAGRAPH_FILE, dir);
	few = snapshot(FEW, hit_few);
	many = snapshot(MANY, hit_many);
	unlink(path);
	rmdir(dir);
	for (i = 0; i < KEYS; i++)
		hmac_hash(h, hit_many[i], 31, miss[i]);
}

static const struct function {
	const char *name;
	void (*f)(unsigned);
	unsigned calls;
} functions[] = {
	{ "decode", decode, 50 }, { "hex_only", hex_only, 50 },
	{ "find_hit_256", find_hit_256, 100000 },
	{ "bsearch_hit_256", bsearch_hit_256, 100000 },
	{ "find_hit_65535", find_hit_65535, 100000 },
	{ "bsearch_hit_65535", bsearch_hit_65535, 100000 },
	{ "find_miss_256", find_miss_256, 100000 },
	{ "find_miss_65535", find_miss_65535, 100000 },
	{ "bsearch_miss_65535", bsearch_miss_65535, 100000 },
};
enum { DECODE, HEX, HIT_FEW, B_HIT_FEW, HIT_MANY, B_HIT_MANY, MISS_FEW,
    MISS_MANY, B_MISS_MANY, FUNCTIONS };
static double best_ns[FUNCTIONS];

static double
measure_ns(const struct function *fn)
{
	struct timespec a, b;
	unsigned i;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < fn->calls; i++)
		fn->f(i);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (((double)(b.tv_sec - a.tv_sec) * 1e9 +
	    (double)(b.tv_nsec - a.tv_nsec)) / fn->calls);
}

static void
report(int which, int beside, const char *note)
{

	printf("%-16s %9.1f ns, %.2f times %s's %.1f ns%s\n",
	    functions[which].name, best_ns[which],
	    best_ns[which] / best_ns[beside], functions[beside].name,
	    best_ns[beside], note);
}

int
main(int argc, char **argv)
{
	double ns;
	unsigned i;
	int k, round;

	prepare();
	for (k = 0; argc == 2 && k < FUNCTIONS; k++) {
		for (i = 0; i < CALLS && strcmp(functions[k].name, argv[1]) ==
		    0; i++)
			functions[k].f(i);
	}
	/* In turns, so that all meet the same weather. */
	for (round = 0; argc == 1 && round < ROUNDS; round++) {
		for (k = 0; k < FUNCTIONS; k++) {
			ns = measure_ns(&functions[k]);
			if (round == 0 || ns < best_ns[k])
				best_ns[k] = ns;
		}
	}
	if (argc == 1) {
		report(DECODE, HEX, " (256 neurons from hex)");
		report(HIT_FEW, B_HIT_FEW, "");
		report(HIT_MANY, B_HIT_MANY, "");
		report(HIT_MANY, HIT_FEW, "");
		report(MISS_MANY, MISS_FEW, "");
		report(MISS_MANY, B_MISS_MANY, "");
	}
	metagraph_free(few);
	metagraph_free(many);
	hmac_free(h);
	return (0);
}
