#ifndef JSON_SCHEMA_H_
#define JSON_SCHEMA_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "crypto/ss58.h"

struct arena;

/*
 * A request's fields as a table, which drives parsing and checking.  A parsed
 * field has the declared form, so later code does not check it again.
 */
enum schema_kind {
	SCHEMA_SS58,	/* struct ss58: an address, text and key */
	SCHEMA_TEXT,	/* char[size]: UTF-8 without control characters */
	SCHEMA_TOKEN,	/* char[size]: any UTF-8 without NUL, of a peer */
	SCHEMA_NAME,	/* char[size]: text_is_name() */
	SCHEMA_TIME,	/* int64_t: Unix seconds, 0 to SCHEMA_TIME_MAX */
	SCHEMA_INT,	/* struct schema_int, SCHEMA_INT_MIN to _MAX */
	SCHEMA_FLAG,	/* int64_t: a boolean, false -1, true 1 */
	SCHEMA_TEXTS,	/* struct schema_texts: an array of strings */
	SCHEMA_OBJECTS	/* struct schema_objects: an array of objects */
};

enum schema_need {
	SCHEMA_REQUIRED,
	SCHEMA_SIGNED,		/* required if the proof is in the body,
				   optional if it is in headers */
	SCHEMA_OPTIONAL,	/* absent: all zero */
	SCHEMA_NULLABLE,	/* optional; null, or an empty address, counts
				   as absent */
};

/* The end of the year 9999.  Adding to such a time cannot overflow. */
#define SCHEMA_TIME_MAX INT64_C(253402300799)


/*
 * A whole number.  Zero can be given, so an absent number is told apart.
 *
 * SCHEMA_INT and SCHEMA_TIME accept what pydantic 2.11 accepts, which the
 * original reads them with: 1774000123, 1774000123.0, 1.774000123e9, and as
 * strings "1774000123", " +1774000123.0 ".  Two of its spellings are refused:
 * true for 1, and "1_000".
 */
struct schema_int {
	bool given;
	int64_t n;
};

/* Strings as received: any UTF-8 except NUL, in the request's arena. */
struct schema_texts {
	size_t n;
	const struct text_span *text;
};

/* Structs that the field's own table describes, in the request's arena. */
struct schema_objects {
	size_t n;
	void *object;
};

/*
 * A bound applies to the value of SCHEMA_INT and SCHEMA_TIME, to the bytes of
 * SCHEMA_TEXT, SCHEMA_TOKEN and SCHEMA_NAME, and to the number of items of
 * SCHEMA_TEXTS and SCHEMA_OBJECTS.  A field beyond its bounds is a 422, or
 * ${instead}.  This includes a number that the kind itself cannot hold.  A text
 * that the kind cannot hold is always a 422.  An absent field is not compared.
 */
struct schema_field {
	const char *name;
	enum schema_kind kind;
	enum schema_need need;
	size_t offset, size;
	int64_t min, max;
	enum err instead;		/* ERR_OK: a 422 */
	const char *about;
	const struct schema_field *of;	/* SCHEMA_OBJECTS: the table, */
	size_t of_size;			/* and a struct's size */
};

/* The widest bounds of a kind, for a field of ${size} bytes without bounds. */
#define SCHEMA_INT_MIN (INT64_MIN + 1)
#define SCHEMA_INT_MAX (INT64_MAX - 1)
#define SCHEMA_LEAST(kind)						\
	((kind) == SCHEMA_INT ? SCHEMA_INT_MIN :			\
	    (kind) == SCHEMA_NAME ? 1 : 0)
#define SCHEMA_MOST(kind, size)						\
	((kind) == SCHEMA_TIME ? SCHEMA_TIME_MAX :			\
	    (kind) == SCHEMA_TEXT || (kind) == SCHEMA_TOKEN ||		\
	    (kind) == SCHEMA_NAME ? (int64_t)(size) - 1 : SCHEMA_INT_MAX)

/* A time beyond its bounds, such as one in milliseconds or before 1970, is as
   wrong as one outside the window. */
#define SCHEMA_INSTEAD(kind)						\
	((kind) == SCHEMA_TIME ? ERR_TIMESTAMP : ERR_OK)

/* SCHEMA_BOUND(struct request, hours, SCHEMA_INT, SCHEMA_NULLABLE, 1, 168,
   ERR_EXPIRY_HOURS, "...") */
#define SCHEMA_BOUND(type, field, kind, need, min, max, instead, about)	\
	{ #field, kind, need, offsetof(type, field),			\
	    sizeof(((type *)0)->field), min, max, instead, about, NULL, 0 }

/* SCHEMA_FIELD(struct request, hotkey, SCHEMA_SS58, SCHEMA_REQUIRED, "...") */
#define SCHEMA_FIELD(type, field, kind, need, about)			\
	SCHEMA_BOUND(type, field, kind, need, SCHEMA_LEAST(kind),	\
	    SCHEMA_MOST(kind, sizeof(((type *)0)->field)),		\
	    SCHEMA_INSTEAD(kind), about)

/* The same with another name than the field's, in a nested struct. */
#define SCHEMA_NAMED(name, type, field, kind, need, about)		\
	{ name, kind, need, offsetof(type, field),			\
	    sizeof(((type *)0)->field), SCHEMA_LEAST(kind),		\
	    SCHEMA_MOST(kind, sizeof(((type *)0)->field)),		\
	    SCHEMA_INSTEAD(kind), about, NULL, 0 }

/* SCHEMA_LIST(struct request, files, SCHEMA_NULLABLE, file_fields, struct file,
   1000, "...") */
#define SCHEMA_LIST(type, field, need, of, of_type, max, about)		\
	{ #field, SCHEMA_OBJECTS, need, offsetof(type, field),		\
	    sizeof(((type *)0)->field), 0, max, ERR_OK, about, of,	\
	    sizeof(of_type) }
#define SCHEMA_END { NULL, 0, 0, 0, 0, 0, 0, ERR_OK, NULL, NULL, 0 }

/* The reasons why a body was refused, in the form of FastAPI's 422: static
   strings only, never the input.  If field is NULL, the body as a whole is
   wrong. */
#define SCHEMA_ERRORS_MAX 16
struct schema_errors {
	size_t n;
	struct {
		const char *where, *field, *msg, *type;	/* where: "body" */
	} error[SCHEMA_ERRORS_MAX];
	enum err instead;	/* of the first field beyond its bounds */
};

/**
 * schema_refuse(errors, where, field, msg, type):
 * Add an error of static strings.  It is dropped if there is no room.
 */
void schema_refuse(struct schema_errors *errors, const char *where,
    const char *field, const char *msg, const char *type);

/* A body to parse. */
struct schema_body {
	const char *text;
	size_t len;
	bool signed_elsewhere;	/* by headers: SCHEMA_SIGNED is optional */
	struct arena *arena;	/* for fields without a bound */
};

/**
 * schema_parse(fields, body, out, out_size, errors):
 * Fill the struct at ${out} (of ${out_size} bytes, cleared first) from the
 * JSON object in ${body}.  Fields not in the table are ignored.
 *   Errors  ERR_SCHEMA; ${errors} lists every field that is wrong; the
 *	     ${instead} of the first field beyond its bounds, if nothing else
 *	     is wrong
 */
CHECKED enum err schema_parse(const struct schema_field *fields,
    const struct schema_body *body, void *out, size_t out_size,
    struct schema_errors *errors);

#endif /* !JSON_SCHEMA_H_ */
