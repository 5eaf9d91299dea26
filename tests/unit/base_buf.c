#include "test.h"

#include "base/buf.h"
#include "base/text.h"

static void
texts_characters_and_formats_are_appended(void **state)
{
	char data[128];
	struct buf b;

	(void)state;
	memset(data, 'z', sizeof(data));
	buf_init(&b, data, sizeof(data));
	assert_string_equal(data, "");
	assert_int_equal(b.len, 0);
	buf_str(&b, "one");
	buf_char(&b, ' ');
	buf_add(&b, "two!", 3);
	buf_fmt(&b, " %s-%d", "three", 4);
	buf_char(&b, ' ');
	buf_int(&b, INT64_MIN);
	buf_char(&b, ' ');
	buf_int(&b, INT64_MAX);
	buf_str(&b, "");
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(data, "one two three-4 -9223372036854775808 "
	    "9223372036854775807");
	assert_int_equal(b.len, strlen(data));
}

static void
bytes_are_appended_with_their_nul(void **state)
{
	char data[8];
	struct buf b;

	(void)state;
	buf_init(&b, data, sizeof(data));
	buf_add(&b, "a\0b", 3);
	buf_char(&b, '\0');
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_int_equal(b.len, 4);
	assert_memory_equal(data, "a\0b\0", 5);
}

static void
a_json_string_is_appended_escaped(void **state)
{
	char data[64];
	struct buf b;

	(void)state;
	buf_init(&b, data, sizeof(data));
	buf_json(&b, "", 0);
	buf_json(&b, "a\"\\\n\0\xff/", 7);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_string_equal(data, "\"\"\"a\\\"\\\\\\n\\u0000\\ufffd/\"");
}

/* As one character after the other would be. */
static void
json_slowly(struct buf *b, const char *s, size_t len)
{
	char out[TEXT_ESCAPE_MAX];
	size_t n, taken;

	buf_char(b, '"');
	for (; len > 0; s += taken, len -= taken) {
		n = text_json_escape(s, len, out, &taken);
		buf_add(b, out, n);
	}
	buf_char(b, '"');
}

/* Each byte value at each place of each length up to three words: alone in
   plain text, and followed by what makes a character of it. */
static void
any_byte_at_any_place_makes_a_valid_json_string(void **state)
{
	char in[25], data[256], want[256];
	struct buf b, w;
	size_t at, len;
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		for (len = 1; len <= sizeof(in) - 1; len++) {
			for (at = 0; at < len; at++) {
				memset(in, 'p', sizeof(in));
				in[at] = (char)c;
				in[at + 1] = c >= 0xc2 ? '\x80' : 'p';
				buf_init(&b, data, sizeof(data));
				buf_init(&w, want, sizeof(want));
				buf_json(&b, in, len);
				json_slowly(&w, in, len);
				assert_string_equal(data, want);
			}
		}
	}
}

/* The last byte of storage is for the NUL, and nothing beyond is touched. */
static void
a_text_that_fits_exactly_is_taken(void **state)
{
	char data[8] = "zzzzzzz";
	struct buf b;

	(void)state;
	buf_init(&b, data, 5);
	buf_str(&b, "1234");
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_memory_equal(data, "1234\0zz", 8);
	buf_init(&b, data, 5);
	buf_fmt(&b, "%d", 5678);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_memory_equal(data, "5678\0zz", 8);
	buf_init(&b, data, 1);
	buf_str(&b, "");
	assert_int_equal(buf_end(&b), ERR_OK);
	buf_char(&b, 'x');
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_memory_equal(data, "\0" "678\0zz", 8);
}

static void
an_overflow_refuses_all_that_comes_later(void **state)
{
	char data[8] = "zzzzzzz";
	struct buf b;

	(void)state;
	buf_init(&b, data, 5);
	buf_str(&b, "12");
	buf_str(&b, "345");
	assert_int_equal(buf_end(&b), ERR_RANGE);

	/* What would fit now comes too late, by whichever way. */
	buf_char(&b, '3');
	buf_str(&b, "3");
	buf_int(&b, 3);
	buf_fmt(&b, "3");
	buf_json(&b, "", 0);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_int_equal(b.len, 2);
	assert_memory_equal(data, "12\0", 3);
	assert_memory_equal(data + 5, "zz", 3);
}

static void
a_format_that_does_not_fit_leaves_the_text_alone(void **state)
{
	char data[8] = "zzzzzzz";
	struct buf b;

	(void)state;
	buf_init(&b, data, 5);
	buf_str(&b, "12");
	buf_fmt(&b, "%d", 345);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(data, "12");
	assert_int_equal(b.len, 2);
	assert_memory_equal(data + 5, "zz", 3);
	buf_str(&b, "3");
	assert_int_equal(b.len, 2);
	buf_init(&b, data, 5);
	assert_int_equal(buf_end(&b), ERR_OK);
	buf_int(&b, 12345);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(data, "");
}

static void
a_length_near_the_largest_size_overflows(void **state)
{
	char data[8];
	struct buf b;

	(void)state;
	buf_init(&b, data, sizeof(data));
	buf_str(&b, "123");
	buf_add(&b, "x", SIZE_MAX);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	buf_init(&b, data, sizeof(data));
	buf_str(&b, "123");
	buf_add(&b, "x", SIZE_MAX - 3);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(data, "123");
}

/* From one byte to the limit, to the byte, whatever is appended. */
static void
a_growing_buffer_takes_exactly_its_limit(void **state)
{
	char want[5001];
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		want[i] = (char)('a' + i % 26);
	want[5000] = '\0';
	buf_init_growing(&b, 1, 5001);
	assert_string_equal(b.data, "");
	for (i = 0; i < 1000; i++)
		buf_char(&b, want[i]);
	buf_add(&b, want + 1000, 2000);
	buf_fmt(&b, "%.500s", want + 3000);
	buf_str(&b, want + 3500);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_int_equal(b.len, 5000);
	assert_string_equal(b.data, want);
	assert_int_equal(b.size, 5001);

	/* Full: as with storage that does not grow. */
	buf_char(&b, 'x');
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(b.data, want);
	buf_free(&b);
	assert_null(b.data);
	buf_free(&b);
}

static void
a_growing_buffer_refuses_more_than_its_limit(void **state)
{
	struct buf b;

	(void)state;
	buf_init_growing(&b, 4, 100);
	buf_str(&b, "123");
	assert_false(buf_room(&b, SIZE_MAX));
	assert_false(buf_room(&b, SIZE_MAX - 3));
	assert_false(buf_room(&b, 97));
	assert_int_equal(b.size, 4);
	assert_true(buf_room(&b, 96));
	assert_string_equal(b.data, "123");
	buf_fmt(&b, "%*d", 97, 1);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	assert_string_equal(b.data, "123");
	buf_str(&b, "4");
	assert_int_equal(b.len, 3);
	buf_free(&b);
	buf_init_growing(&b, 4, 100);
	buf_fmt(&b, "%*d", 99, 1);
	assert_int_equal(buf_end(&b), ERR_OK);
	assert_int_equal(b.len, 99);
	buf_add(&b, "x", SIZE_MAX);
	assert_int_equal(buf_end(&b), ERR_RANGE);
	buf_free(&b);
}

/* Every length at and around each size: the NUL always has its place. */
static void
a_growing_buffer_keeps_room_for_its_nul(void **state)
{
	static const char text[64] = "0123456789012345678901234567890123456789";
	struct buf b;
	size_t had, len;

	(void)state;
	for (had = 0; had < 8; had++) {
		for (len = 0; len < 40; len++) {
			buf_init_growing(&b, 8, 1000);
			buf_add(&b, text, had);
			buf_add(&b, text, len);
			assert_int_equal(buf_end(&b), ERR_OK);
			assert_int_equal(b.len, had + len);
			assert_in_range(b.size, b.len + 1, 1000);
			assert_memory_equal(b.data + had, text, len);
			buf_free(&b);
		}
	}
}

/* Storage of somebody else's is never freed. */
static void
storage_of_the_caller_is_not_grown_or_freed(void **state)
{
	char data[4];
	struct buf b;

	(void)state;
	buf_init(&b, data, sizeof(data));
	assert_true(buf_room(&b, 3));
	assert_false(buf_room(&b, 4));
	assert_ptr_equal(b.data, data);
	assert_int_equal(buf_end(&b), ERR_OK);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(texts_characters_and_formats_are_appended),
	cmocka_unit_test(bytes_are_appended_with_their_nul),
	cmocka_unit_test(a_json_string_is_appended_escaped),
	cmocka_unit_test(any_byte_at_any_place_makes_a_valid_json_string),
	cmocka_unit_test(a_text_that_fits_exactly_is_taken),
	cmocka_unit_test(an_overflow_refuses_all_that_comes_later),
	cmocka_unit_test(a_format_that_does_not_fit_leaves_the_text_alone),
	cmocka_unit_test(a_length_near_the_largest_size_overflows),
	cmocka_unit_test(a_growing_buffer_takes_exactly_its_limit),
	cmocka_unit_test(a_growing_buffer_refuses_more_than_its_limit),
	cmocka_unit_test(a_growing_buffer_keeps_room_for_its_nul),
	cmocka_unit_test(storage_of_the_caller_is_not_grown_or_freed)
};

TEST_MAIN(tests)
