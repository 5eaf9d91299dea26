#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"
#include "terminal.h"

/* The shortest and the longest row of signs in a bar. */
#define BAR_MIN 8
#define BAR_MAX TERMINAL_BAR_MAX

void
progress_size(int64_t bytes, char out[PROGRESS_WORD_MAX + 1])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	int64_t whole = bytes, rest = 0;
	size_t i = 0;

	while (whole >= 1000 && i + 1 < sizeof(units) / sizeof(units[0])) {
		rest = whole % 1024;
		whole /= 1024;
		i++;
	}
	if (i == 0 || whole >= 100)
		snprintf(out, PROGRESS_WORD_MAX + 1, "%" PRId64 " %s", whole,
		    units[i]);
	else
		snprintf(out, PROGRESS_WORD_MAX + 1, "%" PRId64 ".%" PRId64
		    " %s", whole, rest * 10 / 1024, units[i]);
}

void
progress_time(int64_t s, char out[PROGRESS_WORD_MAX + 1])
{

	if (s >= 2 * 86400)
		snprintf(out, PROGRESS_WORD_MAX + 1, "%" PRId64 " d",
		    s / 86400);
	else if (s >= 3600)
		snprintf(out, PROGRESS_WORD_MAX + 1, "%" PRId64 ":%02d:%02d",
		    s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(out, PROGRESS_WORD_MAX + 1, "%d:%02d", (int)(s / 60),
		    (int)(s % 60));
}

/* The parts of either form.  A part that is not known is empty. */
struct parts {
	int percent;		/* -1: not known */
	char size[80], files[64], rate[40], left[40];
};

static void
make_parts(const struct progress_view *v, struct parts *p)
{
	char a[PROGRESS_WORD_MAX + 1], b[PROGRESS_WORD_MAX + 1];

	memset(p, 0, sizeof(*p));
	p->percent = v->bytes_total <= 0 ? -1 : v->bytes >= v->bytes_total ?
	    100 : (int)((double)v->bytes * 100 / (double)v->bytes_total);
	progress_size(v->bytes, a);
	progress_size(v->bytes_total < 0 ? 0 : v->bytes_total, b);
	if (v->bytes_total >= 0)
		snprintf(p->size, sizeof(p->size), "%s of %s", a, b);
	else
		snprintf(p->size, sizeof(p->size), "%s", a);
	if (v->files_total >= 0)
		snprintf(p->files, sizeof(p->files), "%" PRId64 " of %" PRId64
		    " files", v->files, v->files_total);
	else if (v->files >= 0)
		snprintf(p->files, sizeof(p->files), "%" PRId64 " files",
		    v->files);
	if (v->rate < 0)
		return;
	progress_size(v->rate, a);
	snprintf(p->rate, sizeof(p->rate), "%s/s", a);
	if (v->rate > 0 && v->bytes_total > v->bytes) {
		progress_time((v->bytes_total - v->bytes) / v->rate, b);
		snprintf(p->left, sizeof(p->left), "%s left", b);
	}
}

/* Columns that ${part} takes, with the two blanks before it. */
static size_t
columns(const char *part)
{

	return (part[0] == '\0' ? 0 : strlen(part) + 2);
}

static void
add(char *out, const char *part)
{
	const size_t len = strlen(out);

	if (part[0] != '\0')
		snprintf(out + len, PROGRESS_TEXT_MAX + 1 - len, "%s%s",
		    len > 0 ? "  " : "", part);
}

void
progress_bar(const char *what, const struct progress_view *v, size_t width,
    bool color, char out[PROGRESS_TEXT_MAX + 1])
{
	char percent[16] = "", bar[TERMINAL_BAR_TEXT + 1];
	struct parts p;
	size_t used, signs = 0;

	make_parts(v, &p);
	if (p.percent >= 0)
		snprintf(percent, sizeof(percent), "%3d%%", p.percent);
	if (width > PROGRESS_WIDTH_MAX)
		width = PROGRESS_WIDTH_MAX;

	/* In the order of their worth, until the line is full. */
	used = strlen(what) + columns(percent);
	if (used + columns(p.left) > width)
		p.left[0] = '\0';
	used += columns(p.left);
	if (used + columns(p.rate) > width)
		p.rate[0] = '\0';
	used += columns(p.rate);
	if (used + columns(p.size) > width)
		p.size[0] = '\0';
	used += columns(p.size);
	if (percent[0] != '\0' && used + BAR_MIN + 4 <= width)
		signs = BAR_MIN;
	used += signs > 0 ? signs + 4 : 0;
	if (used + columns(p.files) > width)
		p.files[0] = '\0';
	used += columns(p.files);
	if (signs > 0 && width > used)
		signs += width - used;
	if (signs > BAR_MAX)
		signs = BAR_MAX;

	snprintf(out, PROGRESS_TEXT_MAX + 1, "%.*s", (int)width, what);
	if (strlen(what) + columns(percent) <= width)
		add(out, percent);
	if (signs > 0) {
		terminal_bar(bar, signs, p.percent, color);
		add(out, bar);
	}
	add(out, p.size);
	add(out, p.rate);
	add(out, p.left);
	add(out, p.files);
}

void
progress_line(const char *what, const struct progress_view *v,
    char out[PROGRESS_TEXT_MAX + 1])
{
	struct parts p;
	const char *const part[] = { p.size, p.files, p.rate, p.left };
	size_t i, len;

	make_parts(v, &p);
	snprintf(out, PROGRESS_TEXT_MAX + 1, "%s: ", what);
	len = strlen(out);
	if (p.percent >= 0)
		snprintf(out + len, PROGRESS_TEXT_MAX + 1 - len, "%d%%, ",
		    p.percent);
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (part[i][0] == '\0')
			continue;
		len = strlen(out);
		snprintf(out + len, PROGRESS_TEXT_MAX + 1 - len, "%s%s",
		    i > 0 ? ", " : "", part[i]);
	}
}
