#include "test.h"

#include <sys/eventfd.h>

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <time.h>

#include "ledger/redis_names.h"

#define SLOW "slow.test"
#define SLOW_MS 300

static atomic_int asked;

/* In place of the C library's: one name takes its time. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);
	void *found = dlsym(RTLD_NEXT, "getaddrinfo");

	memcpy(&real, &found, sizeof(real));
	asked++;
	if (strcmp(node, "no.test") == 0)
		return (EAI_NONAME);
	if (strcmp(node, SLOW) == 0)
		usleep(SLOW_MS * 1000);
	return (real(strcmp(node, SLOW) == 0 ? "127.0.0.2" : "127.0.0.1",
	    service, hints, res));
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void
an_address_is_not_looked_up(void **state)
{
	struct redis_lookup *l = NULL;
	struct redis_names n;

	(void)state;
	asked = 0;
	assert_int_equal(redis_names_find(&l, "::1", 0, -1, &n), ERR_OK);
	assert_string_equal(n.address[0], "::1");
	assert_int_equal(redis_names_find(&l, "192.0.2.1", 0, -1, &n), ERR_OK);
	assert_int_equal(asked, 0);
	assert_null(l);
}

static void
a_name_that_does_not_exist_is_refused(void **state)
{
	struct redis_lookup *l = NULL;
	struct redis_names n;

	(void)state;
	assert_int_equal(redis_names_find(&l, "no.test", 5000, -1, &n),
	    ERR_FORMAT);
	assert_null(l);
}

static void
a_slow_look_up_is_waited_for_by_the_next_call(void **state)
{
	const int64_t start = now_ms();
	struct redis_lookup *l = NULL;
	struct redis_names n;

	(void)state;
	asked = 0;
	assert_int_equal(redis_names_find(&l, SLOW, 20, -1, &n), ERR_IO);
	assert_true(now_ms() - start < SLOW_MS);
	assert_non_null(l);
	assert_int_equal(redis_names_find(&l, SLOW, 5000, -1, &n), ERR_OK);
	assert_string_equal(n.address[0], "127.0.0.2");
	assert_int_equal(asked, 1);
	assert_null(l);
}

static void
another_host_is_not_given_the_addresses_of_the_one_before(void **state)
{
	struct redis_lookup *l = NULL;
	struct redis_names n;

	(void)state;
	assert_int_equal(redis_names_find(&l, SLOW, 20, -1, &n), ERR_IO);
	assert_int_equal(redis_names_find(&l, "fast.test", 5000, -1, &n),
	    ERR_OK);
	assert_string_equal(n.address[0], "127.0.0.1");
	assert_null(l);

	/* The thread that nobody waits for frees what it has. */
	usleep(2 * SLOW_MS * 1000);
}

static void
a_timer_ends_the_wait(void **state)
{
	const int64_t start = now_ms();
	struct redis_lookup *l = NULL;
	struct redis_names n;
	const int timer = eventfd(1, EFD_CLOEXEC);

	(void)state;
	assert_true(timer != -1);
	assert_int_equal(redis_names_find(&l, SLOW, 5000, timer, &n), ERR_IO);
	assert_true(now_ms() - start < SLOW_MS);
	redis_names_free(l);
	close(timer);
	usleep(2 * SLOW_MS * 1000);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_address_is_not_looked_up),
	cmocka_unit_test(a_name_that_does_not_exist_is_refused),
	cmocka_unit_test(a_slow_look_up_is_waited_for_by_the_next_call),
	cmocka_unit_test(another_host_is_not_given_the_addresses_of_the_one_before),
	cmocka_unit_test(a_timer_ends_the_wait),
};

TEST_MAIN(tests)
