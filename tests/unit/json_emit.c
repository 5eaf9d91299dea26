#include "test.h"

#include "json/emit.h"

struct inner {
	const char *word;
	int64_t n;
};

struct outer {
	int64_t number;
	const char *text;
	const char *const *list;
	const struct emit_pairs *pairs;
	const struct inner *inner;
	const char *last;
};

static const struct emit_field inner_fields[] = {
	EMIT_FIELD(struct inner, word, EMIT_TEXT, NULL, ""),
	EMIT_FIELD(struct inner, n, EMIT_INT, NULL, ""),
	EMIT_END
};

/* Not in the order of the struct: the table's order counts. */
#define OUT(...) EMIT_FIELD(struct outer, __VA_ARGS__)
static const struct emit_field fields[] = {
	OUT(text, EMIT_TEXT, NULL, ""),
	OUT(number, EMIT_INT, NULL, ""),
	OUT(inner, EMIT_OBJECT, inner_fields, ""),
	OUT(list, EMIT_TEXTS, NULL, ""),
	OUT(pairs, EMIT_PAIRS, NULL, ""),
	OUT(last, EMIT_TEXT, NULL, ""),
	EMIT_END
};

static const struct emit_field texts_only[] = {
	OUT(text, EMIT_TEXT, NULL, ""),
	OUT(last, EMIT_TEXT, NULL, ""),
	EMIT_END
};

static void
emitted(const struct emit_field *f, const void *object, const char *want)
{
	char data[512];
	struct buf b;

	buf_init(&b, data, sizeof(data));
	emit_object(&b, f, object);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(data, want);
}

static void
everything(void **state)
{
	static const char *const list[] = { "a", "", "c", NULL };
	static const struct text_pair pair[] = {
		{ "acl", "private" }, { "x-amz-date", "" },
		{ "acl", "twice" }
	};
	static const struct emit_pairs pairs = { 3, pair };
	static const struct inner inner = { "w", INT64_MIN };
	static const struct outer o = { 7, "t", list, &pairs, &inner, "end" };

	(void)state;
	emitted(fields, &o, "{\"text\":\"t\",\"number\":7,\"inner\":"
	    "{\"word\":\"w\",\"n\":-9223372036854775808},"
	    "\"list\":[\"a\",\"\",\"c\"],\"pairs\":{\"acl\":\"private\","
	    "\"x-amz-date\":\"\",\"acl\":\"twice\"},\"last\":\"end\"}");
}

static void
nothing_of_null(void **state)
{
	static const struct outer none = { 0 };
	static const struct outer last = { .last = "l" };
	static const struct inner bare = { NULL, 0 };
	static const struct outer nested = { .inner = &bare };
	static const struct emit_field no_fields[] = { EMIT_END };

	(void)state;
	emitted(fields, &none, "{\"number\":0}");
	emitted(fields, &nested, "{\"number\":0,\"inner\":{\"n\":0}}");
	emitted(texts_only, &none, "{}");
	emitted(texts_only, &last, "{\"last\":\"l\"}");
	emitted(no_fields, &none, "{}");
}

static void
empty_is_not_null(void **state)
{
	static const char *const list[] = { NULL };
	static const struct emit_pairs pairs = { 0, NULL };
	static const struct outer o = { .text = "", .list = list,
	    .pairs = &pairs };

	(void)state;
	emitted(fields, &o, "{\"text\":\"\",\"number\":0,\"list\":[],"
	    "\"pairs\":{}}");
}

static void
escapes(void **state)
{
	static const char *const list[] = { "\"", "\xff", NULL };
	static const struct text_pair pair[] = { { "a\"\n", "/\\\x7f" } };
	static const struct emit_pairs pairs = { 1, pair };
	static const struct outer o = { .text = "\"},\t\xe2\x80\xa8\xc3\xa9",
	    .list = list, .pairs = &pairs };
	static const struct emit_field odd[] = {
		{ "a\"b", EMIT_TEXT, offsetof(struct outer, text), NULL, "" },
		EMIT_END
	};

	(void)state;
	emitted(fields, &o, "{\"text\":\"\\\"},\\t\\u2028\xc3\xa9\","
	    "\"number\":0,\"list\":[\"\\\"\",\"\\ufffd\"],"
	    "\"pairs\":{\"a\\\"\\n\":\"/\\\\\\u007f\"}}");
	emitted(odd, &o, "{\"a\\\"b\":\"\\\"},\\t\\u2028\xc3\xa9\"}");
}

/* In whatever room short of enough, the buffer says so. */
static void
overflow(void **state)
{
	static const struct inner inner = { "word", 12 };
	static const struct outer o = { 7, "text", NULL, NULL, &inner, "end" };
	static const char want[] = "{\"text\":\"text\",\"number\":7,\"inner\":"
	    "{\"word\":\"word\",\"n\":12},\"last\":\"end\"}";
	char data[sizeof(want) + 1];
	struct buf b;
	size_t size;

	(void)state;
	for (size = 1; size <= sizeof(want); size++) {
		data[size] = 'z';
		buf_init(&b, data, size);
		emit_object(&b, fields, &o);
		assert_int_equal(buf_end(&b), size < sizeof(want) ? ERR_RANGE :
		    ERR_OK);
		assert_int_equal(data[size], 'z');
	}
	assert_string_equal(data, want);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(everything),
	cmocka_unit_test(nothing_of_null),
	cmocka_unit_test(empty_is_not_null),
	cmocka_unit_test(escapes),
	cmocka_unit_test(overflow)
};

TEST_MAIN(tests)
