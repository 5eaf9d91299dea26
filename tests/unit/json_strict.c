#include "test.h"

#include <stdbool.h>

#include <json-c/json.h>

#include "json/strict.h"

#define S(s) { (s), sizeof(s) - 1, 0 }
#define M(s, members) { (s), sizeof(s) - 1, (members) }

struct document {
	const char *s;
	size_t len, members;
};

static const struct document valid[] = {
	/* Scalars at the top, with every kind of white space around. */
	S("null"), S("true"), S("false"), S("0"), S("\"\""), S("[]"),
	S("{}"), S(" \t\r\n{ \t\r\n} \t\r\n"), S("[[],{},null]"),
	S("[ 1 , 2 ]"),
	/* Numbers. */
	S("-0"), S("-1"), S("10"), S("123456789012345678901234567890"),
	S("-99999999999999999999999999"), S("0.0"), S("-0.0"), S("1.5"),
	S("0e0"), S("0E+1"), S("1e-1"), S("1E2"), S("1.0e+10"), S("1e999"),
	S("[1e05]"), S("0.00000000000000000000000000000000000000000000000001"),
	/* Strings. */
	S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), S("\"\\u0041\\u00e9\\u20AC\""),
	S("\"\\ud83d\\ude00\""), S("\"\\uD834\\uDD1E\""),
	S("\"\\ud800\\udc00\\udbff\\udfff\""), S("\"\xc3\xa9\xe2\x82\xac\""),
	S("\"\xf0\x9f\x98\x80\""), S("\"\xf4\x8f\xbf\xbf\""),
	S("\"\xef\xbf\xbf\""), S("\"\xe2\x80\xa8\""), S("\"\x7f\""),
	S("\"\\u007f\\u0001\\n\""), S("\"\\uffff\""), S("\"'//#\""),
	/* Objects: names are counted, repeated or not, at every depth. */
	M("{\"a\":1}", 1), M("{\"a\":1,\"a\":2}", 2), M("{\"\":0}", 1),
	M(" { \"a\" : { \"b\" : [ { \"c\" : { } , \"d\" : 1 } ] } } ", 4),
	M("{\"\\u00e9\xc3\xa9\\\"\\\\\\/\":1}", 1),
	M("{\"\\ud83d\\ude00\":1}", 1), M("{\"a\":\"\\n\"}", 1),
	/* The deepest. */
	S("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"),
	S("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"),
	M("{\"a\":[[[[[[[[[[[[[[{\"b\":\"c\"}]]]]]]]]]]]]]]}", 2),
	S("[[[[[[[[[[[[[[[[]]]]]]]],[[[[[[[[]]]]]]]]]]]]]]]]"),
};

static const struct document invalid[] = {
	/* Nothing, half of something, too much of it. */
	S(""), S(" "), S("["), S("]"), S("{"), S("}"), S("[1"), S("[1,"),
	S("{\"a\""), S("{\"a\":"), S("{\"a\":1"), S("{\"a\":1,"), S("\""),
	S("\"a"), S("\"\\"), S("\"\\u"), S("\"\\u004"), S("tru"), S("nul"),
	S("-"), S("1."), S("1e"), S("{} {}"), S("{}x"), S("[]]"), S("1 2"),
	S("1,"), S("\"\"\"\""), S("{}\0"), S("\0"), S("{}\v"), S("\f{}"),
	S("nullx"), S("truefalse"), S("0\xc2\xa0"),
	/* Commas and colons. */
	S("[,]"), S("[1,]"), S("[,1]"), S("[1,,2]"), S("{,}"),
	S("{\"a\":1,}"), S("{,\"a\":1}"), S("{\"a\" 1}"), S("{\"a\"::1}"),
	S("{\"a\",1}"), S("{\"a\"}"), S("{:1}"), S("[1:2]"), S("[1 2]"),
	S("{\"a\":1 \"b\":2}"), S("[1}"), S("{\"a\":1]"), S("{1:1}"),
	S("{a:1}"), S("{null:1}"), S("{\"a\":}"), S("{[]:1}"),
	/* Not JSON, though some take it. */
	S("'a'"), S("{'a':1}"), S("NaN"), S("nan"), S("-NaN"), S("Infinity"),
	S("-Infinity"), S("inf"), S("undefined"), S("True"), S("NULL"),
	S("TRUE"), S("None"), S("/**/{}"), S("{}/**/"), S("{}//"), S("//\n{}"),
	S("#\n{}"), S("[1/**/]"), S("{\"a\":/**/1}"), S("(1)"), S("a"),
	/* Numbers. */
	S("01"), S("-01"), S("00"), S("+1"), S("++1"), S("--1"), S("- 1"),
	S(".5"), S("-.5"), S("1.e1"), S("0.e1"), S("1e+"), S("1e-"), S("1e1."),
	S("1e1.5"), S("1.5.5"), S("0x1"), S("0x"), S("1f"), S("1_0"), S("1a"),
	S("1ee1"), S("1e+-1"), S("[-]"), S("[1.]"), S("[.1]"), S("[01]"),
	S("\xef\xbc\x91"),
	/* Escapes. */
	S("\"\\a\""), S("\"\\'\""), S("\"\\x41\""), S("\"\\0\""),
	S("\"\\U0041\""), S("\"\\\0\""), S("\"\\\n\""), S("\"\\u00g0\""),
	S("\"\\u 041\""), S("\"\\u-041\""), S("\"\\u004\""),
	S("\"\\u0000\""), S("\"a\\u0000b\""), S("{\"a\\u0000\":1}"),
	S("\\u0022a\""),
	/* Surrogates that are alone or the wrong way round. */
	S("\"\\ud800\""), S("\"\\udbff\""), S("\"\\udc00\""), S("\"\\udfff\""),
	S("\"\\ud800a\""), S("\"\\ud800\\n\""), S("\"\\ud800\\u0041\""),
	S("\"\\ud800\\ud800\""), S("\"\\ud800\\ue000\""),
	S("\"\\udc00\\ud800\""), S("\"\\ud83d\\ude00\\ude00\""),
	S("\"\\ud83dude00\""), S("\"\\ud83d\\ude0\""), S("\"\\ud83d\\\""),
	S("\"\\ud83d\xf0\x9f\x98\x80\""),
	/* Control bytes as they are. */
	S("\"\n\""), S("\"\t\""), S("\"\0\""), S("\"\x1f\""), S("\"a\rb\""),
	S("{\"a\n\":1}"), S("{\"a\0\":1}"),
	/* And in names neither written as an escape, nor DEL. */
	S("{\"\\n\":1}"), S("{\"\\t\":1}"), S("{\"\\b\":1}"), S("{\"\\f\":1}"),
	S("{\"\\r\":1}"), S("{\"\\u0001\":1}"), S("{\"\\u001f\":1}"),
	S("{\"\\u007f\":1}"), S("{\"\\u007F\":1}"), S("{\"\x7f\":1}"),
	S("{\"\\u000a\":1}"), S("[{\"x\":{\"\\n\":1}}]"),
	/* UTF-8. */
	S("\xef\xbb\xbf{}"), S("\xff\xfe{\0}\0"), S("\"\xff\""), S("\"\xc3\""),
	S("\"\xc0\xaf\""), S("\"\xed\xa0\x80\""), S("\"\xf4\x90\x80\x80\""),
	S("\"\x80\""), S("{\"\xff\":1}"), S("\"\xe2\x82"), S("\xc3\xa9"),
	S("[\"a\xe2\"]"),
	/* One too deep. */
	S("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"),
	S("[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]"),
	S("{\"a\":[[[[[[[[[[[[[[[{\"b\":1}]]]]]]]]]]]]]]]}"),
};

/* A copy that ends where the document does, so that sanitizers see a read
   behind it. */
static const char *
check(const char *s, size_t len, size_t *members)
{
	char *copy = malloc(len > 0 ? len : 1);
	const char *wrong;

	assert_non_null(copy);
	memcpy(copy, s, len);
	*members = SIZE_MAX;
	wrong = strict_check(copy, len, SIZE_MAX, members);
	free(copy);
	return (wrong);
}

/* Does json-c, as strict as it gets, parse all of it? */
static bool
jsonc(const char *s, size_t len)
{
	struct json_tokener *tok = json_tokener_new_ex(STRICT_DEPTH_MAX + 1);
	struct json_object *v;
	bool good;

	assert_non_null(tok);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	v = json_tokener_parse_ex(tok, s, (int)len);
	if (json_tokener_get_error(tok) == json_tokener_continue)
		v = json_tokener_parse_ex(tok, "", 1);
	good = json_tokener_get_error(tok) == json_tokener_success;
	json_object_put(v);
	json_tokener_free(tok);
	return (good);
}

static void
valid_documents_are_accepted(void **state)
{
	const char *wrong;
	size_t i, members;

	(void)state;
	for (i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		wrong = check(valid[i].s, valid[i].len, &members);
		if (wrong != NULL)
			fail_msg("%s: %s", valid[i].s, wrong);
		assert_int_equal(members, valid[i].members);
		if (!jsonc(valid[i].s, valid[i].len))
			fail_msg("json-c refuses %s", valid[i].s);
	}
}

static void
invalid_documents_are_refused(void **state)
{
	size_t i, members;

	(void)state;
	for (i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		if (check(invalid[i].s, invalid[i].len, &members) == NULL)
			fail_msg("number %zu accepted: %s", i, invalid[i].s);
	}
}

static void
each_fault_has_its_reason(void **state)
{
	static const struct {
		const char *s, *wrong;
	} rows[] = {
		{ "", "unexpected end" },
		{ "[01]", "expected a comma or the end" },
		{ "{} x", "text behind the value" },
		{ "{'a':1}", "expected a string in double quotes" },
		{ "{\"a\" 1}", "expected a colon" },
		{ "-x", "invalid number" }, { "NaN", "invalid number" },
		{ "nUll", "unexpected character" },
		{ "\"abc", "unterminated string" },
		{ "\"abc\\", "unterminated string" },
		{ "\"\\q\"", "invalid escape" },
		{ "\"\\u12\"", "invalid escape" },
		{ "\"\\u0000\"", "null character" },
		{ "\"\\udc00\"", "lone surrogate" },
		{ "\"\\ud800\"", "lone surrogate" },
		{ "\"\x01\"", "control character in a string" },
		{ "{\"\\n\":1}", "control character in a name" },
		{ "{\"\\u0001\":1}", "control character in a name" },
		{ "\"\xff\"", "invalid UTF-8" },
		{ "[[[[[[[[[[[[[[[[[", "nested too deeply" },
	};
	size_t i, members;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(check(rows[i].s, strlen(rows[i].s),
		    &members), rows[i].wrong);
}

/* What is open does not close by itself: no valid document that ends in a
   bracket or a quote stays valid when its end is cut off, wherever. */
static void
a_valid_document_cut_anywhere_is_refused(void **state)
{
	size_t i, len, members;
	char last;

	(void)state;
	for (i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		len = valid[i].len;
		last = valid[i].s[len - 1];
		if (last != '"' && last != ']' && last != '}')
			continue;
		while (len-- > 0)
			assert_non_null(check(valid[i].s, len, &members));
	}
}

/* Each byte in each place, in a document with some of everything: json-c
   takes whatever the strict pass takes. */
static void
json_c_accepts_whatever_is_found_valid(void **state)
{
	static const char base[] = "{\"a\":[-1.5e+2,\"\\u00e9\\ud83d\\ude00"
	    "\xc3\xa9\",true],\"b\":{\"c\":null,\"d\":0}}";
	char text[sizeof(base) + 1];
	size_t at, n, members, taken = 0;
	int c;

	(void)state;
	n = sizeof(base) - 1;
	for (at = 0; at <= n; at++) {
		for (c = 0; c < 256; c++) {
			/* Instead of a byte. */
			memcpy(text, base, n);
			if (at < n)
				text[at] = (char)c;
			if (check(text, n, &members) == NULL) {
				assert_true(jsonc(text, n));
				taken++;
			}
			/* And before it. */
			memcpy(text, base, at);
			text[at] = (char)c;
			memcpy(text + at + 1, base + at, n - at);
			if (check(text, n + 1, &members) == NULL) {
				assert_true(jsonc(text, n + 1));
				taken++;
			}
		}
	}
	assert_true(taken > 1000);
}

/* A megabyte of brackets is refused at the seventeenth. */
static void
a_megabyte_of_brackets_is_refused_early(void **state)
{
	size_t len = 1 << 20, members;
	char *s = malloc(len);

	(void)state;
	assert_non_null(s);
	memset(s, '[', len);
	assert_string_equal(strict_check(s, len, SIZE_MAX, &members),
	    "nested too deeply");
	free(s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(valid_documents_are_accepted),
	cmocka_unit_test(invalid_documents_are_refused),
	cmocka_unit_test(each_fault_has_its_reason),
	cmocka_unit_test(a_valid_document_cut_anywhere_is_refused),
	cmocka_unit_test(json_c_accepts_whatever_is_found_valid),
	cmocka_unit_test(a_megabyte_of_brackets_is_refused_early)
};

TEST_MAIN(tests)
