#include "test.h"

#include "ledger/floor.h"
#include "ledger/ledger.h"

#define NOW INT64_C(1795360631000)
#define DAY_MS INT64_C(86400000)
#define GAP LEDGER_FLOOR_GAP_MS

static const struct ledger_floor none = { NOW, 0, -1 };

static void
what_is_forgotten_in_order_raises_the_floor(void **state)
{
	struct ledger_floor f = none;

	(void)state;
	assert_true(ledger_floor_refuses(&f, NOW));
	assert_false(ledger_floor_refuses(&f, NOW + 1));
	ledger_floor_forget(&f, NOW - 5, NOW - 1);
	assert_int_equal(f.floor_ms, NOW);
	ledger_floor_forget(&f, NOW + GAP, NOW + GAP + 7);
	assert_int_equal(f.floor_ms, NOW + GAP + 7);
	assert_true(f.to_ms < f.from_ms);
}

static void
what_is_forgotten_far_ahead_leaves_the_time_between_open(void **state)
{
	struct ledger_floor f = none;

	(void)state;
	ledger_floor_forget(&f, NOW + DAY_MS, NOW + DAY_MS + 10);
	ledger_floor_forget(&f, NOW + DAY_MS + 20, NOW + DAY_MS + 30);
	assert_true(ledger_floor_refuses(&f, NOW));
	assert_false(ledger_floor_refuses(&f, NOW + 1));
	assert_false(ledger_floor_refuses(&f, NOW + DAY_MS - 1));
	assert_true(ledger_floor_refuses(&f, NOW + DAY_MS));
	assert_true(ledger_floor_refuses(&f, NOW + DAY_MS + 30));
	assert_false(ledger_floor_refuses(&f, NOW + DAY_MS + 31));

	/* The clock is right again; then the time comes that it showed. */
	ledger_floor_forget(&f, NOW + 5, NOW + 6);
	assert_false(ledger_floor_refuses(&f, NOW + 7));
	ledger_floor_forget(&f, NOW + DAY_MS - 9, NOW + DAY_MS - 8);
	assert_false(ledger_floor_refuses(&f, NOW + DAY_MS - 7));
	assert_true(ledger_floor_refuses(&f, NOW + DAY_MS - 8));
	ledger_floor_forget(&f, NOW + DAY_MS - 4, NOW + DAY_MS + 40);
	assert_true(ledger_floor_refuses(&f, NOW + DAY_MS - 4));
	assert_true(ledger_floor_refuses(&f, NOW + DAY_MS + 40));
	assert_false(ledger_floor_refuses(&f, NOW + DAY_MS + 41));
}

/* Days without a request look like a clock that was set: nobody is refused who
   would not have been. */
static void
long_gaps_refuse_nothing_that_is_still_to_come(void **state)
{
	struct ledger_floor f = none;
	int64_t t = NOW;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		t += (i % 7 + 1) * GAP / 3;
		ledger_floor_forget(&f, t, t + i % 3);
		assert_true(ledger_floor_refuses(&f, t));
		assert_true(ledger_floor_refuses(&f, t + i % 3));
		assert_false(ledger_floor_refuses(&f, t + i % 3 + 1));
		assert_false(ledger_floor_shuts(&f, t + LEDGER_WINDOW_MS));
	}
}

/* Whatever is forgotten in whatever order stays refused. */
static void
nothing_that_was_forgotten_is_let_in_again(void **state)
{
	struct ledger_floor f;
	int64_t from[5], to[5];
	uint64_t x = 88172645463325252;
	int n, i, k;

	(void)state;
	for (n = 0; n < 5000; n++) {
		i = n % 5;
		f = i == 0 ? none : f;
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		from[i] = NOW + (int64_t)(x % (uint64_t)(4 * DAY_MS));
		to[i] = from[i] + (int64_t)(x >> 40) % (GAP + 1);
		ledger_floor_forget(&f, from[i], to[i]);
		for (k = 0; k <= i; k++) {
			assert_true(ledger_floor_refuses(&f, from[k]));
			assert_true(ledger_floor_refuses(&f, to[k]));
		}
	}
}

static void
a_floor_shuts_everybody_out_only_when_it_is_ahead(void **state)
{
	struct ledger_floor f = none;

	(void)state;
	assert_false(ledger_floor_shuts(&f, NOW));
	assert_false(ledger_floor_shuts(&f, NOW - LEDGER_AHEAD_MS));
	assert_true(ledger_floor_shuts(&f, NOW - LEDGER_AHEAD_MS - 1));
	f.from_ms = NOW + DAY_MS;
	f.to_ms = NOW + 2 * DAY_MS;
	assert_false(ledger_floor_shuts(&f, NOW));
	assert_false(ledger_floor_shuts(&f, NOW + DAY_MS - 1));
	assert_true(ledger_floor_shuts(&f, NOW + DAY_MS));
	assert_false(ledger_floor_shuts(&f, NOW + 2 * DAY_MS));
}

static void
a_floor_that_is_no_time_is_damaged(void **state)
{
	struct ledger_floor f = none;

	(void)state;
	assert_true(ledger_floor_ok(&f));
	f.floor_ms = INT64_MAX;
	assert_false(ledger_floor_ok(&f));
	f = none;
	f.to_ms = INT64_MAX;
	assert_false(ledger_floor_ok(&f));
	f = none;
	f.from_ms = INT64_MIN;
	assert_false(ledger_floor_ok(&f));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_is_forgotten_in_order_raises_the_floor),
	cmocka_unit_test(
	    what_is_forgotten_far_ahead_leaves_the_time_between_open),
	cmocka_unit_test(long_gaps_refuse_nothing_that_is_still_to_come),
	cmocka_unit_test(nothing_that_was_forgotten_is_let_in_again),
	cmocka_unit_test(a_floor_shuts_everybody_out_only_when_it_is_ahead),
	cmocka_unit_test(a_floor_that_is_no_time_is_damaged),
};

TEST_MAIN(tests)
