#ifndef BASE_BUF_H_
#define BASE_BUF_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Marks a large array that a struct buf fills from its start.  It need not
   be cleared, unlike others, which the compiler clears. */
#define BUF_SPACE __attribute__((uninitialized))

/*
 * Text or bytes built up in storage that the caller owns, or that grows.  An
 * overflow is sticky: nothing more is appended, and buf_end() reports it.  So
 * a chain of appends is checked once, at its end.
 */
struct buf {
	char *data;
	size_t len;		/* bytes written; data[len] is NUL */
	size_t size;		/* bytes of storage, NUL included; > 0 */
	size_t most;		/* the largest size; 0: it does not grow */
	bool overflow;
};

/**
 * buf_init(b, data, size):
 * Start an empty ${b} over the ${size} > 0 bytes at ${data}.
 */
void buf_init(struct buf *b, char *data, size_t size);

/**
 * buf_init_growing(b, size, most), buf_free(b):
 * Start an empty ${b} over ${size} > 0 bytes of its own, which grow up to
 * ${most}.  Wipe and free them.
 */
void buf_init_growing(struct buf *b, size_t size, size_t most);
void buf_free(struct buf *b);

/**
 * buf_room(b, len):
 * Is there room for ${len} bytes and a NUL?  A ${b} that may grow gets it, and
 * pointers into it are then invalid.
 */
bool buf_room(struct buf *b, size_t len);

/**
 * buf_add(b, data, len), buf_str(b, s), buf_char(b, c), buf_int(b, n):
 * Append bytes, a string, a byte, a decimal number.
 */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t n);

/**
 * buf_fmt(b, fmt, ...):
 * Append as printf would.
 */
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * buf_json(b, s, len):
 * Append the ${len} bytes at ${s} as a JSON string, quotes included, by the
 * rules of text_json_escape().
 */
void buf_json(struct buf *b, const char *s, size_t len);

/**
 * buf_end(b):
 *   Errors  ERR_RANGE iff something did not fit
 */
CHECKED enum err buf_end(const struct buf *b);

#endif /* !BASE_BUF_H_ */
