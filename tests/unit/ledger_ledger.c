/* What every engine does; tests come in a table, once for each. */
#include "ledger.h"

static void
what_was_signed_before_the_ledgers_birth_is_refused(void **state)
{
	struct ledger *s = opened();

	(void)state;
	assert_int_equal(admit(s, 1, NOW - 1, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 1, NOW, NOW + 5), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 1, NOW + 1, NOW + 5), ERR_OK);
	ledger_free(s);

	/* The birth is that of the ledger, not of whoever opens it. */
	s = opened();
	assert_int_equal(admit(s, 2, NOW + 1, NOW + 9), ERR_OK);
	assert_int_equal(admit(s, 3, NOW, NOW + 9), ERR_SIGNED_EARLY);
	ledger_free(s);
}

static void
what_was_signed_before_the_boot_is_refused(void **state)
{
	struct ledger *s = born();
	struct ledger_request r = request(2, NOW - 100, NOW);
	struct ledger_result out;

	(void)state;
	r.boot_ms = NOW - 100;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_SIGNED_EARLY);
	r.signed_at_ms++;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	ledger_free(s);
}

static void
a_key_is_admitted_once(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_REPLAY);
	assert_int_equal(admit(s, 2, NOW, NOW + 9), ERR_REPLAY);
	assert_int_equal(admit(s, 3, NOW, NOW), ERR_OK);
	ledger_free(s);
	s = opened();
	assert_int_equal(admit(s, 3, NOW, NOW), ERR_REPLAY);

	/* What may be replayed may be as old as it likes. */
	assert_int_equal(admit(s, 0, 0, NOW), ERR_OK);
	assert_int_equal(admit(s, 0, 0, NOW), ERR_OK);
	ledger_free(s);
}

/* A key is remembered until the window is past, and for up to a second longer.
   It stands for the floor from then on. */
static void
a_key_is_remembered_until_its_window_is_past(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_int_equal(admit(s, 3, NOW + 360000, NOW + 360000), ERR_OK);
	assert_int_equal(admit(s, 2, NOW, NOW + 360000), ERR_REPLAY);
	assert_int_equal(admit(s, 4, NOW + 360000, NOW + 361001), ERR_OK);
	assert_int_equal(admit(s, 2, NOW, NOW + 361001), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 5, NOW + 1, NOW + 361001), ERR_OK);
	ledger_free(s);
}

static void
a_clock_ahead_and_back_refuses_what_was_forgotten(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_int_equal(admit(s, 3, NOW + DAY_MS, NOW + DAY_MS), ERR_OK);
	assert_int_equal(admit(s, 2, NOW, NOW + 1), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 4, NOW + 1, NOW + 1), ERR_OK);
	assert_int_equal(admit(s, 4, NOW + 1, NOW + 1), ERR_REPLAY);
	assert_int_equal(admit(s, 3, NOW + DAY_MS, NOW + DAY_MS), ERR_REPLAY);
	ledger_free(s);
}

/* 200 keys are forgotten by one request, the oldest, and no more. */
static void
old_keys_are_forgotten_in_steps(void **state)
{
	struct ledger *s = born();
	int i;

	(void)state;
	for (i = 0; i < 250; i++)
		assert_int_equal(admit(s, 10 + i, NOW + i, NOW), ERR_OK);
	assert_int_equal(admit(s, 2, NOW + DAY_MS, NOW + DAY_MS), ERR_OK);
	assert_int_equal(admit(s, 10 + 199, NOW + 199, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 10 + 200, NOW + 200, NOW), ERR_REPLAY);
	assert_int_equal(admit(s, 3, NOW + DAY_MS, NOW + DAY_MS), ERR_OK);
	assert_int_equal(admit(s, 10 + 249, NOW + 249, NOW), ERR_SIGNED_EARLY);
	ledger_free(s);
}

static void
a_limit_admits_exactly_its_number(void **state)
{
	struct ledger *s = born();
	struct ledger_counter c[3] = { { "a", 9, false }, { "b", 3, false },
	    { "c", 5, false } };
	struct ledger_request r = request(2, NOW, NOW);
	struct ledger_result out;
	int i;

	(void)state;
	r.counter = c;
	r.counters = 3;
	for (i = 1; i <= 3; i++) {
		r.replay_key = key(i + 1);
		assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
		assert_int_equal(out.used[0], i);
		assert_int_equal(out.used[2], i);
	}
	r.replay_key = key(5);
	for (i = 0; i < 3; i++) {
		assert_int_equal(ledger_admit(s, &r, &out), ERR_LIMIT);
		assert_int_equal(out.which, 1);
	}
	assert_int_equal(used(s, TODAY, "a"), 3);
	assert_int_equal(used(s, TODAY, "c"), 3);

	/* The replay key was not spent; one that was is told first. */
	c[1].limit = 4;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	assert_int_equal(ledger_admit(s, &r, &out), ERR_REPLAY);
	ledger_free(s);
}

static void
limits_at_the_ends_of_their_range_hold(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(spend(s, "none", 0, NOW), ERR_LIMIT);
	assert_int_equal(spend(s, "none", -1, NOW), ERR_LIMIT);
	assert_int_equal(spend(s, "none", INT64_MIN, NOW), ERR_LIMIT);
	assert_int_equal(used(s, TODAY, "none"), 0);
	assert_int_equal(spend(s, "all", INT64_MAX, NOW), ERR_OK);
	assert_int_equal(used(s, TODAY, "all"), 1);
	ledger_free(s);
}

static void
spend_two(struct ledger *s, const char *own, enum err want, int64_t total)
{
	struct ledger_counter c[2] = { { own, 5, false }, { "total", 2, true } };
	struct ledger_request r = request(0, 0, NOW);
	struct ledger_result out;

	r.counter = c;
	r.counters = 2;
	r.free = 2;
	assert_int_equal(ledger_admit(s, &r, &out), want);
	if (want == ERR_OK)
		assert_int_equal(out.used[1], total);
	else
		assert_int_equal(out.which, 1);
}

/* The first two of every key go by the total. */
static void
a_keys_first_requests_do_not_touch_the_total(void **state)
{
	struct ledger *s = born();

	(void)state;
	spend_two(s, "a", ERR_OK, 0);
	spend_two(s, "a", ERR_OK, 0);
	spend_two(s, "a", ERR_OK, 1);
	spend_two(s, "a", ERR_OK, 2);
	spend_two(s, "a", ERR_LIMIT, 0);
	assert_int_equal(used(s, TODAY, "a"), 4);
	spend_two(s, "b", ERR_OK, 2);
	spend_two(s, "b", ERR_OK, 2);
	spend_two(s, "b", ERR_LIMIT, 0);
	assert_int_equal(used(s, TODAY, "total"), 2);
	ledger_free(s);
}

static void
each_day_has_its_own_count(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(spend(s, "a", 1, NOW), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_LIMIT);
	assert_int_equal(spend(s, "a", 1, NOW + DAY_MS), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_LIMIT);
	assert_int_equal(spend(s, "a", 1, NOW + 7 * DAY_MS), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_LIMIT);
	ledger_free(s);
}

static void
add_name(void *user, const char *name, int64_t n)
{
	char *all = user;

	snprintf(all + strlen(all), 100, "%s=%" PRId64 " ", name, n);
}

static void
the_usage_of_a_day_lists_its_counters(void **state)
{
	static const char *const names[] = { "b:2", "b:10", "a", "b:2", "c",
	    "b:\303\244'\"%\n", "b" };
	struct ledger *s = opened();
	char all[800] = "";
	size_t i;

	(void)state;
	assert_int_equal(ledger_usage(s, TODAY, "", add_name, all), ERR_OK);
	assert_string_equal(all, "");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(spend(s, names[i], 9, NOW), ERR_OK);
	assert_int_equal(ledger_usage(s, TODAY, "b:", add_name, all), ERR_OK);
	assert_string_equal(all, "b:10=1 b:2=2 b:\303\244'\"%\n=1 ");
	assert_int_equal(used(s, TODAY, ""), 7);
	assert_int_equal(used(s, TODAY + 1, ""), 0);
	ledger_free(s);
}

static void
names_and_counters_beyond_their_room_are_refused(void **state)
{
	char name[LEDGER_NAME_MAX + 2];
	struct ledger *s = opened();
	struct ledger_counter c[LEDGER_COUNTERS_MAX + 1] = { { "a", 9, false },
	    { "b", 9, false }, { "c", 9, false }, { "d", 9, false },
	    { "e", 9, false } };
	struct ledger_request r = request(0, 0, NOW), bad;
	struct ledger_result out;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[LEDGER_NAME_MAX] = '\0';
	r.counter = c;
	r.counters = LEDGER_COUNTERS_MAX;
	c[3].name = name;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	name[LEDGER_NAME_MAX] = 'n';
	name[LEDGER_NAME_MAX + 1] = '\0';
	assert_int_equal(ledger_admit(s, &r, &out), ERR_INTERNAL);
	c[3].name = "";
	assert_int_equal(ledger_admit(s, &r, &out), ERR_INTERNAL);
	c[3].name = "a";
	assert_int_equal(ledger_admit(s, &r, &out), ERR_INTERNAL);
	c[3].name = "d";
	c[0].shared = true;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_INTERNAL);
	c[0].shared = false;
	bad = r;
	bad.counters++;
	assert_int_equal(ledger_admit(s, &bad, &out), ERR_INTERNAL);
	bad = r;
	bad.day = -1;
	assert_int_equal(ledger_admit(s, &bad, &out), ERR_INTERNAL);
	bad = r;
	bad.now_ms = INT64_MAX;
	assert_int_equal(ledger_admit(s, &bad, &out), ERR_INTERNAL);
	assert_int_equal(used(s, TODAY, "a"), 1);
	ledger_free(s);
}

#define WORKERS 8
#define EACH 125

/* Eight at once make the ledger, and have 100 admitted together, to the last
   one. */
static void
eight_processes_admit_exactly_the_limit(void **state)
{
	struct ledger *s = opened();
	int i, k, status, sum = 0;
	pid_t pid[WORKERS];
	enum err e;

	(void)state;
	for (i = 0; i < WORKERS; i++) {
		if ((pid[i] = fork()) != 0)
			continue;
		s = opened();
		for (k = 0; k < EACH; k++) {
			e = spend(s, "a", 100, NOW);
			if (e != ERR_OK && e != ERR_LIMIT)
				_exit(255);
			sum += e == ERR_OK;
		}
		_exit(sum);
	}
	for (i = 0; i < WORKERS; i++) {
		waitpid(pid[i], &status, 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
		sum += WEXITSTATUS(status);
	}
	assert_int_equal(sum, 100);
	assert_int_equal(used(s, TODAY, "a"), 100);
	ledger_free(s);
}

/* Says each of its admissions as a byte, until it is killed. */
static pid_t
victim(int out, int64_t first)
{
	struct ledger *s;
	pid_t pid;
	int64_t n;

	if ((pid = fork()) != 0)
		return (pid);
	s = opened();
	for (n = first; n < first + 1000000; n++) {
		struct ledger_counter c = { "a", INT64_MAX, false };
		struct ledger_request r = request(n, NOW, NOW);
		struct ledger_result result;

		r.counter = &c;
		r.counters = 1;
		if (ledger_admit(s, &r, &result) != ERR_OK ||
		    write(out, "", 1) != 1)
			break;
	}
	_exit(1);
}

/* Whoever is killed in the middle leaves all or nothing, and no lock. */
static void
a_process_killed_at_any_moment_leaves_all_or_nothing(void **state)
{
	const int kills = 50;
	struct ledger *s = born();
	int64_t answered = 0, counted;
	unsigned dice = 12345;
	int p[2], i, status, died = 0;
	char bytes[4096];
	pid_t pid[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(p), 0);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	pid[0] = victim(p[1], 1000000);
	pid[1] = victim(p[1], 2000000);
	for (i = 0; i < kills; i++) {
		dice = dice * 1103515245 + 12345;
		nap_ms(3 + (long)(dice >> 16) % 15);
		kill(pid[i % 2], SIGKILL);
		waitpid(pid[i % 2], &status, 0);
		died += WIFEXITED(status);
		if (i + 2 < kills)
			pid[i % 2] = victim(p[1], 1000000 * (i + 3));
		while ((n = read(p[0], bytes, sizeof(bytes))) > 0)
			answered += n;
	}
	close(p[0]);
	close(p[1]);
	counted = used(s, TODAY, "a");
	print_message("# %" PRId64 " answered, %" PRId64 " counted\n",
	    answered, counted);
	assert_int_equal(died, 0);
	assert_true(answered > 0 && answered <= counted &&
	    counted <= answered + kills);
	assert_int_equal(spend(s, "a", INT64_MAX, NOW), ERR_OK);
	ledger_free(s);
}

/* What is taken back was never there: neither key nor count. */
static void
what_is_undone_can_be_admitted_again(void **state)
{
	struct ledger *s = born();
	const struct ledger_counter c[] = {
		{ "own", 3, false }, { "all", 10, true }
	};
	struct ledger_request r = request(7, NOW, NOW);
	struct ledger_result out;
	int i;

	(void)state;
	r.counter = c;
	r.counters = 2;
	r.free = 1;
	for (i = 0; i < 5; i++) {
		assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
		assert_int_equal(out.used[0], 1);
		assert_int_equal(used(s, TODAY, "own"), 1);
		assert_int_equal(ledger_undo(s, &r, &out), ERR_OK);
		assert_int_equal(used(s, TODAY, ""), 0);
	}
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	assert_int_equal(ledger_admit(s, &r, &out), ERR_REPLAY);

	/* The shared counter goes down only where it went up. */
	r.replay_key = key(8);
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	assert_int_equal(used(s, TODAY, "own"), 2);
	assert_int_equal(used(s, TODAY, "all"), 1);
	assert_int_equal(ledger_undo(s, &r, &out), ERR_OK);
	assert_int_equal(used(s, TODAY, "own"), 1);
	assert_int_equal(used(s, TODAY, "all"), 0);
	ledger_free(s);
}

/* Twice by mistake, or after the counts are gone: nothing goes below zero. */
static void
undoing_twice_leaves_no_negative_count(void **state)
{
	struct ledger *s = born();
	const struct ledger_counter c = { "own", 3, false };
	struct ledger_request r = request(7, NOW, NOW);
	struct ledger_result out;

	(void)state;
	r.counter = &c;
	r.counters = 1;
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	assert_int_equal(ledger_undo(s, &r, &out), ERR_OK);
	assert_int_equal(ledger_undo(s, &r, &out), ERR_OK);
	assert_int_equal(used(s, TODAY, ""), 0);
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	assert_int_equal(out.used[0], 1);
	ledger_free(s);
}

/* Once for each engine. */
#define BOTH(test)							\
	{ "local: " #test, test, make_dir, remove_dir, NULL },		\
	{ "redis: " #test, IF_REDIS(test), make_redis, remove_dir, NULL }

static int
run_both(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(what_was_signed_before_the_ledgers_birth_is_refused),
		BOTH(what_was_signed_before_the_boot_is_refused),
		BOTH(a_key_is_admitted_once),
		BOTH(a_key_is_remembered_until_its_window_is_past),
		BOTH(a_clock_ahead_and_back_refuses_what_was_forgotten),
		BOTH(old_keys_are_forgotten_in_steps),
		BOTH(a_limit_admits_exactly_its_number),
		BOTH(limits_at_the_ends_of_their_range_hold),
		BOTH(a_keys_first_requests_do_not_touch_the_total),
		BOTH(each_day_has_its_own_count),
		BOTH(the_usage_of_a_day_lists_its_counters),
		BOTH(names_and_counters_beyond_their_room_are_refused),
		BOTH(eight_processes_admit_exactly_the_limit),
		BOTH(a_process_killed_at_any_moment_leaves_all_or_nothing),
		BOTH(what_is_undone_can_be_admitted_again),
		BOTH(undoing_twice_leaves_no_negative_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

int
main(void)
{

	return (test_main(run_both));
}
