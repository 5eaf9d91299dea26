#include "test.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <unistd.h>

#include <json-c/json.h>

#include "base/log.h"
#include "base/text.h"

static char said[65536];
static size_t said_len, writes;

/* Run f in a child whose standard error is a pipe that keeps what one write()
   wrote apart from the next; return its exit status. */
static int
capture(void (*f)(void))
{
	int fd[2], status = -1;
	ssize_t n;
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	fflush(NULL);
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		(void)dup2(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		f();
		_exit(0);
	}
	close(fd[1]);
	for (said_len = writes = 0; (n = read(fd[0], said + said_len,
	    sizeof(said) - 1 - said_len)) > 0; said_len += (size_t)n)
		writes++;
	assert_int_equal(n, 0);
	said[said_len] = '\0';
	close(fd[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

/* One line of UTF-8 without control bytes, one JSON object: its member. */
static const char *
member(const char *name)
{
	static char text[8192];
	struct json_object *line, *v;
	size_t i;

	assert_int_equal(writes, 1);
	assert_true(said_len > 0 && said[said_len - 1] == '\n');
	assert_int_equal(strlen(said), said_len);
	assert_true(text_is_utf8(said, said_len));
	for (i = 0; i < said_len - 1; i++)
		assert_true((unsigned char)said[i] >= 0x20 && said[i] != 0x7f);
	line = json_tokener_parse(said);
	assert_true(json_object_is_type(line, json_type_object));
	text[0] = '\0';
	if (json_object_object_get_ex(line, name, &v)) {
		assert_true((size_t)json_object_get_string_len(v) <
		    sizeof(text));
		snprintf(text, sizeof(text), "%s", json_object_get_string(v));
	} else {
		snprintf(text, sizeof(text), "(none)");
	}
	json_object_put(line);
	return (text);
}

static int64_t
fixed(void)
{

	return (INT64_C(1795360631999));
}

static void
say_all(void)
{

	log_open("prog", fixed);
	LOG(LOG_WARN, "some_event", LOG_S("a", "text"), LOG_I("b", -5),
	    LOG_S("c", ""), LOG_I("d", INT64_MAX));
}

static void
a_line_of_the_log_holds_time_level_and_members(void **state)
{

	(void)state;
	assert_int_equal(capture(say_all), 0);
	assert_string_equal(said, "{\"time\":\"2026-11-22T15:17:11+00:00\","
	    "\"level\":\"warn\",\"program\":\"prog\",\"event\":\"some_event\","
	    "\"a\":\"text\",\"b\":-5,\"c\":\"\","
	    "\"d\":9223372036854775807}\n");
}

static void
say_without_time(void)
{

	log_open("prog", NULL);
	log_fields(LOG_INFO, "bare", NULL, 0);
	LOG(LOG_ERROR, "second", LOG_I("n", 0));
}

static void
a_program_without_a_clock_logs_no_time(void **state)
{

	(void)state;
	assert_int_equal(capture(say_without_time), 0);
	assert_string_equal(said, "{\"level\":\"info\",\"program\":\"prog\","
	    "\"event\":\"bare\"}\n{\"level\":\"error\",\"program\":\"prog\","
	    "\"event\":\"second\",\"n\":0}\n");
}

static void
say_hostile(void)
{

	LOG(LOG_WARN, "e", LOG_S("a", "x\",\"level\":\"info\"}\n{\"\r\t\x1b[2J"
	    "\x7f\xff\xc3\xe2\x80\xa8\\"), LOG_S("b\"\n", "name"));
}

static void
a_hostile_value_cannot_end_or_forge_a_line(void **state)
{

	(void)state;
	assert_int_equal(capture(say_hostile), 0);
	assert_string_equal(member("level"), "warn");
	assert_string_equal(member("a"), "x\",\"level\":\"info\"}\n{\"\r\t"
	    "\x1b[2J\x7f\xef\xbf\xbd\xef\xbf\xbd\xe2\x80\xa8\\");
	assert_non_null(strstr(said, "x\\\",\\\"level\\\":\\\"info\\\"}\\n{"
	    "\\\"\\r\\t\\u001b[2J\\u007f\\ufffd\\ufffd\\u2028\\\\\""));
	assert_string_equal(member("b\"\n"), "name");
}

static char value[4000];

static void
say_value(void)
{

	LOG(LOG_WARN, "e", LOG_S("a", value), LOG_S("b", "after"));
}

/* Up to LOG_VALUE_MAX whole; beyond cut to that, dots included. */
static void
a_value_that_is_too_long_is_cut_with_dots(void **state)
{
	char want[LOG_VALUE_MAX + 1];
	size_t len;

	(void)state;
	for (len = LOG_VALUE_MAX - 2; len < sizeof(value); len += len <
	    LOG_VALUE_MAX + 3 ? 1 : 997) {
		memset(value, 'v', sizeof(value));
		value[len] = '\0';
		memset(want, 'v', sizeof(want));
		want[len < LOG_VALUE_MAX ? len : LOG_VALUE_MAX] = '\0';
		if (len > LOG_VALUE_MAX)
			memcpy(want + LOG_VALUE_MAX - 3, "...", 3);
		assert_int_equal(capture(say_value), 0);
		assert_string_equal(member("a"), want);
		assert_string_equal(member("b"), "after");
	}
}

/* Wherever in a character the cut falls, the line stays valid. */
static void
a_value_cut_inside_a_character_stays_valid(void **state)
{
	size_t shift, n;

	(void)state;
	for (shift = 0; shift < 5; shift++) {
		memset(value, 'v', shift);
		for (n = shift; n < 300; n += 4)
			memcpy(value + n, "\xf0\x9f\x98\x80", 4);
		value[n] = '\0';
		assert_int_equal(capture(say_value), 0);
		assert_string_equal(member("b"), "after");
		assert_string_equal(member("a") + strlen(member("a")) - 3,
		    "...");
	}
}

#define MANY 40

static char event[1300] = "e";

static void
say_many(void)
{
	static char names[MANY][8];
	struct log_field f[MANY];
	size_t i;

	for (i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		f[i].name = names[i];
		f[i].text = value;
		f[i].number = 0;
	}
	log_fields(LOG_ERROR, event, f, MANY);
}

/* Ten of the longest values fit; of more the line keeps those that do. */
static void
what_does_not_fit_is_left_out(void **state)
{
	char name[8];
	size_t i, kept = 0;

	(void)state;
	memset(value, 1, 300);
	value[300] = '\0';
	assert_int_equal(capture(say_many), 0);
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "f%zu", i);
		if (strcmp(member(name), "(none)") == 0)
			break;
		assert_int_equal(strlen(member(name)), LOG_VALUE_MAX);
		kept++;
	}
	for (; i < MANY; i++) {
		snprintf(name, sizeof(name), "f%zu", i);
		assert_string_equal(member(name), "(none)");
	}
	assert_true(kept >= 10 && kept < MANY);
	assert_true(said_len <= 16384);
}

/* Shifted by one byte at a time, over the width of a field, some line is full
   to its last byte. */
static void
a_line_that_is_full_stays_valid(void **state)
{
	size_t len, longest = 0;

	(void)state;
	memset(value, 1, 300);
	value[300] = '\0';
	for (len = 1; len < sizeof(event); len++) {
		memset(event, 'e', len);
		event[len] = '\0';
		assert_int_equal(capture(say_many), 0);
		assert_string_equal(member("event"), event);
		longest = said_len > longest ? said_len : longest;
	}
	event[1] = '\0';
	assert_in_range(longest, 16380, 16384);
}

static void
say_plain(void)
{

	log_open("prog", fixed);
	log_plain("tool");
	LOG(LOG_INFO, "hidden", LOG_S("a", "b"));
	LOG(LOG_WARN, "bare", LOG_I("n", 1));
	LOG(LOG_ERROR, "no good", LOG_S("path", "/a\n\x1b"), LOG_I("line", 7));
	log_release();
	log_release();
}

static void
say_replaced(void)
{
	const char *why;

	log_open("prog", fixed);
	log_plain("tool");
	if (log_replace() != NULL)
		exit(2);
	LOG(LOG_ERROR, "first", LOG_S("reason", "one"));
	LOG(LOG_ERROR, "second", LOG_I("n", 2), LOG_S("reason", "two"));
	if ((why = log_replace()) == NULL || strcmp(why, "two") != 0)
		exit(3);
	log_release();
	LOG(LOG_ERROR, "third", LOG_I("reason", 3));
	if (log_replace() != NULL)
		exit(4);
	LOG(LOG_ERROR, "fourth", LOG_S("reason", "four"));
	log_die("out_of_memory", "here");
}

/* Nothing is lost but what is replaced. */
static void
a_plain_error_that_is_kept_back_can_be_replaced(void **state)
{

	(void)state;
	assert_int_equal(capture(say_replaced), 1);
	assert_string_equal(said, "tool: first: reason: \"one\"\n"
	    "tool: fourth: reason: \"four\"\n"
	    "tool: out_of_memory: what: \"here\"\n");
}

static void
a_plain_program_logs_plain_lines(void **state)
{

	(void)state;
	assert_int_equal(capture(say_plain), 0);
	assert_string_equal(said, "tool: bare: n: 1\n"
	    "tool: no good: path: \"/a\\n\\u001b\", line: 7\n");
}

static void
say_die(void)
{

	log_open("prog", NULL);
	log_die("out_of_memory", "here\n");
}

static void
die_logs_what_was_needed_and_exits(void **state)
{

	(void)state;
	assert_int_equal(capture(say_die), 1);
	assert_string_equal(said, "{\"level\":\"error\",\"program\":\"prog\","
	    "\"event\":\"out_of_memory\",\"what\":\"here\\n\"}\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_line_of_the_log_holds_time_level_and_members),
	cmocka_unit_test(a_program_without_a_clock_logs_no_time),
	cmocka_unit_test(a_hostile_value_cannot_end_or_forge_a_line),
	cmocka_unit_test(a_value_that_is_too_long_is_cut_with_dots),
	cmocka_unit_test(a_value_cut_inside_a_character_stays_valid),
	cmocka_unit_test(what_does_not_fit_is_left_out),
	cmocka_unit_test(a_line_that_is_full_stays_valid),
	cmocka_unit_test(a_plain_program_logs_plain_lines),
	cmocka_unit_test(a_plain_error_that_is_kept_back_can_be_replaced),
	cmocka_unit_test(die_logs_what_was_needed_and_exits)
};

TEST_MAIN(tests)
