#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/timefmt.h"

/* Room for the fixed part and ten values with every byte escaped. */
#define LINE_MAX_BYTES 16384

static const char *log_program = "foldergate";
static int64_t (*log_now_ms)(void);
static bool for_person, quiet;
static bool (*elsewhere)(enum log_level, const char *, const char *, size_t);
static void (*not_elsewhere)(void);

/* The error that is kept back, and the reason of the last error. */
static char kept[LINE_MAX_BYTES], last_reason[LOG_VALUE_MAX + 1];
static size_t kept_len;
static bool has_reason;

void
log_open(const char *program, int64_t (*now_ms)(void))
{
	int fd;

	/* A file that we open later must not become standard error. */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);

	log_program = program;
	log_now_ms = now_ms;
}

void
log_plain(const char *program)
{

	log_program = program;
	for_person = true;
}

bool
log_quiet(bool on)
{
	const bool was = quiet;

	quiet = on;
	return (was);
}

const char *
log_replace(void)
{
	const bool any = has_reason;

	kept_len = 0;
	has_reason = false;
	return (any ? last_reason : NULL);
}

void
log_sink(bool (*write_line)(enum log_level level, const char *program,
    const char *line, size_t len), void (*failed)(void))
{

	elsewhere = write_line;
	not_elsewhere = failed;
}

static void
write_line(enum log_level level, const char *line, size_t len)
{
	ssize_t r;

	if (elsewhere != NULL && elsewhere(level, log_program, line, len))
		return;

	/* A failure to write here cannot be reported. */
	r = write(STDERR_FILENO, line, len);
	(void)r;
	if (elsewhere != NULL)
		not_elsewhere();
}

void
log_release(void)
{

	if (kept_len > 0)
		write_line(LOG_ERROR, kept, kept_len);
	kept_len = 0;
}

static void
keep_line(const char *line, size_t len)
{

	log_release();
	memcpy(kept, line, len);
	kept_len = len;
}

/* Return the value of the text field ${name}, or NULL. */
static const char *
text_of(const struct log_field *fields, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return (fields[i].text);
	}
	return (NULL);
}

/* Keep the reason, and the advice if there is room for it. */
static void
keep_reason(const struct log_field *fields, size_t n)
{
	const char *reason = text_of(fields, n, "reason");
	const char *advice = quiet ? text_of(fields, n, "advice") : NULL;
	struct buf b;

	has_reason = reason != NULL && reason[0] != '\0';
	if (!has_reason)
		return;
	buf_init(&b, last_reason, sizeof(last_reason));
	buf_add(&b, reason, strnlen(reason, LOG_VALUE_MAX));
	if (advice != NULL && b.len + 2 + strlen(advice) <= LOG_VALUE_MAX) {
		buf_str(&b, ": ");
		buf_str(&b, advice);
	}
}

static void
add_value(struct buf *b, const struct log_field *f)
{
	char cut[LOG_VALUE_MAX + 1];
	size_t len;

	if (f->text == NULL) {
		buf_int(b, f->number);
		return;
	}
	len = strlen(f->text);
	if (len <= LOG_VALUE_MAX) {
		buf_json(b, f->text, len);
		return;
	}
	memcpy(cut, f->text, LOG_VALUE_MAX - 3);
	memcpy(cut + LOG_VALUE_MAX - 3, "...", 3);
	buf_json(b, cut, LOG_VALUE_MAX);
}

static void
start_json(struct buf *b, enum log_level level, const char *event)
{
	static const char *const names[] = { "info", "warn", "error" };
	char when[TIMEFMT_ISO_MAX + 1];

	buf_char(b, '{');
	if (log_now_ms != NULL) {
		timefmt_iso(log_now_ms() / 1000, when);
		buf_fmt(b, "\"time\":\"%s\",", when);
	}
	buf_fmt(b, "\"level\":\"%s\",\"program\":", names[level]);
	buf_json(b, log_program, strlen(log_program));
	buf_str(b, ",\"event\":");
	buf_json(b, event, strlen(event));
}

void
log_fields(enum log_level level, const char *event,
    const struct log_field *fields, size_t n)
{
	char line[LINE_MAX_BYTES];
	struct buf b;
	size_t i, whole;

	if (level == LOG_ERROR)
		keep_reason(fields, n);
	if (quiet || (for_person && level == LOG_INFO))
		return;

	/* Keep room for the end of the line. */
	buf_init(&b, line, sizeof(line) - 2);
	if (for_person)
		buf_fmt(&b, "%s: %s", log_program, event);
	else
		start_json(&b, level, event);
	for (i = 0; i < n; i++) {
		whole = b.len;
		if (for_person) {
			buf_fmt(&b, "%s%s: ", i == 0 ? ": " : ", ",
			    fields[i].name);
		} else {
			buf_char(&b, ',');
			buf_json(&b, fields[i].name, strlen(fields[i].name));
			buf_char(&b, ':');
		}
		add_value(&b, &fields[i]);
		if (b.overflow) {
			/* Drop the fields that do not fit.  Keep the line. */
			b.len = whole;
			break;
		}
	}
	if (!for_person)
		line[b.len++] = '}';
	line[b.len++] = '\n';
	if (for_person && level == LOG_ERROR)
		keep_line(line, b.len);
	else
		write_line(level, line, b.len);
}

_Noreturn void
log_die(const char *event, const char *what)
{

	quiet = false;
	LOG(LOG_ERROR, event, LOG_S("what", what));
	log_release();
	exit(1);
}
