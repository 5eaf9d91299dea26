#include "test.h"
#include "tmpdir.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "state/throttle.h"

#define NOW INT64_C(1700000000123)
#define BURST 5
#define INTERVAL_MS 1000	/* at 60 a minute */
#define SPAN_MS (BURST * INTERVAL_MS)
#define HOUR_MS INT64_C(3600000)
#define FILE_SIZE (THROTTLE_PAGE + 16 * THROTTLE_SLOTS + 8 * THROTTLE_OVERFLOW)

static char dir[4000], path[4096];
static struct throttle_options options = { dir, 60, BURST };
static struct throttle *t;
static int saved_stderr;

static int
setup(void **state)
{
	int null;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/%s", dir, THROTTLE_FILE);

	/* What is refused is logged as well: not here. */
	saved_stderr = dup(2);
	null = open("/dev/null", O_WRONLY);
	if (saved_stderr == -1 || null == -1 || dup2(null, 2) == -1 ||
	    close(null) != 0)
		return (-1);
	return (throttle_open(&options, &t) == ERR_OK ? 0 : -1);
}

static int
teardown(void **state)
{

	(void)state;
	throttle_close(t);
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	unlink(path);
	return (rmdir(dir));
}

/* --- help ---------------------------------------------------------------- */

static struct address
address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), ERR_OK);
	return (a);
}

/* The ${n}-th /64 in the ${m}-th /48 of 2001:db8::/32. */
static struct address
network(int m, int n)
{
	struct address a = address("2001:db8::1");

	a.byte[4] = (uint8_t)(m >> 8);
	a.byte[5] = (uint8_t)m;
	a.byte[6] = (uint8_t)(n >> 8);
	a.byte[7] = (uint8_t)n;
	return (a);
}

static int64_t
take(struct address a, int64_t now_ms)
{
	struct throttle_taken taken;
	int64_t retry_ms;
	enum err e;

	e = throttle_take(t, &a, now_ms, &taken, &retry_ms);
	if (e == ERR_OK) {
		assert_int_equal(retry_ms, 0);
		return (0);
	}
	assert_int_equal(e, ERR_ADDRESS_LIMIT);
	assert_true(retry_ms > 0);
	assert_true(taken.coarse.after_us == 0);
	return (retry_ms);
}

/* How many can be taken. */
static int
take_all(struct address a, int64_t now_ms)
{
	int n = 0;

	while (n < 100000 && take(a, now_ms) == 0)
		n++;
	return (n);
}

struct slot {
	_Atomic uint64_t tag, word;
};

/* The slots, as the header promises them. */
static struct slot *
slots(void)
{
	uint8_t *p;
	int fd;

	fd = open(path, O_RDWR);
	assert_true(fd != -1);
	p = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(p != MAP_FAILED);
	close(fd);
	return ((struct slot *)(p + THROTTLE_PAGE));
}

static void
slots_close(struct slot *s)
{

	munmap((uint8_t *)s - THROTTLE_PAGE, FILE_SIZE);
}

/* Give every slot that is not in use at ${now_ms} to a stranger, until
   ${until_ms}. */
static void
fill(int64_t now_ms, int64_t until_ms)
{
	struct slot *s = slots();
	size_t i;

	for (i = 0; i < THROTTLE_SLOTS; i++)
		if (s[i].word <= (uint64_t)now_ms * 1000) {
			s[i].tag = i + 1;
			s[i].word = (uint64_t)until_ms * 1000;
		}
	slots_close(s);
}

/* --- buckets ------------------------------------------------------------- */

static void
an_address_has_a_burst_that_refills(void **state)
{
	const struct address a = address("192.0.2.1");
	int i;

	(void)state;
	assert_int_equal(take_all(a, NOW), BURST);
	assert_int_equal(take(a, NOW), INTERVAL_MS);
	assert_int_equal(take(a, NOW + 1), INTERVAL_MS - 1);
	assert_int_equal(take(a, NOW + INTERVAL_MS - 1), 1);
	assert_int_equal(take_all(a, NOW + INTERVAL_MS), 1);
	assert_int_equal(take(a, NOW + INTERVAL_MS), INTERVAL_MS);

	/* Refusals cost nothing, and it does not hold more than the burst. */
	for (i = 0; i < 1000; i++)
		assert_int_equal(take(a, NOW + INTERVAL_MS), INTERVAL_MS);
	assert_int_equal(take_all(a, NOW + 3 * INTERVAL_MS + 500), 2);
	assert_int_equal(take(a, NOW + 3 * INTERVAL_MS + 500), 500);
	assert_int_equal(take_all(a, NOW + 10 * SPAN_MS), BURST);
}

/* Nobody pays for the neighbour, nor an IPv4 address twice by its two texts. */
static void
each_address_has_a_bucket_of_its_own(void **state)
{

	(void)state;
	assert_int_equal(take_all(address("192.0.2.1"), NOW), BURST);
	assert_int_equal(take_all(address("192.0.2.2"), NOW), BURST);
	assert_int_equal(take_all(address("::ffff:192.0.2.1"), NOW), 0);
	assert_int_equal(take_all(address("2001:db8::1"), NOW), BURST);
	assert_int_equal(take_all(address("2001:db8::2"), NOW), 0);
	assert_int_equal(take_all(address("2001:db8::ffff:ffff:ffff:ffff"),
	    NOW), 0);
	assert_int_equal(take_all(address("2001:db8:0:1::1"), NOW), BURST);
}

/* All of a /48: 16 times as much, and as fast. */
static void
an_ipv6_48_has_sixteen_times_a_burst(void **state)
{
	int i, n;

	(void)state;
	for (i = n = 0; i < 100; i++)
		n += take_all(network(0, i), NOW);
	assert_int_equal(n, THROTTLE_COARSE * BURST);
	assert_int_equal(take_all(network(1, 0), NOW), BURST);

	/* 62.5 ms; what was refused took from the finer ones all the same. */
	assert_int_equal(take(network(0, 99), NOW), 63);
	assert_int_equal(take(network(0, 99), NOW + 62), 1);
	assert_int_equal(take_all(network(0, 99), NOW + 63), 1);
	assert_int_equal(take_all(network(0, 99), NOW + 1000), 1);
	assert_int_equal(take_all(network(0, 101), NOW + 1000), BURST);
	for (i = n = 0; i < 100; i++)
		n += take_all(network(0, i), NOW + SPAN_MS + 1000);
	assert_int_equal(n, THROTTLE_COARSE * BURST);
}

static void
an_ipv4_24_has_sixteen_times_a_burst(void **state)
{
	struct address a = address("192.0.2.0");
	int i, n = 0;

	(void)state;
	for (i = 0; i < 256; i++) {
		a.byte[15] = (uint8_t)i;
		n += take_all(a, NOW);
	}
	assert_int_equal(n, THROTTLE_COARSE * BURST);
	assert_int_equal(take_all(address("192.0.3.0"), NOW), BURST);
}

/* Its neighbours empty the wider bucket: an address pays from its own all the
   same, and is told apart from one that has none left itself. */
static void
an_address_pays_although_its_network_has_no_token(void **state)
{
	struct throttle_taken taken;
	int64_t retry_ms;
	struct address a;
	int i;

	(void)state;
	for (i = 0; i <= THROTTLE_COARSE; i++)
		(void)take_all(network(7, i), NOW);
	a = network(7, 100);
	for (i = 0; i <= BURST + 3; i++) {
		assert_int_equal(throttle_take(t, &a, NOW, &taken, &retry_ms),
		    ERR_ADDRESS_LIMIT);
		assert_true(retry_ms > 0);
		assert_true((taken.fine.after_us != 0) == (i < BURST + 3));
		assert_true(taken.coarse.after_us == 0);

		/* Three times it turns out well. */
		if (i < 3)
			throttle_give_back(t, &taken);
	}
}

/* --- keys ---------------------------------------------------------------- */

static int
take_key(const uint8_t *key, int64_t now_ms)
{
	struct throttle_taken taken;
	int n = 0;

	while (n < 1000 && throttle_take_key(t, key, now_ms, &taken) == ERR_OK)
		n++;
	assert_true(taken.key.after_us == 0);
	return (n);
}

static void
a_key_has_five_tokens_and_one_more_each_second(void **state)
{
	uint8_t key[THROTTLE_KEY_LEN] = { 1 }, other[THROTTLE_KEY_LEN] = { 1 };
	struct throttle_taken taken;

	(void)state;
	other[THROTTLE_KEY_LEN - 1] = 1;
	assert_int_equal(take_key(key, NOW), THROTTLE_KEY_BURST);
	assert_int_equal(take_key(key, NOW + 999), 0);
	assert_int_equal(take_key(key, NOW + 1000), 1);
	assert_int_equal(take_key(other, NOW + 1000), THROTTLE_KEY_BURST);
	assert_int_equal(take_key(key, NOW + 60000), THROTTLE_KEY_BURST);

	/* What is given back can be taken again. */
	assert_int_equal(throttle_take_key(t, key, NOW + 61000, &taken),
	    ERR_OK);
	throttle_give_back(t, &taken);
	assert_int_equal(take_key(key, NOW + 61000), 1);
}

static void
a_key_shares_no_bucket_with_an_address_of_the_same_bytes(void **state)
{
	const struct address a = network(1, 2);
	uint8_t key[THROTTLE_KEY_LEN] = { 0 };

	(void)state;
	memcpy(key, a.byte, sizeof(a.byte));
	assert_int_equal(take_key(key, NOW), THROTTLE_KEY_BURST);
	assert_int_equal(take_all(a, NOW), BURST);
}

/* Where addresses refill faster than keys, a key's slot is still its own. */
static void
a_key_keeps_its_slot_under_any_setting(void **state)
{
	uint8_t key[THROTTLE_KEY_LEN] = { 1 };
	int i;

	(void)state;
	throttle_close(t);
	options.per_minute = THROTTLE_MOST;
	options.burst = 1;
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	options.per_minute = 60;
	options.burst = BURST;
	assert_int_equal(take_key(key, NOW), THROTTLE_KEY_BURST);
	for (i = 0; i < 200000; i++)
		(void)take(network(i >> 4, i & 15), NOW + i % 100);
	assert_int_equal(take_key(key, NOW + 100), 0);
}

/* --- giving back --------------------------------------------------------- */

static struct throttle_taken
taken_now(struct address a, int64_t now_ms)
{
	struct throttle_taken taken;
	int64_t retry_ms;

	assert_int_equal(throttle_take(t, &a, now_ms, &taken, &retry_ms),
	    ERR_OK);
	return (taken);
}

static void
a_token_that_is_given_back_can_be_taken_again(void **state)
{
	const struct address a = address("192.0.2.1");
	struct throttle_taken one, copy, none = { 0 };
	int i, n;

	(void)state;
	for (i = 0; i < 1000; i++) {
		one = taken_now(a, NOW);
		throttle_give_back(t, &one);
	}
	assert_memory_equal(&one, &none, sizeof(one));
	one = taken_now(a, NOW);
	assert_int_equal(take_all(a, NOW), BURST - 1);
	copy = one;
	throttle_give_back(t, &one);
	throttle_give_back(t, &one);
	throttle_give_back(t, &none);
	assert_int_equal(take_all(a, NOW), 1);

	/* The coarser one too: its other 15 bursts are all there. */
	throttle_give_back(t, &copy);
	for (i = n = 0; i < 100; i++)
		n += take_all(network(7, i), NOW);
	assert_int_equal(n, THROTTLE_COARSE * BURST);
	for (i = 0; i < 100; i++) {
		one = taken_now(network(8, i), NOW);
		throttle_give_back(t, &one);
	}
	for (i = n = 0; i < 100; i++)
		n += take_all(network(8, i), NOW);
	assert_int_equal(n, THROTTLE_COARSE * BURST);
}

/* In any order, and while time goes on. */
static void
tokens_can_be_given_back_in_any_order(void **state)
{
	const struct address a = address("192.0.2.1");
	struct throttle_taken one, two, three;

	(void)state;
	one = taken_now(a, NOW);
	two = taken_now(a, NOW + 1);
	three = taken_now(a, NOW + 300);
	throttle_give_back(t, &one);
	throttle_give_back(t, &three);
	throttle_give_back(t, &two);
	assert_int_equal(take_all(a, NOW + 300), BURST);
}

/* What time has given back already is not given twice. */
static void
a_token_that_time_gave_back_is_not_given_twice(void **state)
{
	const struct address a = address("192.0.2.1");
	struct throttle_taken one;

	(void)state;
	one = taken_now(a, NOW);
	assert_int_equal(take_all(a, NOW + INTERVAL_MS + 1), BURST);
	throttle_give_back(t, &one);
	assert_int_equal(take_all(a, NOW + INTERVAL_MS + 1), 0);
}

static void
a_token_is_not_given_back_to_another_address(void **state)
{
	const struct address a = address("192.0.2.1");
	const struct throttle_taken one = taken_now(a, NOW);
	struct throttle_taken copy = one;
	struct slot *s = slots();
	uint64_t fine = s[one.fine.place].word;
	uint64_t coarse = s[one.coarse.place].word;

	(void)state;
	assert_true(fine == one.fine.after_us && fine > NOW * 1000);
	assert_true(s[one.fine.place].tag == one.fine.tag);
	s[one.fine.place].tag++;
	throttle_give_back(t, &copy);
	assert_true(s[one.fine.place].word == fine);
	assert_true(s[one.coarse.place].word < coarse);
	slots_close(s);
}

/* --- the table ----------------------------------------------------------- */

static void
all_openings_of_the_table_share_its_buckets(void **state)
{
	const struct address a = address("192.0.2.1");
	struct throttle *first = t;

	(void)state;
	assert_int_equal(take_all(a, NOW), BURST);
	throttle_count(t, ERR_SIGNATURE);
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	assert_int_equal(take_all(a, NOW), 0);
	assert_int_equal(take_all(a, NOW + INTERVAL_MS), 1);
	throttle_close(first);
	assert_int_equal(take_all(a, NOW + INTERVAL_MS), 0);
}

static void
a_table_that_was_deleted_is_made_again(void **state)
{
	const struct address a = address("192.0.2.1");
	struct throttle *first = t;
	struct throttle_taken one;

	(void)state;
	one = taken_now(a, NOW);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(take_all(a, NOW), BURST - 1);
	throttle_give_back(t, &one);
	assert_int_equal(take_all(a, NOW), 1);
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	assert_int_equal(take_all(a, NOW), BURST);
	throttle_close(first);
}

static void
a_table_with_limits_out_of_range_is_not_opened(void **state)
{
	struct throttle_options o = options;
	struct throttle *none = t;

	(void)state;
	o.per_minute = 0;
	assert_int_equal(throttle_open(&o, &none), ERR_RANGE);
	assert_null(none);
	o.per_minute = THROTTLE_MOST + 1;
	assert_int_equal(throttle_open(&o, &none), ERR_RANGE);
	o.per_minute = INT64_MIN;
	assert_int_equal(throttle_open(&o, &none), ERR_RANGE);
	o = options;
	o.burst = 0;
	assert_int_equal(throttle_open(&o, &none), ERR_RANGE);
	o.burst = THROTTLE_MOST + 1;
	assert_int_equal(throttle_open(&o, &none), ERR_RANGE);
	o = options;
	o.directory = "/nonexistent";
	none = t;
	assert_int_equal(throttle_open(&o, &none), ERR_IO);
	assert_null(none);
	throttle_close(NULL);
}

/* Of another version, or with errors of other names: it is made anew. */
static void
a_table_of_another_form_is_replaced(void **state)
{
	const struct address a = address("192.0.2.1");
	const size_t changes[] = { 0, 8, 12, 16, 20, 24, 28, 32, 39 };
	struct slot *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(take_all(a, NOW), BURST);
		s = slots();
		((uint8_t *)s)[(ptrdiff_t)changes[i] - THROTTLE_PAGE] ^= 1;
		slots_close(s);
		throttle_close(t);
		assert_int_equal(throttle_open(&options, &t), ERR_OK);
	}
	assert_int_equal(take_all(a, NOW), BURST);
	throttle_close(t);
	assert_int_equal(truncate(path, FILE_SIZE - 1), 0);
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	assert_int_equal(take_all(a, NOW), BURST);
}

/* Whatever is in its slots: each address gets a burst, at the latest later. */
static void
a_table_with_damaged_slots_gives_bursts_again(void **state)
{
	uint64_t x = 88172645463325252;
	struct slot *s = slots();
	int i;

	(void)state;
	for (i = 0; i < THROTTLE_SLOTS; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		s[i].tag = x;
		s[i].word = i % 2 == 0 ? x : UINT64_MAX - x % 1000;
	}
	slots_close(s);
	for (i = 0; i < 100; i++)
		assert_int_equal(take_all(network(i, i), NOW), BURST);
}

/*
 * Full: an address that has its slots keeps them; one of a network that has
 * one, is counted there alone; the others share what there is for them.
 */
static void
addresses_of_a_full_table_share_what_is_left(void **state)
{
	const int64_t until = NOW + 9000, later = until + 1;
	struct throttle_taken one;
	int n;

	(void)state;
	assert_int_equal(take(network(1, 1), NOW), 0);
	fill(NOW, until);
	assert_int_equal(take_all(network(1, 1), NOW), BURST - 1);
	n = take_all(network(1, 2), NOW);
	assert_int_equal(n, (THROTTLE_COARSE - 1) * BURST);
	assert_int_equal(take_all(network(1, 3), NOW), 0);

	one = taken_now(network(2, 1), NOW);
	assert_true(one.fine.after_us == 0);
	assert_true(one.coarse.tag == 0);
	n = take_all(network(2, 2), NOW);
	assert_int_equal(n, THROTTLE_COARSE * BURST - 1);
	throttle_give_back(t, &one);
	assert_int_equal(take_all(network(2, 3), NOW), 1);

	/* One word of many: others have another, one of them at least. */
	for (n = 3; n < 6; n++)
		if (take_all(network(n, 1), NOW) == THROTTLE_COARSE * BURST)
			break;
	assert_true(n < 6);

	/* Their time has passed: they are used again. */
	assert_int_equal(take_all(network(2, 2), later), BURST);
	assert_int_equal(take_all(network(4, 1), later), BURST);
}

/* More addresses than slots, over time: each has its burst, since those whose
   buckets are full again give theirs up. */
static void
the_slots_of_full_buckets_are_used_again(void **state)
{
	int64_t now = NOW;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		now = NOW + i / 5;
		assert_int_equal(take(network(i % 60000, i), now), 0);
	}
	assert_int_equal(take_all(address("192.0.2.1"), now), BURST);
}

/* Forged networks in any number do not free an address from its limit. */
static void
a_flood_of_addresses_frees_none_from_its_limit(void **state)
{
	const struct address a = address("192.0.2.1");
	int i;

	(void)state;
	assert_int_equal(take_all(a, NOW), BURST);
	for (i = 0; i < 200000; i++)
		(void)take(network(i >> 4, i & 15), NOW);
	assert_int_equal(take_all(a, NOW), 0);
}

/* --- the clock ----------------------------------------------------------- */

static void
a_clock_set_back_locks_nobody_out_for_long(void **state)
{
	const int64_t steps[] = { 1, 999, 1000, SPAN_MS, SPAN_MS + 1, 60000,
	    HOUR_MS, 3 * HOUR_MS, 100000 * HOUR_MS };
	const int64_t most = SPAN_MS + THROTTLE_BEHIND_MS;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		throttle_close(t);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(throttle_open(&options, &t), ERR_OK);

		/* Addresses that were here in the last two hours. */
		for (n = 0; n < 7200; n++)
			assert_int_equal(take_all(network(n, 0),
			    NOW - (7200 - n) * 1000), BURST);
		for (n = 0; n < 7200; n++)
			assert_true(take(network(n, 0), NOW - steps[i]) <=
			    most);
		for (n = 0; n < 7200; n++)
			assert_int_equal(take(network(n, 0),
			    NOW - steps[i] + most), 0);
	}
}

/* A request that waited for the processor is not a clock set back. */
static void
a_request_that_waited_is_no_clock_set_back(void **state)
{
	const struct address a = address("192.0.2.1");

	(void)state;
	assert_int_equal(take_all(a, NOW), BURST);
	assert_int_equal(take(a, NOW - 10), INTERVAL_MS + 10);
	assert_int_equal(take(a, NOW - 1000), INTERVAL_MS + 1000);
	assert_int_equal(take_all(a, NOW), 0);
	throttle_close(t);
	options.burst = 1;
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	options.burst = BURST;
	assert_int_equal(take_all(address("192.0.2.2"), NOW), 1);
	assert_int_equal(take(address("192.0.2.2"), NOW - 1000), 2000);
}

static void
a_clock_set_ahead_gives_one_burst(void **state)
{
	const struct address a = address("192.0.2.1");
	const int64_t ahead = INT64_C(2145916800000);

	(void)state;
	assert_int_equal(take_all(a, NOW), BURST);
	assert_int_equal(take_all(a, ahead), BURST);
	assert_int_equal(take_all(a, ahead), 0);

	/* And back again. */
	assert_int_equal(take_all(a, NOW), BURST);
	assert_int_equal(take_all(a, NOW), 0);
}

static void
no_time_makes_a_bucket_overflow(void **state)
{
	const struct address a = address("192.0.2.1");
	const int64_t times[] = { 0, INT64_MIN, -1, INT64_MAX, INT64_MAX - 1 };
	const int taken[] = { BURST, 0, 0, BURST, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(take_all(a, times[i]), taken[i]);
	assert_true(throttle_sample(t, INT64_MAX));
}

/* --- many processes ------------------------------------------------------ */

#define TAKERS 8

/* Run ${work} in as many processes at once; the sum of what they return. */
static int
together(int (*work)(int round, int i), int round)
{
	_Atomic int *sum;
	pid_t child[TAKERS];
	int gate[2], i, n, status;
	char c;

	sum = mmap(NULL, sizeof(*sum), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(sum != MAP_FAILED);
	assert_int_equal(pipe(gate), 0);
	for (i = 0; i < TAKERS; i++) {
		child[i] = fork();
		assert_true(child[i] != -1);
		if (child[i] == 0) {
			close(gate[1]);
			if (read(gate[0], &c, 1) != 0)
				_exit(1);
			atomic_fetch_add(sum, work(round, i));
			_exit(0);
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (i = 0; i < TAKERS; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	n = *sum;
	munmap((void *)sum, sizeof(*sum));
	return (n);
}

static int
take_one_address(int round, int i)
{

	(void)i;
	return (take_all(network(round, 0), NOW));
}

static int
take_one_network(int round, int i)
{
	int j, n = 0;

	for (j = 0; j < 100; j++)
		n += take_all(network(round, (j + i) % 100), NOW);
	return (n);
}

static int
take_and_give(int round, int i)
{
	const struct address a = network(round, 0);
	struct throttle_taken one;
	int64_t retry_ms;

	for (i = 0; i < 20000; i++)
		if (throttle_take(t, &a, NOW, &one, &retry_ms) == ERR_OK)
			throttle_give_back(t, &one);
	return (0);
}

/* Exactly as much as one process gets. */
static void
many_processes_take_exactly_one_burst(void **state)
{
	int i;

	(void)state;
	throttle_close(t);
	options.burst = 500;
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	for (i = 0; i < 20; i++)
		assert_int_equal(together(take_one_address, i), 500);
	options.burst = BURST;
	throttle_close(t);
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	for (i = 100; i < 120; i++)
		assert_int_equal(together(take_one_network, i),
		    THROTTLE_COARSE * BURST);
	for (i = 200; i < 205; i++) {
		assert_int_equal(together(take_and_give, i), 0);
		assert_int_equal(take_all(network(i, 0), NOW), BURST);
	}
}

/* The first of two takes the slot while the second is looking for it.  Each
   round has an address of its own, and a time at which all buckets are full. */
#define ROUNDS 20000

static int
meet(_Atomic int *arrived, int rounds)
{
	struct address a;
	int n = 0, r;

	for (r = 0; r < rounds; r++) {
		a = network(r >> 16, r & 0xffff);
		atomic_fetch_add(arrived, 1);
		while (atomic_load(arrived) < 2 * (r + 1))
			sched_yield();
		n += take(a, NOW + r * HOUR_MS) == 0;
	}
	return (n);
}

static void
two_that_find_a_slot_at_once_share_one_burst(void **state)
{
	_Atomic int *shared;
	pid_t child;
	int status;

	(void)state;
	throttle_close(t);
	options.burst = 1;
	assert_int_equal(throttle_open(&options, &t), ERR_OK);
	options.burst = BURST;
	shared = mmap(NULL, 2 * sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	assert_true((child = fork()) != -1);
	if (child == 0) {
		atomic_fetch_add(&shared[1], meet(shared, ROUNDS));
		_exit(0);
	}
	atomic_fetch_add(&shared[1], meet(shared, ROUNDS));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(shared[1], ROUNDS);
	munmap((void *)shared, 2 * sizeof(*shared));
}

static int
count_and_sample(int round, int i)
{
	int n = 0;

	for (i = 0; i < 1000; i++) {
		throttle_count(t, ERR_SIGNATURE);
		n += throttle_sample(t, NOW + 10000 * round);
	}
	return (n);
}

static void
each_error_is_counted_under_its_name(void **state)
{
	uint64_t n[ERR_COUNT];
	int i;

	(void)state;
	throttle_counts(t, n);
	for (i = 0; i < ERR_COUNT; i++)
		assert_int_equal(n[i], 0);
	throttle_count(t, (enum err)(ERR_COUNT - 1));
	throttle_count(t, ERR_COUNT);
	throttle_count(t, (enum err)-1);
	for (i = 0; i < 5; i++)
		assert_int_equal(together(count_and_sample, i),
		    THROTTLE_SAMPLES);
	throttle_counts(t, n);
	assert_int_equal(n[ERR_SIGNATURE], 5 * TAKERS * 1000);
	assert_int_equal(n[ERR_COUNT - 1], 1);
	assert_int_equal(n[ERR_OK], 0);
}

static void
only_so_many_samples_are_taken_each_second(void **state)
{
	int64_t now;
	int n = 0;

	(void)state;
	for (now = NOW - NOW % 1000; now < NOW + 10000; now++) {
		n += throttle_sample(t, now);
		if (now % 1000 != 999)
			continue;
		assert_int_equal(n, THROTTLE_SAMPLES);
		assert_false(throttle_sample(t, now));
		n = 0;
	}

	/* A clock that is set back is another second. */
	assert_true(throttle_sample(t, NOW - 5000));
}

static void
take_for_ever(int m)
{
	struct throttle_taken one;
	int64_t retry_ms;
	struct address a;
	int i;

	for (i = 0;; i = (i + 1) & 1023) {
		a = network(m, i & 7);
		if (throttle_take(t, &a, NOW, &one, &retry_ms) == ERR_OK &&
		    i % 3 != 0)
			throttle_give_back(t, &one);
		throttle_count(t, ERR_SIGNATURE);
		(void)throttle_sample(t, NOW);
	}
}

/* Killed anywhere, it leaves a table that works. */
static void
a_process_killed_at_any_moment_leaves_a_good_table(void **state)
{
	struct timespec wait = { 0, 0 };
	pid_t child;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		child = fork();
		assert_true(child != -1);
		if (child == 0)
			take_for_ever(i);
		wait.tv_nsec = 1000000 + 77777 * i;
		nanosleep(&wait, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_true(take_all(network(i, 0), NOW) <= BURST);
		assert_int_equal(take_all(network(1000 + i, 0), NOW), BURST);
		assert_int_equal(take_all(network(i, 0), NOW + SPAN_MS),
		    BURST);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(an_address_has_a_burst_that_refills),
	T(each_address_has_a_bucket_of_its_own),
	T(an_ipv6_48_has_sixteen_times_a_burst),
	T(an_ipv4_24_has_sixteen_times_a_burst),
	T(an_address_pays_although_its_network_has_no_token),
	T(a_key_has_five_tokens_and_one_more_each_second),
	T(a_key_shares_no_bucket_with_an_address_of_the_same_bytes),
	T(a_key_keeps_its_slot_under_any_setting),
	T(a_token_that_is_given_back_can_be_taken_again),
	T(tokens_can_be_given_back_in_any_order),
	T(a_token_that_time_gave_back_is_not_given_twice),
	T(a_token_is_not_given_back_to_another_address),
	T(all_openings_of_the_table_share_its_buckets),
	T(a_table_that_was_deleted_is_made_again),
	T(a_table_with_limits_out_of_range_is_not_opened),
	T(a_table_of_another_form_is_replaced),
	T(a_table_with_damaged_slots_gives_bursts_again),
	T(addresses_of_a_full_table_share_what_is_left),
	T(the_slots_of_full_buckets_are_used_again),
	T(a_flood_of_addresses_frees_none_from_its_limit),
	T(a_clock_set_back_locks_nobody_out_for_long),
	T(a_request_that_waited_is_no_clock_set_back),
	T(a_clock_set_ahead_gives_one_burst),
	T(no_time_makes_a_bucket_overflow),
	T(many_processes_take_exactly_one_burst),
	T(two_that_find_a_slot_at_once_share_one_burst),
	T(each_error_is_counted_under_its_name),
	T(only_so_many_samples_are_taken_each_second),
	T(a_process_killed_at_any_moment_leaves_a_good_table)
};

TEST_MAIN(tests)
