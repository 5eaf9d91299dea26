#include "test.h"

#include "base/arena.h"
#include "base/text.h"
#include "json/schema.h"

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define BOB "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"

struct in {
	struct ss58 owner;
	char text[9], name[TEXT_NAME_MAX + 1], nick[5];
	int64_t at, until;
};

#define IN(...) SCHEMA_FIELD(struct in, __VA_ARGS__)
static const struct schema_field fields[] = {
	IN(owner, SCHEMA_SS58, SCHEMA_REQUIRED, ""),
	IN(text, SCHEMA_TEXT, SCHEMA_REQUIRED, ""),
	IN(name, SCHEMA_NAME, SCHEMA_OPTIONAL, ""),
	IN(nick, SCHEMA_NAME, SCHEMA_OPTIONAL, ""),
	IN(at, SCHEMA_TIME, SCHEMA_REQUIRED, ""),
	IN(until, SCHEMA_TIME, SCHEMA_NULLABLE, ""),
	SCHEMA_END
};

#define OWNER "\"owner\":\"" ALICE "\""
#define TEXT "\"text\":\"t\""
#define AT "\"at\":1"
#define ALL OWNER "," TEXT "," AT

static struct schema_errors errors;

static enum err
parse(const char *body, size_t len, struct in *in)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum err e;

	/* On the heap without a NUL behind; the struct full of something. */
	assert_non_null(copy);
	memcpy(copy, body, len);
	memset(in, 0xaa, sizeof(*in));
	memset(&errors, 0xaa, sizeof(errors));
	e = schema_parse(fields, &(struct schema_body){ .text = copy,
	    .len = len }, in, sizeof(*in), &errors);
	free(copy);
	assert_int_equal(e == ERR_SCHEMA, errors.n > 0);
	return (e);
}

static void
taken(const char *body, struct in *in)
{

	if (parse(body, strlen(body), in) != ERR_OK)
		fail_msg("%s: %s", body, errors.error[0].msg);
}

static void
refused_bytes(const char *body, size_t len, const char *field, const char *msg,
    const char *type)
{
	struct in in;

	if (parse(body, len, &in) != ERR_SCHEMA)
		fail_msg("accepted: %s", body);
	assert_int_equal(errors.n, 1);
	if (field == NULL)
		assert_null(errors.error[0].field);
	else
		assert_string_equal(errors.error[0].field, field);
	assert_string_equal(errors.error[0].msg, msg);
	assert_string_equal(errors.error[0].type, type);
}

static void
refused(const char *body, const char *field, const char *msg, const char *type)
{

	refused_bytes(body, strlen(body), field, msg, type);
}

static void
a_body_with_every_field_is_read(void **state)
{
	static const struct in none;
	struct in in;

	(void)state;
	taken("{" ALL "}", &in);
	assert_string_equal(in.owner.text, ALICE);
	assert_int_equal(in.owner.key[0], 0xd4);
	assert_int_equal(in.owner.key[31], 0x7d);
	assert_string_equal(in.text, "t");
	assert_int_equal(in.at, 1);

	/* What was not given is zero, and all of every field is cleared. */
	assert_memory_equal(in.name, none.name, sizeof(in.name));
	assert_memory_equal(in.nick, none.nick, sizeof(in.nick));
	assert_memory_equal(in.text + 1, none.text, sizeof(in.text) - 1);
	assert_int_equal(in.until, 0);

	taken(" { \"until\" : 3 ,\n\t\"name\":\"x_1-z\",\"at\":\"2\",\"text\":"
	    "\"\\u0061\\/\xc3\xa9\",\"owner\":\"" BOB "\"} ", &in);
	assert_string_equal(in.owner.text, BOB);
	assert_string_equal(in.text, "a/\xc3\xa9");
	assert_string_equal(in.name, "x_1-z");
	assert_int_equal(in.at, 2);
	assert_int_equal(in.until, 3);

	/* One byte order mark is skipped. */
	taken("\xef\xbb\xbf{" ALL "}", &in);
	assert_int_equal(in.at, 1);
	refused("\xef\xbb\xbf\xef\xbb\xbf{" ALL "}", NULL, "invalid number",
	    "json_invalid");

	/* A name may be spelt with escapes. */
	taken("{" OWNER "," TEXT ",\"\\u0061t\":5}", &in);
	assert_int_equal(in.at, 5);
}

static void
a_refused_body_leaves_only_zeros(void **state)
{
	static const struct in none;
	struct in in;

	(void)state;
	assert_int_equal(parse("", 0, &in), ERR_SCHEMA);
	assert_memory_equal(&in, &none, sizeof(in));
	assert_int_equal(parse("[", 1, &in), ERR_SCHEMA);
	assert_memory_equal(&in, &none, sizeof(in));
}

static void
unknown_fields_are_ignored(void **state)
{
	struct in in;

	(void)state;
	taken("{\"netuid\":13,\"x\":null,\"y\":{\"at\":7,\"text\":[]},"
	    "\"z\":[1.5,{\"owner\":{}}],\"AT\":9,\"at \":9,\"\":9," ALL "}",
	    &in);
	assert_int_equal(in.at, 1);
	assert_string_equal(in.text, "t");
}

#define MISSING "Field required", "missing"

static void
missing_fields_are_named(void **state)
{
	struct in in;

	(void)state;
	refused("{" TEXT "," AT "}", "owner", MISSING);
	refused("{" OWNER "," AT "}", "text", MISSING);
	refused("{" OWNER "," TEXT "}", "at", MISSING);
	refused("", NULL, MISSING);

	/* All that is wrong is told at once, in the table's order. */
	assert_int_equal(parse("{\"until\":[],\"name\":\"A\"}", 23, &in),
	    ERR_SCHEMA);
	assert_int_equal(errors.n, 5);
	assert_string_equal(errors.error[0].field, "owner");
	assert_string_equal(errors.error[1].field, "text");
	assert_string_equal(errors.error[2].field, "name");
	assert_string_equal(errors.error[3].field, "at");
	assert_string_equal(errors.error[4].field, "until");
	assert_string_equal(errors.error[4].type, "int_parsing");
}

#define REPEATED NULL, "A field is repeated", "repeated"

static void
repeated_fields_are_refused(void **state)
{
	struct in in;

	(void)state;
	refused("{" ALL "," AT "}", REPEATED);
	refused("{" ALL ",\"at\":2}", REPEATED);
	refused("{" ALL ",\"\\u0061t\":2}", REPEATED);
	refused("{" ALL ",\"\\u0061\\u0074\":2}", REPEATED);
	refused("{" ALL ",\"x\":1,\"x\":1}", REPEATED);
	refused("{" ALL ",\"x/\":1,\"x\\/\":1}", REPEATED);
	refused("{" ALL ",\"\xc3\xa9\":1,\"\\u00E9\":1}", REPEATED);
	refused("{" ALL ",\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":1}",
	    REPEATED);
	refused("{" ALL ",\"x\":{\"y\":1,\"y\":1}}", REPEATED);
	refused("{" ALL ",\"x\":[0,[{\"y\":{\"z\":1,\"\\u007a\":[]}}]]}",
	    REPEATED);
	refused("{" ALL ",\"x\":{\"y\":1},\"x\":2}", REPEATED);
	refused("{" ALL ",\"\":1,\"\":1}", REPEATED);

	/* The same name in different objects is no repetition. */
	taken("{" ALL ",\"x\":{\"at\":1,\"y\":{\"at\":1}},\"y\":[{\"at\":1},"
	    "{\"at\":1}]}", &in);
	taken("{" ALL ",\"x\":null,\"X\":null}", &in);
}

static void
a_body_that_is_no_object_is_refused(void **state)
{
	static const char *const other[] = { "[]", "[{" ALL "}]", "null",
	    "true", "1", "1.5", "\"{}\"", "-0", " 12 " };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		refused(other[i], NULL, "Input should be a valid dictionary",
		    "dict_type");
	refused("{}}", NULL, "text behind the value", "json_invalid");
	refused("{'a':1}", NULL, "expected a string in double quotes",
	    "json_invalid");
	refused("{\"at\":NaN}", NULL, "invalid number", "json_invalid");
	refused_bytes("{" ALL "}\0", sizeof("{" ALL "}"), NULL,
	    "text behind the value", "json_invalid");
}

#define STRING "Input should be a valid string", "string_type"

static void
values_of_other_types_are_refused_as_text(void **state)
{
	static const char *const other[] = { "1", "1.5", "true", "null", "[]",
	    "{}", "[\"t\"]", "{\"t\":\"t\"}" };
	char body[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		snprintf(body, sizeof(body), "{" OWNER "," AT ",\"text\":%s}",
		    other[i]);
		refused(body, "text", STRING);
		snprintf(body, sizeof(body), "{" TEXT "," AT ",\"owner\":%s}",
		    other[i]);
		refused(body, "owner", STRING);
		snprintf(body, sizeof(body), "{" ALL ",\"name\":%s}",
		    other[i]);
		refused(body, "name", STRING);
	}
}

static void
a_text_is_read_up_to_its_length(void **state)
{
	struct in in;

	(void)state;
	taken("{" OWNER "," AT ",\"text\":\"\"}", &in);
	assert_string_equal(in.text, "");
	taken("{" OWNER "," AT ",\"text\":\"12345678\"}", &in);
	assert_string_equal(in.text, "12345678");
	taken("{" OWNER "," AT ",\"text\":\"\\u00e9\\u00e9\\u00e9\\u00e9\"}",
	    &in);
	refused("{" OWNER "," AT ",\"text\":\"123456789\"}", "text",
	    "String is too long", "string_too_long");
	refused("{" OWNER "," AT ",\"text\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "x\"}", "text", "String is too long", "string_too_long");
}

static void
control_characters_in_a_text_are_refused(void **state)
{
	static const char *const bad[] = { "\\n", "a\\tb", "\\u0001",
	    "\\u001f", "\\u007f", "\x7f", "a\\b", "\\f", "\\r" };
	char body[256];
	struct in in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{" OWNER "," AT
		    ",\"text\":\"%s\"}", bad[i]);
		refused(body, "text",
		    "String should not contain control characters",
		    "string_control");
	}
	refused("{" OWNER "," AT ",\"text\":\"\\u0000\"}", NULL,
	    "null character", "json_invalid");
	refused("{" OWNER "," AT ",\"text\":\"a\nb\"}", NULL,
	    "control character in a string", "json_invalid");
	refused("{" OWNER "," AT ",\"text\":\"\\ud800\"}", NULL,
	    "lone surrogate", "json_invalid");
	taken("{" OWNER "," AT ",\"text\":\" ~ \"}", &in);
}

#define PATTERN "String should match pattern '^[a-z0-9_-]{1,32}$'", \
	"string_pattern_mismatch"

static void
a_name_holds_only_allowed_characters(void **state)
{
	static const char *const bad[] = { "", "A", "x/", "..", "a.b", "a:b",
	    "*", "${x}", " x", "x ", "x\\n", "\xc3\xa9", "\\u00e9", "`", "{",
	    "/", ":", "x\x7f", "012345678901234567890123456789012" };
	char body[256];
	struct in in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{" ALL ",\"name\":\"%s\"}",
		    bad[i]);
		refused(body, "name", PATTERN);
	}
	taken("{" ALL ",\"name\":\"01234567890123456789012345678901\"}", &in);
	assert_string_equal(in.name, "01234567890123456789012345678901");
	taken("{" ALL ",\"name\":\"az09_-\"}", &in);

	/* A field shorter than names may be. */
	taken("{" ALL ",\"nick\":\"abcd\"}", &in);
	assert_string_equal(in.nick, "abcd");
	refused("{" ALL ",\"nick\":\"abcde\"}", "nick", PATTERN);
}

static void
addresses_that_are_malformed_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "x", " " ALICE, ALICE " ", ALICE "x",
		/* A digit changed, a letter's case, one too few, no base58. */
		"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
		"5grwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
		"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ",
		"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKut0Y",
		"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKut\xc3\xa9",
		/* The same key on Polkadot, mistyped. */
		"15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp6",
	};
	static const char *const foreign[] = {
		/* The same key on Polkadot, on Kusama, and on a network whose
		   prefix has two bytes (Unique, 7391). */
		"15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
		"HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F",
		"unjKJQJrRd238pkUZZvzDQrfKuM39zBSnQ5zjAGAGcdRhaJTx",
	};
	char body[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{" TEXT "," AT
		    ",\"owner\":\"%s\"}", bad[i]);
		refused(body, "owner", "Input should be an SS58 address",
		    "ss58");
	}
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		snprintf(body, sizeof(body), "{" TEXT "," AT
		    ",\"owner\":\"%s\"}", foreign[i]);
		refused(body, "owner",
		    "Input is an SS58 address of another network", "ss58");
	}
}

static void
times_are_read_as_numbers_and_as_texts(void **state)
{
	static const struct {
		const char *s;
		int64_t t;
	} rows[] = {
		{ "0", 0 }, { "-0", 0 }, { "1795360631", 1795360631 },
		{ "253402300799", SCHEMA_TIME_MAX }, { "\"0\"", 0 },
		{ "\"1795360631\"", 1795360631 }, { "\"007\"", 7 },
		{ "1795360631.0", 1795360631 }, { "1.795360631e9", 1795360631 },
		{ "1795360631.000000000000000000000000", 1795360631 },
		{ "1795360631000e-3", 1795360631 }, { "1E2", 100 },
		{ "0.0", 0 }, { "-0.0", 0 }, { "0e999999999999", 0 },
		{ "\" 1 \"", 1 }, { "\"+1\"", 1 }, { "\"1.0\"", 1 },
		{ "\"\\n\\t1795360631.00\\r\"", 1795360631 },
		{ "\"253402300799\"", SCHEMA_TIME_MAX },
	};
	char body[256];
	struct in in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "{" OWNER "," TEXT ",\"at\":%s}",
		    rows[i].s);
		taken(body, &in);
		assert_true(in.at == rows[i].t);
	}
	taken("{" ALL ",\"until\":null}", &in);
	assert_int_equal(in.until, 0);
}

static void
times_out_of_range_or_malformed_are_refused(void **state)
{
	static const char *const range[] = { "-1", "253402300800",
	    "9223372036854775807", "9223372036854775808",
	    "18446744073709551615", "18446744073709551616",
	    "18446744073709551617", "-9223372036854775809",
	    "123456789012345678901234567890", "-99999999999999999999999",
	    "-1.0", "1774000123000", "1.774000123e12", "1e999", "1e999999999999",
	    "\"-1\"", "\"253402300800\"", "\"99999999999999999999999\"" };
	static const char *const form[] = { "1.5", "1e-1", "15e-1",
	    "1795360631.0001", "1e-999999999999", "true", "false", "null", "[]",
	    "[1]", "{}", "\"\"", "\" \"", "\"1 1\"", "\"+-1\"", "\"- 1\"",
	    "\"1.5\"", "\"1.\"", "\".0\"", "\"1e3\"", "\"0x10\"", "\"1_0\"",
	    "\"-\"", "\"+\"", "\"x\"", "\"\xd9\xa1\"" };
	char body[256];
	struct in in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
		snprintf(body, sizeof(body), "{" OWNER "," TEXT ",\"at\":%s}",
		    range[i]);
		assert_int_equal(parse(body, strlen(body), &in),
		    ERR_TIMESTAMP);
	}
	for (i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		snprintf(body, sizeof(body), "{" OWNER "," TEXT ",\"at\":%s}",
		    form[i]);
		refused(body, "at", "Input should be a valid integer",
		    "int_parsing");
	}
	refused("{" ALL ",\"until\":\"\"}", "until",
	    "Input should be a valid integer", "int_parsing");
}

/* More errors than there is room for are not written beyond it. */
static void
errors_beyond_their_room_are_not_written(void **state)
{
	struct schema_field many[SCHEMA_ERRORS_MAX + 3];
	static const struct schema_field end = SCHEMA_END;
	struct in in;
	size_t i;

	(void)state;
	for (i = 0; i < SCHEMA_ERRORS_MAX + 2; i++)
		many[i] = fields[0];
	many[i] = end;
	assert_int_equal(schema_parse(many, &(struct schema_body){ .text = "{}",
	    .len = 2 }, &in, sizeof(in), &errors),
	    ERR_SCHEMA);
	assert_int_equal(errors.n, SCHEMA_ERRORS_MAX);
}

/* The kinds that only some endpoints have. */
struct more {
	struct ss58 signer, miner;
	char proof[9];
	int64_t at, flag;
	struct schema_int n;
	struct schema_texts keys;
};

#define MORE(...) SCHEMA_FIELD(struct more, __VA_ARGS__)
static const struct schema_field more_fields[] = {
	MORE(signer, SCHEMA_SS58, SCHEMA_SIGNED, ""),
	MORE(at, SCHEMA_TIME, SCHEMA_SIGNED, ""),
	MORE(proof, SCHEMA_TEXT, SCHEMA_SIGNED, ""),
	MORE(miner, SCHEMA_SS58, SCHEMA_NULLABLE, ""),
	MORE(n, SCHEMA_INT, SCHEMA_NULLABLE, ""),
	MORE(flag, SCHEMA_FLAG, SCHEMA_NULLABLE, ""),
	MORE(keys, SCHEMA_TEXTS, SCHEMA_OPTIONAL, ""),
	SCHEMA_END
};

static struct arena *arena;

static enum err
parse_more(const char *body, bool elsewhere, struct more *out)
{
	size_t len = strlen(body);
	char *copy = malloc(len > 0 ? len : 1);
	enum err e;

	assert_non_null(copy);
	memcpy(copy, body, len);
	memset(out, 0xaa, sizeof(*out));
	memset(&errors, 0xaa, sizeof(errors));
	e = schema_parse(more_fields, &(struct schema_body){ .text = copy,
	    .len = len, .signed_elsewhere = elsewhere, .arena = arena }, out,
	    sizeof(*out), &errors);
	free(copy);
	return (e);
}

static void
more_refused(const char *field, const char *value, const char *type)
{
	char body[256];
	struct more m;

	snprintf(body, sizeof(body), "{\"%s\":%s}", field, value);
	if (parse_more(body, true, &m) != ERR_SCHEMA)
		fail_msg("accepted: %s", body);
	assert_int_equal(errors.n, 1);
	assert_string_equal(errors.error[0].where, "body");
	assert_string_equal(errors.error[0].field, field);
	assert_string_equal(errors.error[0].type, type);
}

static int64_t
number(const char *field, const char *value)
{
	char body[256];
	struct more m;

	snprintf(body, sizeof(body), "{\"%s\":%s}", field, value);
	if (parse_more(body, true, &m) != ERR_OK)
		fail_msg("%s: %s", body, errors.error[0].msg);
	return (field[0] == 'n' ? m.n.n : m.flag);
}

static void
integers_are_read_as_numbers_and_as_texts(void **state)
{
	static const char *const range[] = { "9223372036854775807",
	    "9223372036854775808", "-9223372036854775808",
	    "-9223372036854775809", "18446744073709551617",
	    "\"9223372036854775808\"", "99999999999999999999999" };
	static const char *const form[] = { "1.5", "1e-3", "true", "[]", "{}",
	    "\"\"", "\"1.5\"", "\"1 1\"", "\"++1\"", "\"x\"" };
	struct more m;
	size_t i;

	(void)state;
	assert_true(number("n", "0") == 0);
	assert_true(number("n", "null") == 0);
	assert_true(number("n", "-1") == -1);
	assert_true(number("n", "-168.0") == -168);
	assert_true(number("n", "92233720368547758.06e2") == INT64_MAX - 1);
	assert_true(number("n", "\"-168\"") == -168);
	assert_true(number("n", "\"3\"") == 3);
	assert_true(number("n", "9223372036854775806") == INT64_MAX - 1);
	assert_true(number("n", "-9223372036854775807") == INT64_MIN + 1);
	for (i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		more_refused("n", range[i], "int_range");

	/* A zero that was given is told from none. */
	assert_int_equal(parse_more("{\"n\":0}", true, &m), ERR_OK);
	assert_true(m.n.given);
	assert_int_equal(parse_more("{\"n\":null}", true, &m), ERR_OK);
	assert_false(m.n.given);
	assert_int_equal(parse_more("{}", true, &m), ERR_OK);
	assert_false(m.n.given);
	for (i = 0; i < sizeof(form) / sizeof(form[0]); i++)
		more_refused("n", form[i], "int_parsing");
}

static void
flags_are_true_false_or_absent(void **state)
{
	static const char *const bad[] = { "0", "1", "-1", "1.0", "\"true\"",
	    "\"\"", "[]", "{}" };
	struct more m;
	size_t i;

	(void)state;
	assert_true(number("flag", "true") == 1);
	assert_true(number("flag", "false") == -1);
	assert_true(number("flag", "null") == 0);
	assert_int_equal(parse_more("{}", true, &m), ERR_OK);
	assert_true(m.flag == 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		more_refused("flag", bad[i], "bool_type");
}

static void
lists_of_texts_are_read_up_to_their_length(void **state)
{
	static const char *const items[] = { "1", "null", "true", "[]", "{}",
	    "1.5" };
	static const char *const bad[] = { "null", "\"a\"", "1", "true", "{}",
	    "{\"a\":\"b\"}" };
	char value[64];
	struct more m;
	size_t i;

	(void)state;
	assert_int_equal(parse_more("{\"keys\":[]}", true, &m), ERR_OK);
	assert_int_equal(m.keys.n, 0);
	assert_int_equal(parse_more("{}", true, &m), ERR_OK);
	assert_int_equal(m.keys.n, 0);
	assert_int_equal(parse_more("{\"keys\":[\"a\",\"\",\"a\","
	    "\"\\n\\u0001\\u007f\xc3\xa9\"]}", true, &m), ERR_OK);
	assert_int_equal(m.keys.n, 4);
	assert_string_equal(m.keys.text[0].s, "a");
	assert_int_equal(m.keys.text[0].len, 1);
	assert_string_equal(m.keys.text[1].s, "");
	assert_int_equal(m.keys.text[1].len, 0);
	assert_string_equal(m.keys.text[2].s, "a");
	assert_string_equal(m.keys.text[3].s, "\n\1\x7f\xc3\xa9");
	assert_int_equal(m.keys.text[3].len, 5);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		more_refused("keys", bad[i], "list_type");
	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		snprintf(value, sizeof(value), "[\"a\",%s,\"b\"]",
		    items[i]);
		more_refused("keys", value, "string_type");
	}
}

/* Whose proof is beside the body may leave it out, but not give it wrong. */
static void
a_proof_beside_the_body_may_replace_its_fields(void **state)
{
	struct more m;

	(void)state;
	assert_int_equal(parse_more("{}", true, &m), ERR_OK);
	assert_string_equal(m.signer.text, "");
	assert_int_equal(parse_more("{}", false, &m), ERR_SCHEMA);
	assert_int_equal(errors.n, 3);
	assert_string_equal(errors.error[0].field, "signer");
	assert_string_equal(errors.error[1].field, "at");
	assert_string_equal(errors.error[2].field, "proof");
	assert_string_equal(errors.error[2].type, "missing");
	assert_int_equal(parse_more("{\"signer\":\"" ALICE "\",\"at\":1,"
	    "\"proof\":\"p\"}", false, &m), ERR_OK);
	assert_string_equal(m.signer.text, ALICE);
	assert_int_equal(parse_more("{\"signer\":\"" BOB "\"}", true, &m),
	    ERR_OK);
	assert_string_equal(m.signer.text, BOB);
	more_refused("signer", "\"\"", "ss58");
	more_refused("signer", "null", "string_type");
	more_refused("at", "null", "int_parsing");
	more_refused("proof", "null", "string_type");
}

static void
an_empty_address_is_read_as_absent(void **state)
{
	struct more m;

	(void)state;
	assert_int_equal(parse_more("{\"miner\":\"\"}", true, &m), ERR_OK);
	assert_string_equal(m.miner.text, "");
	assert_int_equal(parse_more("{\"miner\":null}", true, &m), ERR_OK);
	assert_string_equal(m.miner.text, "");
	assert_int_equal(parse_more("{\"miner\":\"" BOB "\"}", true, &m),
	    ERR_OK);
	assert_string_equal(m.miner.text, BOB);
	more_refused("miner", "\" \"", "ss58");
	more_refused("miner", "0", "string_type");
	more_refused("miner", "false", "string_type");
}

/* Bounds that a field declares, with a 422 and with an error of its own. */
struct item {
	struct schema_int size;
};

struct bounded {
	struct schema_int n, own;
	int64_t at;
	char text[9], fixed[9], name[9];
	struct schema_texts keys, own_keys;
	struct schema_objects items;
};

#define BOUND(...) SCHEMA_BOUND(struct bounded, __VA_ARGS__)
static const struct schema_field item_fields[] = {
	SCHEMA_BOUND(struct item, size, SCHEMA_INT, SCHEMA_REQUIRED, 1, 9,
	    ERR_SIZE, ""),
	SCHEMA_END
};

static const struct schema_field bounded_fields[] = {
	BOUND(n, SCHEMA_INT, SCHEMA_OPTIONAL, -2, 3, ERR_OK, ""),
	BOUND(own, SCHEMA_INT, SCHEMA_OPTIONAL, 1, 168, ERR_EXPIRY_HOURS, ""),
	BOUND(at, SCHEMA_TIME, SCHEMA_OPTIONAL, 5, 50, ERR_TIMESTAMP, ""),
	BOUND(text, SCHEMA_TEXT, SCHEMA_OPTIONAL, 2, 4, ERR_OK, ""),
	BOUND(fixed, SCHEMA_TEXT, SCHEMA_OPTIONAL, 3, 3, ERR_FORMAT, ""),
	BOUND(name, SCHEMA_NAME, SCHEMA_OPTIONAL, 2, 3, ERR_SOURCE, ""),
	BOUND(keys, SCHEMA_TEXTS, SCHEMA_OPTIONAL, 1, 2, ERR_OK, ""),
	BOUND(own_keys, SCHEMA_TEXTS, SCHEMA_OPTIONAL, 0, 2, ERR_TOO_MANY, ""),
	SCHEMA_LIST(struct bounded, items, SCHEMA_OPTIONAL, item_fields,
	    struct item, 2, ""),
	SCHEMA_END
};

static enum err
parse_bounded(const char *body, struct bounded *out)
{

	memset(out, 0xaa, sizeof(*out));
	memset(&errors, 0xaa, sizeof(errors));
	return (schema_parse(bounded_fields, &(struct schema_body){
	    .text = body, .len = strlen(body), .arena = arena }, out,
	    sizeof(*out), &errors));
}

static void
values_within_declared_bounds_are_read(void **state)
{
	static const char *const good[] = { "{}", "{\"n\":-2}", "{\"n\":3}",
	    "{\"own\":1}", "{\"own\":\"168\"}", "{\"at\":5}",
	    "{\"at\":50}", "{\"text\":\"ab\"}", "{\"text\":\"abcd\"}",
	    "{\"fixed\":\"abc\"}", "{\"name\":\"ab\"}",
	    "{\"name\":\"abc\"}", "{\"keys\":[\"\"]}",
	    "{\"keys\":[\"\",\"\"]}", "{\"own_keys\":[]}",
	    "{\"own_keys\":[\"\",\"\"]}", "{\"items\":[]}",
	    "{\"items\":[{\"size\":1},{\"size\":9}]}" };
	struct bounded b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (parse_bounded(good[i], &b) != ERR_OK)
			fail_msg("%s", good[i]);
		assert_int_equal(errors.n, 0);
	}
	assert_int_equal(b.items.n, 2);
	assert_true(((struct item *)b.items.object)[1].size.n == 9);
	assert_int_equal(parse_bounded("{\"text\":\"abcd\"}", &b), ERR_OK);
	assert_string_equal(b.text, "abcd");
}

static void
values_beyond_declared_bounds_are_refused(void **state)
{
	static const struct {
		const char *body;
		enum err e;
		const char *msg, *type;
	} rows[] = {
		{ "{\"n\":-3}", ERR_SCHEMA, "Input is out of range",
		    "int_range" },
		{ "{\"n\":4}", ERR_SCHEMA, "Input is out of range",
		    "int_range" },
		{ "{\"text\":\"a\"}", ERR_SCHEMA, "String is too short",
		    "string_too_short" },
		{ "{\"text\":\"abcde\"}", ERR_SCHEMA, "String is too long",
		    "string_too_long" },
		{ "{\"keys\":[]}", ERR_SCHEMA, "List has too few items",
		    "too_short" },
		{ "{\"keys\":[\"\",\"\",\"\"]}", ERR_SCHEMA,
		    "List has too many items", "too_long" },
		{ "{\"items\":[{\"size\":1},{\"size\":1},{\"size\":1}]}",
		    ERR_SCHEMA, "List has too many items", "too_long" },

		/* A number that the kind cannot hold is beyond the bounds,
		   too.  A text that it cannot hold has no such form. */
		{ "{\"own\":9223372036854775808}", ERR_EXPIRY_HOURS, NULL,
		    NULL },
		{ "{\"own\":1e999}", ERR_EXPIRY_HOURS, NULL, NULL },
		{ "{\"n\":9223372036854775808}", ERR_SCHEMA,
		    "Input is out of range", "int_range" },
		{ "{\"at\":-1}", ERR_TIMESTAMP, NULL, NULL },
		{ "{\"at\":1774000123000}", ERR_TIMESTAMP, NULL, NULL },
		{ "{\"at\":1774000123000000000000}", ERR_TIMESTAMP, NULL,
		    NULL },
		{ "{\"fixed\":\"123456789\"}", ERR_SCHEMA,
		    "String is too long", "string_too_long" },
		{ "{\"own_keys\":[\"\",\"\",1]}", ERR_SCHEMA,
		    "Input should be a list of valid strings", "string_type" },

		{ "{\"own\":0}", ERR_EXPIRY_HOURS, NULL, NULL },
		{ "{\"own\":169}", ERR_EXPIRY_HOURS, NULL, NULL },
		{ "{\"own\":-9223372036854775807}", ERR_EXPIRY_HOURS, NULL,
		    NULL },
		{ "{\"at\":4}", ERR_TIMESTAMP, NULL, NULL },
		{ "{\"at\":\"51\"}", ERR_TIMESTAMP, NULL, NULL },
		{ "{\"fixed\":\"\"}", ERR_FORMAT, NULL, NULL },
		{ "{\"fixed\":\"ab\"}", ERR_FORMAT, NULL, NULL },
		{ "{\"fixed\":\"abcd\"}", ERR_FORMAT, NULL, NULL },
		{ "{\"name\":\"a\"}", ERR_SOURCE, NULL, NULL },
		{ "{\"name\":\"abcd\"}", ERR_SOURCE, NULL, NULL },
		{ "{\"own_keys\":[\"\",\"\",\"\"]}", ERR_TOO_MANY, NULL,
		    NULL },
		{ "{\"items\":[{\"size\":1},{\"size\":0}]}", ERR_SIZE, NULL,
		    NULL },

		/* The first of two; anything wrong otherwise comes first. */
		{ "{\"at\":4,\"own\":0}", ERR_EXPIRY_HOURS, NULL, NULL },
		{ "{\"at\":4,\"items\":[{\"size\":0}]}", ERR_TIMESTAMP, NULL,
		    NULL },
		{ "{\"own\":0,\"text\":\"a\"}", ERR_SCHEMA,
		    "String is too short", "string_too_short" },
	};
	struct bounded b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (parse_bounded(rows[i].body, &b) != rows[i].e)
			fail_msg("%s", rows[i].body);
		assert_int_equal(errors.n, rows[i].msg != NULL);
		if (rows[i].msg == NULL)
			continue;
		assert_string_equal(errors.error[0].msg, rows[i].msg);
		assert_string_equal(errors.error[0].type, rows[i].type);
	}
}

/* What a document of the API prints: the widest, where none are declared. */
static void
each_kind_of_field_has_its_widest_bounds(void **state)
{
	const struct schema_field *f = fields, *m = more_fields;

	(void)state;
	for (; f->name != NULL; f++) {
		if (f->kind == SCHEMA_TEXT || f->kind == SCHEMA_NAME) {
			assert_int_equal(f->max, f->size - 1);
			assert_int_equal(f->min, f->kind == SCHEMA_NAME);
		} else if (f->kind == SCHEMA_TIME) {
			assert_int_equal(f->min, 0);
			assert_true(f->max == SCHEMA_TIME_MAX);
		}
		assert_int_equal(f->instead, f->kind == SCHEMA_TIME ?
		    ERR_TIMESTAMP : ERR_OK);
	}
	for (; m->name != NULL; m++) {
		if (m->kind != SCHEMA_INT)
			continue;
		assert_true(m->min == INT64_MIN + 1);
		assert_true(m->max == INT64_MAX - 1);
	}
}

static void
faults_beyond_their_room_are_not_added(void **state)
{
	size_t i;

	(void)state;
	errors.n = 0;
	for (i = 0; i < SCHEMA_ERRORS_MAX + 2; i++)
		schema_refuse(&errors, "header", "h", "m", "t");
	assert_int_equal(errors.n, SCHEMA_ERRORS_MAX);
	assert_string_equal(errors.error[0].where, "header");
	assert_string_equal(errors.error[SCHEMA_ERRORS_MAX - 1].field, "h");
}

static int
setup(void **state)
{

	(void)state;
	arena = arena_new(64);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	arena_free(arena);
	return (0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_body_with_every_field_is_read),
	cmocka_unit_test(a_refused_body_leaves_only_zeros),
	cmocka_unit_test(unknown_fields_are_ignored),
	cmocka_unit_test(missing_fields_are_named),
	cmocka_unit_test(repeated_fields_are_refused),
	cmocka_unit_test(a_body_that_is_no_object_is_refused),
	cmocka_unit_test(values_of_other_types_are_refused_as_text),
	cmocka_unit_test(a_text_is_read_up_to_its_length),
	cmocka_unit_test(control_characters_in_a_text_are_refused),
	cmocka_unit_test(a_name_holds_only_allowed_characters),
	cmocka_unit_test(addresses_that_are_malformed_are_refused),
	cmocka_unit_test(times_are_read_as_numbers_and_as_texts),
	cmocka_unit_test(times_out_of_range_or_malformed_are_refused),
	cmocka_unit_test(errors_beyond_their_room_are_not_written),
	cmocka_unit_test_setup_teardown(
	    integers_are_read_as_numbers_and_as_texts, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    flags_are_true_false_or_absent, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    lists_of_texts_are_read_up_to_their_length, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    a_proof_beside_the_body_may_replace_its_fields, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    an_empty_address_is_read_as_absent, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    values_within_declared_bounds_are_read, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    values_beyond_declared_bounds_are_refused, setup, teardown),
	cmocka_unit_test(each_kind_of_field_has_its_widest_bounds),
	cmocka_unit_test(faults_beyond_their_room_are_not_added)
};

TEST_MAIN(tests)
