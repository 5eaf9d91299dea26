#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/timefmt.h"

/* Room for the fixed part and ten values, each byte escaped at its longest. */
#define LINE_MAX_BYTES 16384

static const char *log_program = "foldergate";
static int64_t (*log_now_ms)(void);
static bool for_person;

void
log_open(const char *program, int64_t (*now_ms)(void))
{
	int fd;

	/* A file that we open must not become somebody's standard error. */
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
	ssize_t r;

	if (for_person && level == LOG_INFO)
		return;

	/* Room is kept for the end of the line. */
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
			/* Drop what does not fit, keep the line. */
			b.len = whole;
			break;
		}
	}
	if (!for_person)
		line[b.len++] = '}';
	line[b.len++] = '\n';

	/* There is nobody to tell that the log cannot be written. */
	r = write(STDERR_FILENO, line, b.len);
	(void)r;
}

_Noreturn void
log_die(const char *event, const char *what)
{

	LOG(LOG_ERROR, event, LOG_S("what", what));
	exit(1);
}
