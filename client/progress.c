#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "progress.h"
#include "settings.h"
#include "terminal.h"

#define DRAW_MS 100

/* The rate is that of the last SAMPLES * SAMPLE_MS. */
#define SAMPLES 16
#define SAMPLE_MS 500

struct progress {
	const char *what;
	bool shows, terminal, color, says;
	bool drawn;			/* the bar is on the screen */
	int64_t last_ms;		/* when it was shown; 0: never */
	struct progress_view view;
	struct { int64_t ms, bytes; } sample[SAMPLES];
	size_t samples;			/* all that were taken */
};

struct progress *
progress_new(const struct settings *s, const char *what)
{
	struct progress *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_die("out_of_memory", "progress");
	p->what = what;
	p->says = !s->quiet;
	p->shows = !s->quiet && !s->json;
	p->terminal = terminal_draws(STDERR_FILENO);
	p->color = settings_color(s, STDERR_FILENO);
	return (p);
}

static size_t
columns(void)
{
	const size_t n = terminal_size(STDERR_FILENO).columns;

	/* A sign in the last column would move the cursor to the next
	   line. */
	return (n <= PROGRESS_WIDTH_MIN ? PROGRESS_WIDTH_MIN : n - 1);
}

/* Remove the bar.  After the terminal became narrower it fills more than one
   line, of which all but the first are removed by clearing downwards. */
static void
erase(struct progress *p)
{

	if (p->drawn)
		fputs("\r\033[J", stderr);
	p->drawn = false;
}

/* A command in the background does not draw into another's lines. */
static bool
may_draw(const struct progress *p)
{
	const pid_t group = tcgetpgrp(STDERR_FILENO);

	return (p->terminal && (group == -1 || group == getpgrp()));
}

static void
draw(struct progress *p)
{
	char text[PROGRESS_TEXT_MAX + 1];

	if (!may_draw(p))
		return;
	progress_bar(p->what, &p->view, columns(), p->color, text);
	erase(p);
	fprintf(stderr, "%s", text);
	fflush(stderr);
	p->drawn = true;
}

/* Set the rate from what was done since the oldest sample. */
static void
measure(struct progress *p, int64_t now_ms)
{
	const size_t last = (p->samples + SAMPLES - 1) % SAMPLES;
	const size_t first = p->samples < SAMPLES ? 0 : p->samples % SAMPLES;
	int64_t ms, bytes;

	p->view.rate = -1;
	if (p->samples > 0) {
		ms = now_ms - p->sample[first].ms;
		bytes = p->view.bytes - p->sample[first].bytes;

		/* A transfer that began again has moved less. */
		if (ms >= SAMPLE_MS)
			p->view.rate = bytes <= 0 ? 0 :
			    (int64_t)((double)bytes * 1000 / (double)ms);
	}
	if (p->samples == 0 || now_ms - p->sample[last].ms >= SAMPLE_MS) {
		p->sample[p->samples % SAMPLES].ms = now_ms;
		p->sample[p->samples % SAMPLES].bytes = p->view.bytes;
		p->samples++;
	}
}

void
progress_show(struct progress *p, const struct progress_view *view)
{
	const int64_t now_ms = clock_tick_ms();
	const int64_t pause_ms = p->terminal ? DRAW_MS :
	    PROGRESS_LINE_S * 1000;
	char text[PROGRESS_TEXT_MAX + 1];

	if (!p->shows)
		return;
	p->view = *view;
	measure(p, now_ms);
	if (p->last_ms == 0 && !p->terminal)
		p->last_ms = now_ms;	/* A short command writes no line. */
	if (p->last_ms != 0 && now_ms - p->last_ms < pause_ms)
		return;
	p->last_ms = now_ms;
	if (p->terminal) {
		draw(p);
	} else {
		progress_line(p->what, &p->view, text);
		fprintf(stderr, "%s\n", text);
	}
}

void
progress_say(struct progress *p, bool error, const char *fmt, ...)
{
	const bool was = p->drawn;
	va_list ap;

	if (!error && !p->says)
		return;
	erase(p);
	fflush(stderr);
	va_start(ap, fmt);
	vfprintf(error ? stderr : stdout, fmt, ap);
	va_end(ap);
	fputc('\n', error ? stderr : stdout);
	if (was) {
		fflush(stdout);
		draw(p);
	}
}

void
progress_free(struct progress *p)
{

	if (p == NULL)
		return;
	erase(p);
	fflush(stderr);
	free(p);
}
