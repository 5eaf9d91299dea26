#ifndef BASE_TEXT_H_
#define BASE_TEXT_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * Text from outside: UTF-8 (RFC 3629) and the one JSON escaper, which the log
 * and answers share.
 */

/* A name and its value.  The function that returns one documents its
   lifetime. */
struct text_pair {
	const char *name, *value;
};

/* Bytes that need no NUL at the end. */
struct text_span {
	const char *s;
	size_t len;
};

/**
 * text_span(s):
 * Return all of the string ${s}, or { NULL, 0 } for NULL.
 */
struct text_span text_span(const char *s);

/**
 * text_utf8_next(s, len):
 * Return the length (1 to 4) of the well-formed UTF-8 sequence at the start of
 * the ${len} bytes at ${s}, or 0 if there is none: a stray or missing
 * continuation byte, an overlong form, a surrogate, above U+10FFFF.
 */
size_t text_utf8_next(const char *s, size_t len);

/**
 * text_is_utf8(s, len):
 * Are the ${len} bytes at ${s} well-formed UTF-8?
 */
bool text_is_utf8(const char *s, size_t len);

/* Longest output of text_json_escape() for one step: \uXXXX. */
#define TEXT_ESCAPE_MAX 6

/**
 * text_json_escape(s, len, out, taken):
 * Write to ${out} (TEXT_ESCAPE_MAX bytes) the JSON form of the first character
 * of the ${len} > 0 bytes at ${s}.  Return its length and set ${taken} to the
 * number of bytes consumed.  Quote, backslash, control bytes, DEL, U+2028 and
 * U+2029 are escaped; a byte that is not UTF-8 becomes \ufffd.  So the output
 * is always valid UTF-8 on one line.
 */
size_t text_json_escape(const char *s, size_t len, char out[TEXT_ESCAPE_MAX],
    size_t *taken);

/* The longest name: see text_is_name(). */
#define TEXT_NAME_MAX 32

/**
 * text_is_name(s, len):
 * Are these ${len} bytes a name, such as a source in the coldkey layout?
 *   Shape   1 to TEXT_NAME_MAX of a-z 0-9 _ -; so it is safe in a key, a
 *	     signed text, a URL and JSON
 */
bool text_is_name(const char *s, size_t len);

/**
 * text_repeats(t, n, sorted, again):
 * Set each of the ${n} flags at ${again} if the same text is earlier in ${t}.
 * ${sorted} is room for ${n} pointers.  It takes n log n steps for any texts.
 */
void text_repeats(const struct text_span *t, size_t n,
    const struct text_span **sorted, bool *again);

/**
 * text_json_plain(s, len):
 * Return the number of bytes, from the first of the ${len} at ${s} on, that
 * are ASCII and that text_json_escape() would not change.
 */
size_t text_json_plain(const char *s, size_t len);

/**
 * text_equal(a, a_len, b):
 * Are the ${a_len} bytes at ${a} equal to the string ${b}?
 */
bool text_equal(const char *a, size_t a_len, const char *b);

#endif /* !BASE_TEXT_H_ */
