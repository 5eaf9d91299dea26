#include "test.h"

#include "state/busiest.h"

#define NOW INT64_C(1700000000)
#define HOUR_S 3600

static const uint8_t salt[BUSIEST_SALT_LEN] = { 1, 2, 3 };
static struct busiest b;

static int
setup(void **state)
{

	(void)state;
	memset(&b, 0, sizeof(b));
	return (0);
}

static struct address
address(unsigned n)
{
	struct address a;
	char text[32];

	snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255,
	    n >> 8 & 255, n & 255);
	assert_int_equal(address_parse(text, strlen(text), &a), ERR_OK);
	return (a);
}

static const uint8_t *
key(unsigned n)
{
	static uint8_t k[BUSIEST_KEY_LEN];

	memcpy(k, &n, sizeof(n));
	return (k);
}

static void
the_one_with_the_most_refusals_is_found(void **state)
{
	struct busiest_most most;
	struct address a;
	unsigned i, k;

	(void)state;
	for (i = 1; i <= 40; i++) {
		a = address(i);
		for (k = 0; k < i; k++)
			busiest_refused(&b, salt, i % 2 == 0 ? key(i) : NULL,
			    &a, NOW);
	}
	a = address(40);
	busiest_refused(&b, salt, key(40), NULL, NOW);
	busiest_refused(&b, salt, NULL, &a, NOW);
	busiest_refused(&b, salt, NULL, &a, NOW);
	most = busiest_most(&b, NOW);
	assert_int_equal(most.hotkey_refusals, 41);
	assert_int_equal(most.address_refusals, 42);
	assert_int_equal(most.addresses, 0);
}

static void
the_next_hour_begins_at_zero(void **state)
{
	const int64_t next = NOW - NOW % HOUR_S + HOUR_S;
	struct address a = address(1);
	struct busiest_most most;

	(void)state;
	busiest_refused(&b, salt, key(1), &a, next - 1);
	busiest_refused(&b, salt, key(1), &a, next - 1);
	busiest_came(&b, salt, key(1), &a, next - 1);
	assert_int_equal(busiest_most(&b, next - 1).hotkey_refusals, 2);
	most = busiest_most(&b, next);
	assert_int_equal(most.hotkey_refusals + most.address_refusals +
	    most.addresses, 0);
	busiest_refused(&b, salt, key(1), &a, next);
	most = busiest_most(&b, next);
	assert_int_equal(most.hotkey_refusals, 1);
	assert_int_equal(most.address_refusals, 1);
	assert_int_equal(most.addresses, 0);
}

static void
addresses_of_a_hotkey_are_counted_once_each(void **state)
{
	struct address a;
	unsigned i, k;

	(void)state;
	for (k = 0; k < 5; k++) {
		for (i = 0; i < 5; i++) {
			a = address(i);
			busiest_came(&b, salt, key(1), &a, NOW);
			busiest_came(&b, salt, key(100 + i), &a, NOW);
		}
	}
	assert_in_range(busiest_most(&b, NOW).addresses, 4, 6);
}

static void
many_addresses_of_a_hotkey_are_estimated(void **state)
{
	struct address a;
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		a = address(i * 7);
		busiest_came(&b, salt, key(1), &a, NOW);
	}
	assert_in_range(busiest_most(&b, NOW).addresses, 70, 140);
	for (; i < 3000; i++) {
		a = address(i * 7);
		busiest_came(&b, salt, key(1), &a, NOW);
	}
	assert_int_equal(busiest_most(&b, NOW).addresses,
	    BUSIEST_ADDRESSES_MAX);
}

/* A /64 is one customer. */
static void
addresses_of_one_ipv6_network_are_one(void **state)
{
	struct address a;
	char text[40];
	int i;

	(void)state;
	for (i = 1; i <= 9; i++) {
		snprintf(text, sizeof(text), "2001:db8::%d", i);
		assert_int_equal(address_parse(text, strlen(text), &a),
		    ERR_OK);
		busiest_refused(&b, salt, NULL, &a, NOW);
		busiest_came(&b, salt, key(1), &a, NOW);
	}
	assert_int_equal(busiest_most(&b, NOW).address_refusals, 9);
	assert_int_equal(busiest_most(&b, NOW).addresses, 1);
}

static void
a_full_table_never_counts_too_few(void **state)
{
	struct address a;
	unsigned i;

	(void)state;
	for (i = 0; i < 4 * BUSIEST_ADDRESSES; i++) {
		a = address(i);
		busiest_refused(&b, salt, key(i), &a, NOW);
	}
	a = address(999999);
	for (i = 0; i < 50; i++)
		busiest_refused(&b, salt, key(999999), &a, NOW);
	assert_in_range(busiest_most(&b, NOW).address_refusals, 50, 100);
	assert_in_range(busiest_most(&b, NOW).hotkey_refusals, 50, 150);
}

static void
a_hotkey_that_is_asked_for_has_its_own_numbers(void **state)
{
	struct busiest before;
	struct address a;
	unsigned i;

	(void)state;
	for (i = 1; i <= 40; i++) {
		a = address(i);
		busiest_came(&b, salt, key(i % 2), &a, NOW);
		busiest_refused(&b, salt, key(i), &a, NOW);
		busiest_refused(&b, salt, key(7), &a, NOW);
	}
	memcpy(&before, &b, sizeof(b));
	assert_int_equal(busiest_of(&b, salt, key(7), NOW).hotkey_refusals,
	    41);
	assert_int_equal(busiest_of(&b, salt, key(9), NOW).hotkey_refusals, 1);
	assert_int_equal(busiest_of(&b, salt, key(41), NOW).hotkey_refusals,
	    0);
	assert_int_equal(busiest_of(&b, salt, key(7), NOW + HOUR_S)
	    .hotkey_refusals, 0);
	assert_in_range(busiest_of(&b, salt, key(1), NOW).addresses, 15, 25);
	assert_int_equal(busiest_of(NULL, NULL, key(7), NOW).hotkey_refusals,
	    0);
	assert_memory_equal(&before, &b, sizeof(b));
}

static void
without_a_table_nothing_happens(void **state)
{
	struct address a = address(1);

	(void)state;
	busiest_refused(NULL, NULL, key(1), &a, NOW);
	busiest_came(NULL, NULL, key(1), &a, NOW);
	assert_int_equal(busiest_most(NULL, NOW).hotkey_refusals, 0);
}

static const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
	T(the_one_with_the_most_refusals_is_found),
	T(the_next_hour_begins_at_zero),
	T(addresses_of_a_hotkey_are_counted_once_each),
	T(many_addresses_of_a_hotkey_are_estimated),
	T(addresses_of_one_ipv6_network_are_one),
	T(a_full_table_never_counts_too_few),
	T(a_hotkey_that_is_asked_for_has_its_own_numbers),
	T(without_a_table_nothing_happens),
};

TEST_MAIN(tests)
