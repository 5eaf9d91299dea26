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
	assert_int_equal(emit_object(&b, f, object), ERR_OK);
	assert_string_equal(data, want);
}

static void
every_kind_of_field_is_written_in_its_order(void **state)
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
fields_of_null_are_left_out(void **state)
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
empty_texts_and_lists_are_written(void **state)
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
texts_and_names_are_written_escaped(void **state)
{
	static const char *const list[] = { "\"", "\xff", NULL };
	static const struct text_pair pair[] = { { "a\"\n", "/\\\x7f" } };
	static const struct emit_pairs pairs = { 1, pair };
	static const struct outer o = { .text = "\"},\t\xe2\x80\xa8\xc3\xa9",
	    .list = list, .pairs = &pairs };
	static const struct emit_field odd[] = {
		{ "a\"b", EMIT_TEXT, false, offsetof(struct outer, text), NULL, "" },
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
a_buffer_that_is_too_small_overflows_safely(void **state)
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
		assert_int_equal(emit_object(&b, fields, &o),
		    size < sizeof(want) ? ERR_RANGE : ERR_OK);
		assert_int_equal(data[size], 'z');
	}
	assert_string_equal(data, want);
}

/* --- what is made while it is written ------------------------------------ */

/* Counts up to ${n}: rows, members and texts, each with the number in it. */
struct counter {
	size_t n, at, fails_at, written;
	enum err e;
	char name[24];
	struct inner row;
	struct text_span span;
};

static enum err
next(void *with, struct emit_row *row)
{
	struct counter *c = with;

	if (c->e != ERR_OK && c->at == c->fails_at) {
		row->value = &c->row;
		return (c->e);
	}
	if (c->at == c->n)
		return (ERR_OK);
	c->written = row->written;
	snprintf(c->name, sizeof(c->name), "%zu", c->at);
	c->row = (struct inner){ c->name, (int64_t)c->at };
	row->name = text_span(c->name);
	row->value = &c->row;
	c->at++;
	return (ERR_OK);
}

static enum err
next_text(void *with, struct emit_row *row)
{
	struct counter *c = with;
	enum err e;

	if ((e = next(with, row)) != ERR_OK || row->value == NULL)
		return (e);
	c->span = (struct text_span){ "ab\"cd", 1 + c->at };
	row->value = &c->span;
	return (ERR_OK);
}

struct lists {
	struct emit_rows rows, texts, map, names, members, more;
	int64_t total;
	const char *end;
};

#define LIST(...) EMIT_FIELD(struct lists, __VA_ARGS__)
static const struct emit_field list_fields[] = {
	LIST(rows, EMIT_ROWS, inner_fields, ""),
	LIST(texts, EMIT_ROWS, NULL, ""),
	LIST(map, EMIT_MAP, inner_fields, ""),
	LIST(names, EMIT_MAP, NULL, ""),
	LIST(members, EMIT_MEMBERS, inner_fields, ""),
	LIST(total, EMIT_INT, NULL, ""),
	LIST(more, EMIT_MEMBERS, NULL, ""),
	LIST(end, EMIT_TEXT, NULL, ""),
	EMIT_END
};

static void
rows_and_maps_are_written_one_by_one(void **state)
{
	struct counter c[6] = { { .n = 2 }, { .n = 3 }, { .n = 2 }, { .n = 1 },
	    { .n = 2 }, { .n = 1 } };
	const struct lists l = {
		.rows = { next, &c[0], 0 }, .texts = { next_text, &c[1], 0 },
		.map = { next, &c[2], 0 }, .names = { next_text, &c[3], 0 },
		.members = { next, &c[4], 0 }, .more = { next_text, &c[5], 0 },
		.end = "e"
	};

	(void)state;
	emitted(list_fields, &l, "{\"rows\":[{\"word\":\"0\",\"n\":0},"
	    "{\"word\":\"1\",\"n\":1}],\"texts\":[\"ab\",\"ab\\\"\","
	    "\"ab\\\"c\"],\"map\":{\"0\":{\"word\":\"0\",\"n\":0},"
	    "\"1\":{\"word\":\"1\",\"n\":1}},\"names\":{\"0\":\"ab\"},"
	    "\"0\":{\"word\":\"0\",\"n\":0},\"1\":{\"word\":\"1\","
	    "\"n\":1},\"total\":0,\"0\":\"ab\",\"end\":\"e\"}");
}

static void
empty_rows_and_maps_are_written_empty(void **state)
{
	struct counter c = { .n = 0 };
	static const struct lists none = { .total = 1 };
	const struct lists empty = {
		.rows = { next, &c, 5 }, .texts = { next, &c, 0 },
		.map = { next, &c, 0 }, .names = { next, &c, 0 },
		.members = { next, &c, 0 }, .more = { next, &c, 0 }
	};
	static const struct emit_field only[] = {
		LIST(members, EMIT_MEMBERS, inner_fields, ""),
		EMIT_END
	};

	(void)state;
	emitted(list_fields, &none, "{\"total\":1}");
	emitted(list_fields, &empty, "{\"rows\":[],\"texts\":[],\"map\":{},"
	    "\"names\":{},\"total\":0}");
	emitted(only, &none, "{}");
	emitted(only, &empty, "{}");
}

/* A member whose value has members only is a map in a map. */
struct nest {
	size_t at;
	struct counter c;
	struct lists inner;
};

static enum err
next_nest(void *with, struct emit_row *row)
{
	static const char *const names[] = { "a", "b", "c" };
	static const size_t sizes[] = { 1, 0, 2 };
	struct nest *n = with;

	if (n->at == 3)
		return (ERR_OK);
	n->c = (struct counter){ .n = sizes[n->at] };
	n->inner = (struct lists){ .members = { next_text, &n->c, 0 } };
	row->name = text_span(names[n->at++]);
	row->value = &n->inner;
	return (ERR_OK);
}

static void
maps_inside_maps_are_written(void **state)
{
	static const struct emit_field by_name[] = {
		LIST(members, EMIT_MEMBERS, NULL, ""),
		EMIT_END
	};
	static const struct emit_field outer[] = {
		LIST(end, EMIT_TEXT, NULL, ""),
		LIST(members, EMIT_MEMBERS, by_name, ""),
		EMIT_END
	};
	struct nest n = { 0 };
	const struct lists l = { .members = { next_nest, &n, 0 }, .end = "e" };

	(void)state;
	emitted(outer, &l, "{\"end\":\"e\",\"a\":{\"0\":\"ab\"},\"b\":{},"
	    "\"c\":{\"0\":\"ab\",\"1\":\"ab\\\"\"}}");
}

/* Whatever stands after rows is read after them, and each row is told how much
   was written before it. */
static enum err
next_counted(void *with, struct emit_row *row)
{
	struct lists *l = with;
	static const struct inner one = { "w", 1 };

	assert_int_equal(row->written, strlen("{\"rows\":[") +
	    (size_t)l->total * strlen(",{\"word\":\"w\",\"n\":1}") -
	    (l->total > 0));
	if (l->total == 3) {
		l->end = "set";
		return (ERR_OK);
	}
	l->total++;
	row->value = &one;
	return (ERR_OK);
}

static void
values_that_the_rows_set_are_written_after_them(void **state)
{
	struct lists l = { .rows = { next_counted, &l, 0 } };

	(void)state;
	emitted(list_fields, &l, "{\"rows\":[{\"word\":\"w\",\"n\":1},"
	    "{\"word\":\"w\",\"n\":1},{\"word\":\"w\",\"n\":1}],"
	    "\"total\":3,\"end\":\"set\"}");
}

static void
the_first_error_of_a_row_ends_the_writing(void **state)
{
	struct counter good = { .n = 2 }, bad, worse;
	const struct lists l = {
		.rows = { next, &good, 0 }, .map = { next, &bad, 0 },
		.members = { next, &worse, 0 }
	};
	char data[512];
	struct buf b;
	size_t at;

	(void)state;
	for (at = 0; at <= 2; at++) {
		good.at = 0;
		bad = (struct counter){ .n = 2, .e = ERR_IO, .fails_at = at };
		worse = (struct counter){ .n = 2, .e = ERR_SOURCE };
		buf_init(&b, data, sizeof(data));
		assert_int_equal(emit_object(&b, list_fields, &l), ERR_IO);
		assert_int_equal(worse.at, 0);
		bad.e = ERR_OK;
		bad.at = good.at = 0;
		worse.fails_at = at;
		buf_init(&b, data, sizeof(data));
		assert_int_equal(emit_object(&b, list_fields, &l), ERR_SOURCE);
	}
}

/* Rows without end, in a buffer that has one. */
static void
rows_without_an_end_stop_at_the_buffers_limit(void **state)
{
	struct counter c = { .n = SIZE_MAX };
	const struct lists rows = { .rows = { next, &c, 0 } };
	const struct lists members = { .members = { next_text, &c, 0 } };
	struct buf b;

	(void)state;
	buf_init_growing(&b, 16, 10000);
	assert_int_equal(emit_object(&b, list_fields, &rows), ERR_RANGE);
	assert_in_range(b.len, 9900, 10000);
	buf_free(&b);
	c.at = 0;
	buf_init_growing(&b, 16, 10000);
	assert_int_equal(emit_object(&b, list_fields, &members), ERR_RANGE);
	buf_free(&b);
}

/* Room for as many as are expected is made after the first, if it may be. */
static void
a_buffer_grows_once_for_the_rows_expected(void **state)
{
	struct counter c = { .n = 1 };
	struct lists l = { .rows = { next, &c, 1000 } };
	struct buf b;

	(void)state;
	buf_init_growing(&b, 16, 1 << 20);
	assert_int_equal(emit_object(&b, list_fields, &l), ERR_OK);
	assert_in_range(b.size, 1000 * strlen("{\"word\":\"0\",\"n\":0}"),
	    1 << 20);
	buf_free(&b);
	c.at = 0;
	l.rows.expect = SIZE_MAX;
	buf_init_growing(&b, 16, 1000);
	assert_int_equal(emit_object(&b, list_fields, &l), ERR_OK);
	assert_string_equal(b.data,
	    "{\"rows\":[{\"word\":\"0\",\"n\":0}],\"total\":0}");
	buf_free(&b);
}

/* --- URLs, spans, flags -------------------------------------------------- */

struct signing {
	struct emit_url url, other;
	struct text_span span;
	bool flag;
	const bool *flag_if;
	const int64_t *int_if;
};

#define SIGN(...) EMIT_FIELD(struct signing, __VA_ARGS__)
static const struct emit_field signing_fields[] = {
	SIGN(url, EMIT_URL, NULL, ""),
	SIGN(other, EMIT_URL, NULL, ""),
	SIGN(span, EMIT_SPAN, NULL, ""),
	SIGN(flag, EMIT_FLAG, NULL, ""),
	SIGN(flag_if, EMIT_FLAG_IF, NULL, ""),
	SIGN(int_if, EMIT_INT_IF, NULL, ""),
	EMIT_END
};

static enum err
write_text(struct buf *b, const void *with)
{

	buf_str(b, with);
	return (ERR_OK);
}

static enum err
write_half(struct buf *b, const void *with)
{

	buf_str(b, with);
	return (ERR_TOO_MANY);
}

static void
urls_are_written_escaped_while_they_are_made(void **state)
{
	static const bool no = false;
	static const int64_t zero = 0;
	struct signing s = { .url = { write_text, "https://a/?b=%20&c=~" },
	    .other = { write_text, "" }, .span = { "\"xyz", 2 }, .flag = true,
	    .flag_if = &no, .int_if = &zero };
	static const struct signing none;

	(void)state;
	emitted(signing_fields, &s, "{\"url\":\"https://a/?b=%20&c=~\","
	    "\"other\":\"\",\"span\":\"\\\"x\",\"flag\":true,"
	    "\"flag_if\":false,\"int_if\":0}");
	emitted(signing_fields, &none, "{\"flag\":false}");
	s = (struct signing){ .span = { "", 0 } };
	emitted(signing_fields, &s, "{\"span\":\"\",\"flag\":false}");
}

static void
urls_that_fail_end_the_writing(void **state)
{
	static const char *const bad[] = { "https://a/\"", "\\", "a\nb",
	    "https://a/?b=123456789\x7f", "\xc3\xa9", "a,\"b\":\"c" };
	struct signing s = { .url = { write_half, "https://a/" } };
	char data[512];
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, data, sizeof(data));
	assert_int_equal(emit_object(&b, signing_fields, &s), ERR_TOO_MANY);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s.url = (struct emit_url){ write_text, bad[i] };
		buf_init(&b, data, sizeof(data));
		assert_int_equal(emit_object(&b, signing_fields, &s),
		    ERR_FORMAT);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_kind_of_field_is_written_in_its_order),
	cmocka_unit_test(fields_of_null_are_left_out),
	cmocka_unit_test(empty_texts_and_lists_are_written),
	cmocka_unit_test(texts_and_names_are_written_escaped),
	cmocka_unit_test(a_buffer_that_is_too_small_overflows_safely),
	cmocka_unit_test(rows_and_maps_are_written_one_by_one),
	cmocka_unit_test(empty_rows_and_maps_are_written_empty),
	cmocka_unit_test(maps_inside_maps_are_written),
	cmocka_unit_test(values_that_the_rows_set_are_written_after_them),
	cmocka_unit_test(the_first_error_of_a_row_ends_the_writing),
	cmocka_unit_test(rows_without_an_end_stop_at_the_buffers_limit),
	cmocka_unit_test(a_buffer_grows_once_for_the_rows_expected),
	cmocka_unit_test(urls_are_written_escaped_while_they_are_made),
	cmocka_unit_test(urls_that_fail_end_the_writing)
};

TEST_MAIN(tests)
