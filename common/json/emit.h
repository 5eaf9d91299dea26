#ifndef JSON_EMIT_H_
#define JSON_EMIT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/*
 * An answer as a tree of tables: compact JSON, in the tables' order, straight
 * into a buffer.  Lists, and URLs in them, are made while they are written, so
 * that an answer of many megabytes is in memory only once.
 *
 * A field is left out if its pointer is NULL: the field itself, the "s" of a
 * span, the "write" of a URL, the "next" of rows.  A table marks a field that
 * may be left out, for those who read the tables: a client's description.
 */
enum emit_kind {
	EMIT_TEXT,	/* const char * */
	EMIT_SPAN,	/* struct text_span: a text without a NUL */
	EMIT_INT,	/* int64_t */
	EMIT_INT_IF,	/* const int64_t * */
	EMIT_FLAG,	/* bool */
	EMIT_FLAG_IF,	/* const bool * */
	EMIT_URL,	/* struct emit_url: signed while it is written */
	EMIT_TEXTS,	/* const char *const *, ended by NULL: an array */
	EMIT_PAIRS,	/* const struct emit_pairs *: an object of strings */
	EMIT_OBJECT,	/* pointer to a struct that ${sub} describes */

	/* struct emit_rows, of structs that ${sub} describes, or of texts
	   (struct text_span) if ${sub} is NULL: */
	EMIT_ROWS,	/* an array */
	EMIT_MAP,	/* an object: names come from the data */
	EMIT_MEMBERS	/* as EMIT_MAP, but its members are written into the
			   object of the field itself, without the field's
			   name */
};

struct emit_url {
	enum err (*write)(struct buf *b, const void *with);
	const void *with;
};

/* One row, filled by an iterator. */
struct emit_row {
	size_t written;		/* in: length of the buffer, for bounds */
	struct text_span name;	/* of a map's member */
	const void *value;	/* NULL: no more rows */
};

/* Rows, one after the other.  ${next} fills a row, whose value and name are
   valid until the next call.  The names in a map must differ, and ${next}
   ensures that. */
struct emit_rows {
	enum err (*next)(void *with, struct emit_row *row);
	void *with;
	size_t expect;		/* expected number of rows of about the
				   first one's length, to reserve room for
				   all at once; 0: unknown */
};

struct emit_pairs {
	size_t n;
	const struct text_pair *pair;
};

struct emit_field {
	const char *name;
	enum emit_kind kind;
	bool maybe;			/* may be left out */
	size_t offset;
	const struct emit_field *sub;
	const char *about;
};

/* EMIT_FIELD(struct response, folder, EMIT_TEXT, NULL, "...") */
#define EMIT_FIELD(type, field, kind, sub, about)			\
	{ #field, kind, EMIT_IS_IF(kind), offsetof(type, field), sub, about }
#define EMIT_IS_IF(kind)						\
	((kind) == EMIT_INT_IF || (kind) == EMIT_FLAG_IF ||		\
	    (kind) == EMIT_MEMBERS)

/* The same for a field that may be left out. */
#define EMIT_MAYBE(type, field, kind, sub, about)			\
	{ #field, kind, true, offsetof(type, field), sub, about }
#define EMIT_END { NULL, 0, false, 0, NULL, NULL }

/**
 * emit_object(b, fields, object):
 * Append the struct at ${object} as a JSON object.  Fields are read in order,
 * so an iterator may set fields that follow its rows.
 *   Errors  the first error of an iterator or of a URL's writer; ERR_FORMAT a
 *	     writer appended a byte that JSON would escape; ERR_RANGE ${b} is
 *	     full.  The object is then incomplete and must not be sent.
 */
CHECKED enum err emit_object(struct buf *b, const struct emit_field *fields,
    const void *object);

/**
 * emit_texts(b, texts):
 * Append an array of strings; NULL ends ${texts}.
 */
void emit_texts(struct buf *b, const char *const *texts);

#endif /* !JSON_EMIT_H_ */
