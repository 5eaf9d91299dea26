#ifndef JSON_EMIT_H_
#define JSON_EMIT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

/*
 * An answer's fields as a table: compact JSON, in the table's order, straight
 * into a buffer.  A NULL pointer leaves its field out.
 */
enum emit_kind {
	EMIT_TEXT,	/* const char * */
	EMIT_INT,	/* int64_t */
	EMIT_INT_IF,	/* const int64_t * */
	EMIT_FLAG_IF,	/* const bool * */
	EMIT_TEXTS,	/* const char *const *, ended by NULL: an array */
	EMIT_PAIRS,	/* struct emit_pairs *: an object of strings */
	EMIT_OBJECT,	/* pointer to a struct that ${sub} describes */
	EMIT_CALL	/* struct emit_call *: writes the value itself */
};

/* For what is made while it is written: lists and maps of many URLs. */
struct emit_call {
	void (*write)(struct buf *b, void *with);
	void *with;
};

struct emit_pairs {
	size_t n;
	const struct text_pair *pair;
};

struct emit_field {
	const char *name;
	enum emit_kind kind;
	size_t offset;
	const struct emit_field *sub;
	const char *about;
};

/* EMIT_FIELD(struct response, folder, EMIT_TEXT, NULL, "...") */
#define EMIT_FIELD(type, field, kind, sub, about)			\
	{ #field, kind, offsetof(type, field), sub, about }
#define EMIT_END { NULL, 0, 0, NULL, NULL }

/**
 * emit_object(b, fields, object):
 * Append the struct at ${object} as a JSON object.
 */
void emit_object(struct buf *b, const struct emit_field *fields,
    const void *object);

/**
 * emit_texts(b, texts):
 * Append an array of strings; NULL ends ${texts}.
 */
void emit_texts(struct buf *b, const char *const *texts);

#endif /* !JSON_EMIT_H_ */
