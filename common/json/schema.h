#ifndef JSON_SCHEMA_H_
#define JSON_SCHEMA_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/ss58.h"

/*
 * A request's fields as a table: it drives parsing and checking.  What has been
 * parsed has the declared form; nobody checks it again.
 */
enum schema_kind {
	SCHEMA_SS58,	/* struct ss58: an address, text and key */
	SCHEMA_TEXT,	/* char[size]: UTF-8 without control characters */
	SCHEMA_NAME,	/* char[size]: [a-z0-9_-]{1,32} */
	SCHEMA_TIME,	/* int64_t: Unix seconds, 0 to SCHEMA_TIME_MAX; a string
			   of digits is taken too, as the original did */
};

enum schema_need {
	SCHEMA_REQUIRED,
	SCHEMA_OPTIONAL,	/* absent: all zero */
	SCHEMA_NULLABLE,	/* optional, and null counts as absent */
};

/* An end of year 9999; times are added to without overflow. */
#define SCHEMA_TIME_MAX INT64_C(253402300799)

#define SCHEMA_NAME_MAX 32

struct schema_field {
	const char *name;
	enum schema_kind kind;
	enum schema_need need;
	size_t offset, size;
	const char *about;
};

/* SCHEMA_FIELD(struct request, hotkey, SCHEMA_SS58, SCHEMA_REQUIRED, "...") */
#define SCHEMA_FIELD(type, field, kind, need, about)			\
	{ #field, kind, need, offsetof(type, field),			\
	    sizeof(((type *)0)->field), about }
#define SCHEMA_END { NULL, 0, 0, 0, 0, NULL }

/* Why a body was refused, in the form of FastAPI's 422: static strings only,
   never the input.  field NULL: the body as a whole. */
#define SCHEMA_ERRORS_MAX 16
struct schema_errors {
	size_t n;
	struct {
		const char *field, *msg, *type;
	} error[SCHEMA_ERRORS_MAX];
};

/**
 * schema_parse(fields, body, len, out, errors):
 * Fill the struct at ${out} (of ${out_size} bytes, cleared first) from the JSON
 * object in the ${len} bytes at ${body}.  Fields not in the table are ignored.
 *   Errors  ERR_SCHEMA; ${errors} tells every field that is wrong
 */
CHECKED enum err schema_parse(const struct schema_field *fields,
    const char *body, size_t len, void *out, size_t out_size,
    struct schema_errors *errors);

#endif /* !JSON_SCHEMA_H_ */
