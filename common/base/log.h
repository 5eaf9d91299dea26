#ifndef BASE_LOG_H_
#define BASE_LOG_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each log line is one JSON object, written with one write() to standard error,
 * or where base/sink sends it.
 * Values are escaped by text_json_escape() and cut at LOG_VALUE_MAX bytes.  So
 * a stranger's text stays inside its quotes, and a line stays short.
 * Never log a secret, a signature, a signed URL or a peer's error text.
 */
enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name;
	const char *text;	/* NULL: the value is number */
	int64_t number;
};

/* Longest value, in bytes before escaping.  A cut value ends in "...". */
#define LOG_VALUE_MAX 200

/**
 * log_open(program, now_ms):
 * Name the program in every line from here on, and take the time of a line from
 * ${now_ms} (NULL: no time).  ${program} must stay.  Standard streams that are
 * closed are opened on /dev/null.
 */
void log_open(const char *program, int64_t (*now_ms)(void));

/**
 * log_plain(program):
 * Write for a person at a terminal instead: "program: event: name: value, ...",
 * with the same escapes, and errors and warnings only.  One error is kept back
 * for log_replace() or log_release(), until the next error.
 */
void log_plain(const char *program);

/**
 * log_sink(write_line, failed):
 * Pass each line, newline included, to ${write_line} (NULL: to standard error).
 * If that returns false, the line goes to standard error, and then ${failed} is
 * called, which may log.  For base/sink.
 */
void log_sink(bool (*write_line)(enum log_level level, const char *program,
    const char *line, size_t len), void (*failed)(void));

/**
 * log_replace():
 * Drop the error that is kept back, because the caller reports it in its own
 * words.  Return the reason of the error that was logged last.  Return NULL if
 * that error has no reason, or if this function has already returned it.  The
 * text stays valid until the next error.
 */
const char *log_replace(void);

/**
 * log_quiet(on):
 * While ${on} is true, write no line.  log_replace() still returns the reason
 * of the last error.  This serves a caller that tries things and reports in its
 * own words.  Return whether it was on before.
 */
bool log_quiet(bool on);

/**
 * log_release():
 * Write the error that is kept back, if there is one.
 */
void log_release(void);

/**
 * log_fields(level, event, fields, n):
 * Write one line: time, level, program, event, then the ${n} fields.
 */
void log_fields(enum log_level level, const char *event,
    const struct log_field *fields, size_t n);

/* LOG(LOG_WARN, "snapshot_refused", LOG_S("path", path), LOG_I("errno", e)); */
#define LOG_S(k, v) { (k), (v), 0 }
#define LOG_I(k, v) { (k), NULL, (int64_t)(v) }
#define LOG(level, event, ...)						\
	log_fields((level), (event),					\
	    (struct log_field[]){ __VA_ARGS__ },			\
	    sizeof((struct log_field[]){ __VA_ARGS__ }) /		\
	    sizeof(struct log_field))

/**
 * log_die(event, what):
 * Log ${event} with ${what} as an error and exit with status 1.
 */
_Noreturn void log_die(const char *event, const char *what);

#endif /* !BASE_LOG_H_ */
