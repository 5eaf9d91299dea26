#include "test.h"

#include "base/text.h"

#define S(s) { (s), sizeof(s) - 1 }

struct bytes {
	const char *s;
	size_t len;
};

/* What the table 3-7 of the Unicode standard says of two to four bytes,
   written apart from the code's own bounds: decode, then look at the value. */
static size_t
reference(const unsigned char *p, size_t len)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned long v;
	size_t i, n;

	if (len == 0)
		return (0);
	n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 :
	    p[0] >> 3 == 30 ? 4 : 0;
	if (n == 0 || len < n)
		return (0);
	v = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return (0);
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return (0);
	return (n);
}

static void
good_utf8_is_accepted(void **state)
{
	static const struct bytes good[] = {
		S(""), S("a"), S("\0"), S("\x7f"), S("\xc2\x80"),
		S("\xdf\xbf"), S("\xe0\xa0\x80"), S("\xec\x80\x80"),
		S("\xed\x9f\xbf"), S("\xee\x80\x80"), S("\xef\xbf\xbf"),
		S("\xf0\x90\x80\x80"), S("\xf1\x80\x80\x80"),
		S("\xf4\x8f\xbf\xbf"),
		S("\xc3\xa9z\xe2\x82\xac\xf0\x9f\x98\x80"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(text_is_utf8(good[i].s, good[i].len));
}

static void
bad_utf8_is_refused(void **state)
{
	static const struct bytes bad[] = {
		/* Stray, overlong, surrogates, above U+10FFFF, never used. */
		S("\x80"), S("\xbf"), S("a\x80"), S("\xc0\x80"), S("\xc0\xaf"),
		S("\xc1\xbf"), S("\xe0\x80\x80"), S("\xe0\x9f\xbf"),
		S("\xf0\x80\x80\x80"), S("\xf0\x8f\xbf\xbf"),
		S("\xed\xa0\x80"), S("\xed\xbf\xbf"),
		S("\xed\xa0\xbd\xed\xb8\x80"), S("\xf4\x90\x80\x80"),
		S("\xf5\x80\x80\x80"), S("\xf8\x88\x80\x80\x80"), S("\xfe"),
		S("\xff"),
		/* Cut short, at the end and by something else. */
		S("\xc3"), S("\xe2\x82"), S("\xe2"), S("\xf0\x9f\x98"),
		S("\xf0\x9f"), S("\xf0"), S("\xc3z"), S("\xe2\x82z"),
		S("\xf0\x9f\x98z"), S("\xc3\xc3\xa9"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_is_utf8(bad[i].s, bad[i].len));
}

/* All of one and two bytes; of three and four all leads and seconds, with
   thirds and fourths around every bound. */
static void
every_sequence_of_up_to_four_bytes_is_judged_rightly(void **state)
{
	static const unsigned char tail[] = { 0, 0x7f, 0x80, 0xbf, 0xc0, 0xff };
	unsigned char p[4];
	unsigned a, b;
	size_t i, j, len;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			p[0] = (unsigned char)a;
			p[1] = (unsigned char)b;
			for (i = 0; i < 36; i++) {
				p[2] = tail[i % 6];
				p[3] = tail[i / 6];
				for (j = 0; j <= 4; j++) {
					len = text_utf8_next((char *)p, j);
					if (len != reference(p, j))
						fail_msg("%02x %02x %02x %02x, "
						    "%zu bytes: %zu", p[0],
						    p[1], p[2], p[3], j, len);
				}
			}
		}
	}
}

static size_t
escape_all(const char *s, size_t len, char *out)
{
	size_t n = 0, taken;

	for (; len > 0; s += taken, len -= taken) {
		n += text_json_escape(s, len, out + n, &taken);
		assert_true(taken >= 1 && taken <= len);
	}
	return (n);
}

static void
control_characters_and_bad_bytes_are_escaped(void **state)
{
	static const struct {
		struct bytes in;
		const char *out;
	} rows[] = {
		{ S("plain / text"), "plain / text" },
		{ S("\"\\"), "\\\"\\\\" },
		{ S("\n\r\t\b\f"), "\\n\\r\\t\\b\\f" },
		{ S("\0"), "\\u0000" },
		{ S("a\0b"), "a\\u0000b" },
		{ S("\x01\x0b\x1b\x1f"), "\\u0001\\u000b\\u001b\\u001f" },
		{ S("\x7f"), "\\u007f" },
		{ S("\xe2\x80\xa7"), "\xe2\x80\xa7" },
		{ S("\xe2\x80\xa8"), "\\u2028" },
		{ S("\xe2\x80\xa9"), "\\u2029" },
		{ S("\xe2\x80\xaa"), "\xe2\x80\xaa" },
		{ S("\xe2\x81\xa8"), "\xe2\x81\xa8" },
		{ S("\xe3\x80\xa8"), "\xe3\x80\xa8" },
		{ S("\xc3\xa9\xf0\x9f\x98\x80"), "\xc3\xa9\xf0\x9f\x98\x80" },
		{ S("\xff"), "\\ufffd" },
		{ S("\xc3"), "\\ufffd" },
		{ S("\xc3\""), "\\ufffd\\\"" },
		{ S("\xe2\x80"), "\\ufffd\\ufffd" },
		{ S("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd" },
		{ S("\xc0\xa2"), "\\ufffd\\ufffd" },
	};
	char out[256];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = escape_all(rows[i].in.s, rows[i].in.len, out);
		out[n] = '\0';
		assert_string_equal(out, rows[i].out);
	}
}

/* Whatever goes in, UTF-8 on one line comes out, and no bare quote. */
static void
whatever_goes_in_valid_utf8_on_one_line_comes_out(void **state)
{
	static const char near[] = "\xe2\x80\xa8\"\\";
	char in[64], out[64 * TEXT_ESCAPE_MAX];
	uint32_t x = 2463534242;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		for (j = 0; j < sizeof(in); j++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			/* Near UTF-8 half of the time. */
			in[j] = x & 0x100 ? (char)x : near[x % 5];
		}
		n = escape_all(in, sizeof(in), out);
		assert_true(n <= sizeof(out));
		assert_true(text_is_utf8(out, n));
		for (j = 0; j < n; j++) {
			assert_true((unsigned char)out[j] >= 0x20);
			assert_true(out[j] != 0x7f && out[j] != '"');
			assert_false(j + 2 < n && (memcmp(out + j,
			    "\xe2\x80\xa8", 3) == 0 || memcmp(out + j,
			    "\xe2\x80\xa9", 3) == 0));
			if (out[j] == '\\')
				j++;
		}
		assert_int_equal(j, n);
	}
}

/* What is plain ends at the first byte that is not, wherever that is, and
   whatever is beyond the end. */
static void
plain_text_ends_at_the_first_byte_that_is_not(void **state)
{
	char in[32], out[TEXT_ESCAPE_MAX];
	size_t at, len, taken;
	bool odd;
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		memset(in, 'p', sizeof(in));
		in[0] = (char)c;
		odd = c >= 0x80 || text_json_escape(in, 1, out, &taken) != 1;
		for (at = 0; at < 25; at++) {
			memset(in, 'p', sizeof(in));
			in[at] = (char)c;
			in[at + 1] = '"';
			for (len = 0; len <= at; len++)
				assert_int_equal(text_json_plain(in, len), len);
			assert_int_equal(text_json_plain(in, at + 2),
			    odd ? at : at + 1);
		}
	}
}

static void
a_text_with_a_length_is_compared_with_a_plain_one(void **state)
{

	(void)state;
	assert_true(text_equal("abc", 3, "abc"));
	assert_true(text_equal("abcd", 3, "abc"));
	assert_true(text_equal("x", 0, ""));
	assert_false(text_equal("abc", 2, "abc"));
	assert_false(text_equal("abd", 3, "abc"));
	assert_false(text_equal("abc\0", 4, "abc"));
	assert_false(text_equal("ABC", 3, "abc"));
}

/* Each of the 256 bytes, alone and inside a name; the lengths at the edges. */
static void
a_name_holds_allowed_characters_up_to_its_length(void **state)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	char text[TEXT_NAME_MAX + 2];
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		memset(text, 'a', sizeof(text));
		text[1] = (char)c;
		assert_int_equal(text_is_name(text, 3),
		    c != 0 && strchr(good, c) != NULL);
		assert_int_equal(text_is_name(text + 1, 1),
		    c != 0 && strchr(good, c) != NULL);
	}
	memset(text, 'a', sizeof(text));
	assert_false(text_is_name(text, 0));
	assert_true(text_is_name(text, TEXT_NAME_MAX));
	assert_false(text_is_name(text, TEXT_NAME_MAX + 1));
	assert_false(text_is_name(text, SIZE_MAX));
}

static void
a_span_knows_its_text_and_length(void **state)
{
	static const char s[] = "abc";
	struct text_span t = text_span(s);

	(void)state;
	assert_ptr_equal(t.s, s);
	assert_int_equal(t.len, 3);
	assert_int_equal(text_span("").len, 0);
	assert_non_null(text_span("").s);
	assert_null(text_span(NULL).s);
	assert_int_equal(text_span(NULL).len, 0);
}

#define REPEATS_MAX 60

/* As looking back from each of them would find. */
static void
repeated_texts_are_found_as_by_looking_back(void **state)
{
	static const struct bytes words[] = { S(""), S("a"), S("b"), S("ab"),
	    S("a\0"), S("a\0b"), S("\xff"), S("aa") };
	struct text_span t[REPEATS_MAX];
	const struct text_span *room[REPEATS_MAX];
	bool again[REPEATS_MAX], want;
	size_t i, j, n, round;

	(void)state;
	srandom(13);
	for (round = 0; round < 2000; round++) {
		n = round % REPEATS_MAX;
		for (i = 0; i < n; i++) {
			j = (size_t)random() % 8;
			t[i] = (struct text_span){ words[j].s, words[j].len };
		}
		text_repeats(t, n, room, again);
		for (i = 0; i < n; i++) {
			for (want = false, j = 0; j < i && !want; j++)
				want = t[j].len == t[i].len &&
				    memcmp(t[j].s, t[i].s, t[i].len) == 0;
			assert_int_equal(again[i], want);
		}
	}

	/* NULL with no length, as what was not given has. */
	t[0] = t[1] = text_span(NULL);
	text_repeats(t, 2, room, again);
	assert_false(again[0]);
	assert_true(again[1]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(good_utf8_is_accepted),
	cmocka_unit_test(bad_utf8_is_refused),
	cmocka_unit_test(every_sequence_of_up_to_four_bytes_is_judged_rightly),
	cmocka_unit_test(control_characters_and_bad_bytes_are_escaped),
	cmocka_unit_test(whatever_goes_in_valid_utf8_on_one_line_comes_out),
	cmocka_unit_test(a_name_holds_allowed_characters_up_to_its_length),
	cmocka_unit_test(plain_text_ends_at_the_first_byte_that_is_not),
	cmocka_unit_test(a_text_with_a_length_is_compared_with_a_plain_one),
	cmocka_unit_test(a_span_knows_its_text_and_length),
	cmocka_unit_test(repeated_texts_are_found_as_by_looking_back)
};

TEST_MAIN(tests)
