#include "test.h"

#include "top_line.h"
#include "top_view.h"

static struct top_view v;
static struct top_sample s;
static struct top_change c;
static struct top_facts f;

/* All places in use, with numbers that no service has. */
static void
fill(uint64_t n)
{
	char name[LEDGER_NAME_MAX + 1];
	struct top_sample_endpoint *e;
	size_t i, k;

	memset(&s, 0, sizeof(s));
	memset(&f, 0, sizeof(f));
	s.at_ms = 2000;
	s.born_s = 1;
	s.verified = s.hotkey_refusals = s.address_refusals = n;
	s.hotkey_addresses = n;
	s.endpoints = METRICS_ENDPOINTS;
	for (i = 0; i < s.endpoints; i++) {
		e = &s.endpoint[i];
		memset(e->name, 'a' + (int)(i % 26), METRICS_NAME_MAX);
		for (k = 0; k < ERR_COUNT; k++)
			e->answers[k] = n;
		for (k = 0; k <= METRICS_BUCKETS; k++)
			e->took[k] = n;
		e->granted = e->took_us = n;
		e->confined = e->open = n > UINT32_MAX ? UINT32_MAX :
		    (unsigned)n;
	}
	f.now_s = 253402300799;
	f.has_snapshot = f.has_index = n % 2 == 1;
	f.block = n;
	f.hotkeys = UINT32_MAX;
	f.snapshot_age_s = f.snapshot_limit_s = (int64_t)(n >> 1);
	f.index_age_s = -(int64_t)(n >> 1);
	f.ledger = "the Redis that the sentinels name";
	for (i = 0; i < TOP_KEYS_MAX + 5; i++) {
		snprintf(name, sizeof(name), "hotkey/%0*zu/%s", 150, i,
		    "validator_answers");
		top_facts_key(&f, name, (int64_t)(n >> 1), i % 2 == 0 ?
		    (int64_t)(n >> 1) : 1);
	}
}

static void
change(bool rates, enum top_sort sort)
{
	static struct top_sample before;

	memset(&before, 0, sizeof(before));
	before.at_ms = 1999;
	top_sample_compare(rates ? &before : NULL, &s, sort, &c);
}

/* Columns of a line, or -1 if it holds what a terminal obeys, except whole
   SGR codes that end. */
static int
shown_width(const char *text, bool color)
{
	bool open = false;
	int n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\033') {
			if (!color || text[1] != '[' || strspn(text + 2,
			    "0123456789") == 0)
				return (-1);
			open = strncmp(text, "\033[0m", 4) != 0;
			text += 2 + strspn(text + 2, "0123456789");
			if (*text != 'm')
				return (-1);
		} else if (*text < ' ' || *text > '~') {
			return (-1);
		} else {
			n++;
		}
	}
	return (open ? -1 : n);
}

static void
check_all(const struct top_look *look)
{
	size_t i;

	top_view_make(&v, look, &s, &c, &f);
	assert_in_range(v.n, 0, look->height);
	for (i = 0; i < v.n; i++) {
		if (shown_width(v.line[i], look->color) < 0 ||
		    shown_width(v.line[i], look->color) > (int)look->width)
			fail_msg("%zu x %zu, line %zu: %s", look->width,
			    look->height, i, v.line[i]);
	}
}

static void
sizes(bool rates)
{
	struct top_look look = { .peak = 3, .interval_s = INT64_MAX };

	for (look.width = 1; look.width <= 200; look.width++) {
		look.height = 5 + look.width * 37 % 56;
		look.color = look.width % 4 < 2;
		look.paused = look.width % 3 == 0;
		look.help = look.width % 17 == 0;
		look.skip = look.width * 3;
		change(rates, (enum top_sort)(look.width % 3));
		check_all(&look);
	}
	look.width = 100;
	for (look.height = 5; look.height <= 60; look.height++)
		check_all(&look);
}

static void
no_line_is_wider_and_no_view_is_higher_than_its_room(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 99999, 123456789,
	    UINT64_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		fill(numbers[i]);
		sizes(i % 2 == 0);
	}
}

static void
a_room_that_is_larger_than_any_is_filled_without_harm(void **state)
{
	const struct top_look look = { .width = 60000, .height = 60000 };

	(void)state;
	fill(5);
	change(true, TOP_BY_REQUESTS);
	check_all(&(struct top_look){ .width = 200, .height = 60000 });
	top_view_make(&v, &look, &s, &c, &f);
	assert_int_equal(v.n, TOP_VIEW_LINES);
	top_view_make(&v, &(struct top_look){ .width = 0, .height = 0 }, &s,
	    &c, &f);
	assert_int_equal(v.n, 0);
}

static void
without_a_table_the_reason_is_shown_and_the_ledger(void **state)
{
	struct top_look look = { .width = 80, .height = 30 };
	bool found = false, key = false;
	size_t i;

	(void)state;
	fill(7);
	top_sample_none(&s, "there is none", 0);
	change(true, TOP_BY_REQUESTS);
	for (look.width = 40; look.width <= 200; look.width++)
		check_all(&look);
	for (i = 0; i < v.n; i++) {
		found |= strstr(v.line[i], "no counts: there is none") != NULL;
		key |= strstr(v.line[i], "validator_answers") != NULL;
		assert_null(strstr(v.line[i], "ENDPOINT"));
	}
	assert_true(found && key);
}

static void
what_a_ledger_names_is_made_printable(void **state)
{
	const struct top_look look = { .width = 200, .height = 250 };
	size_t i;

	(void)state;
	fill(3);
	f.keys = 0;
	top_facts_key(&f, "hotkey/\033]0;x\007\xe2\x80\xae/folder_grants", 5,
	    9);
	top_facts_key(&f, "\033[2J", 5, -1);
	top_facts_key(&f, "//", -5, -1);
	top_facts_key(&f, "", INT64_MAX, 0);
	change(false, TOP_BY_REQUESTS);
	check_all(&look);
	for (i = 0; i < v.n; i++) {
		if (strstr(v.line[i], "?]0;x??") != NULL)
			return;
	}
	fail();
}

static void
scrolling_shows_each_line_and_keeps_the_first_ones(void **state)
{
	struct top_look look = { .width = 100, .height = 24 };
	static char all[TOP_VIEW_LINES][TOP_VIEW_TEXT + 1];
	size_t n, i;

	(void)state;
	fill(3);
	change(true, TOP_BY_REQUESTS);
	look.height = 250;
	top_view_make(&v, &look, &s, &c, &f);
	assert_int_equal(v.skip_most, 0);
	n = v.n;
	memcpy(all, v.line, sizeof(all));
	look.height = 24;
	look.skip = 5;
	top_view_make(&v, &look, &s, &c, &f);
	assert_int_equal(v.n, 24);
	assert_string_equal(v.line[0], all[0]);
	assert_string_equal(v.line[20], all[25]);
	assert_string_equal(v.line[23], all[n - 1]);
	look.skip = 1000;
	top_view_make(&v, &look, &s, &c, &f);
	for (i = n - 2; all[i][0] == '\0'; i--)
		continue;
	assert_string_equal(v.line[22], all[i]);
}

static void
the_busiest_keys_are_those_with_the_greatest_share(void **state)
{

	(void)state;
	memset(&f, 0, sizeof(f));
	top_facts_key(&f, "a", 10, 100);
	top_facts_key(&f, "b", 9, 10);
	top_facts_key(&f, "c", 1000, -1);
	top_facts_key(&f, "d", 50, 0);
	assert_int_equal(f.keys, 4);
	assert_string_equal(f.key[0].name, "b");
	assert_string_equal(f.key[1].name, "a");
	assert_string_equal(f.key[2].name, "c");
	assert_string_equal(f.key[3].name, "d");
}

static void
a_plain_view_has_exact_numbers_and_no_codes(void **state)
{
	const struct top_look look = { .plain = true };
	bool exact = false;
	size_t i;

	(void)state;
	fill(UINT64_MAX / 4096);
	change(false, TOP_BY_REQUESTS);
	top_view_make(&v, &look, &s, &c, &f);
	for (i = 0; i < v.n; i++) {
		assert_in_range(shown_width(v.line[i], false), 0, 400);
		exact |= strstr(v.line[i], "4503599627370495") != NULL;
	}
	assert_true(exact);
}

static void
numbers_take_five_signs(void **state)
{
	static const struct { uint64_t n; const char *want; } counts[] = {
		{ 0, "0" }, { 99999, "99999" }, { 100000, "100k" },
		{ 123456, "123k" }, { 999499, "999k" }, { 999500, "1.00M" },
		{ 1234567, "1.23M" }, { 12345678, "12.3M" },
		{ UINT64_MAX, "18.4E" },
	};
	static const struct { double n; const char *want; } rates[] = {
		{ 0, "0.00" }, { 9.994, "9.99" }, { 9.996, "10.0" },
		{ 99.96, "100" }, { 99999, "99999" }, { 1e6, "1.00M" },
		{ 1e300, "999Z" },
	};
	static const struct { int64_t us; const char *want; } times[] = {
		{ TOP_NO_TIME, "-" }, { 0, "0us" }, { 999, "999us" },
		{ 1000, "1.0ms" }, { 9949, "9.9ms" }, { 45678, "46ms" },
		{ 999499, "999ms" }, { 999500, "1.0s" },
		{ 100000000, "100s" }, { TOP_LONG_TIME - 1, ">9999" },
		{ TOP_LONG_TIME, ">5s" },
	};
	char out[TOP_WORD_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		top_line_count(counts[i].n, false, out);
		assert_string_equal(out, counts[i].want);
	}
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		top_line_rate(rates[i].n, out);
		assert_string_equal(out, rates[i].want);
	}
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		top_line_time(times[i].us, out);
		assert_string_equal(out, times[i].want);
	}
}

static void
a_table_gives_up_the_columns_of_the_least_worth(void **state)
{
	static const struct top_column columns[] = {
		{ "NAME", 6, 8, 9, true }, { "A", 3, 0, 1, false },
		{ "B", 3, 0, 2, false },
	};
	const char *const cell[] = { "abcdefghijklmnopq", "1", "22" };
	char out[100];
	struct top_table t;
	struct top_line l;

	(void)state;
	top_table_fit(&t, columns, 3, 40);
	top_line_begin(&l, out, sizeof(out), 40, false);
	top_table_row(&t, &l, NULL, cell);
	assert_string_equal(out, "abcdefgh    1   22");
	top_table_fit(&t, columns, 3, 15);
	top_line_begin(&l, out, sizeof(out), 15, false);
	top_table_row(&t, &l, NULL, cell);
	assert_string_equal(out, "abcdefgh   22");
	top_table_fit(&t, columns, 3, 4);
	top_line_begin(&l, out, sizeof(out), 4, false);
	top_table_row(&t, &l, NULL, cell);
	assert_string_equal(out, "abcd");
}

static void
a_long_name_loses_its_middle(void **state)
{
	static const struct top_column columns[] = {
		{ "NAME", 14, 14, 9, true },
	};
	const char *const cell[] = { "5FnyesYKpN7reRBwYj9TEJQFJ4xFK41B" };
	char out[100];
	struct top_table t;
	struct top_line l;

	(void)state;
	top_table_fit(&t, columns, 1, 40);
	top_line_begin(&l, out, sizeof(out), 40, false);
	top_table_row(&t, &l, NULL, cell);
	assert_string_equal(out, "5FnyesYK..K41B");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(no_line_is_wider_and_no_view_is_higher_than_its_room),
	cmocka_unit_test(a_room_that_is_larger_than_any_is_filled_without_harm),
	cmocka_unit_test(without_a_table_the_reason_is_shown_and_the_ledger),
	cmocka_unit_test(what_a_ledger_names_is_made_printable),
	cmocka_unit_test(scrolling_shows_each_line_and_keeps_the_first_ones),
	cmocka_unit_test(the_busiest_keys_are_those_with_the_greatest_share),
	cmocka_unit_test(a_plain_view_has_exact_numbers_and_no_codes),
	cmocka_unit_test(numbers_take_five_signs),
	cmocka_unit_test(a_table_gives_up_the_columns_of_the_least_worth),
	cmocka_unit_test(a_long_name_loses_its_middle),
};

TEST_MAIN(tests)
