#ifndef BASE_ERR_H_
#define BASE_ERR_H_

/* Every error; err.def is the table of status, code and public text. */
enum err {
#define ERR(name, status, code, detail) ERR_##name,
#include "base/err.def"
#undef ERR
	ERR_COUNT
};

/* Marks a function whose result must be used. */
#define CHECKED __attribute__((warn_unused_result))

/* Marks a function that takes a printf format. */
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/**
 * err_status(e), err_code(e), err_detail(e), err_name(e):
 * Return the HTTP status, the machine-readable code, the public text, and the
 * internal name (for logs) of ${e}.  All are static strings.
 */
int err_status(enum err e);
const char *err_code(enum err e);
const char *err_detail(enum err e);
const char *err_name(enum err e);

#endif /* !BASE_ERR_H_ */
