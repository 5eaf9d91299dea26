#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "screen.h"
#include "terminal.h"
#include "top_live.h"
#include "top_take.h"
#include "top_view.h"

/* The first rates come after this time. */
#define FIRST_MS 500

struct live {
	struct top_take *take;
	struct screen *screen;
	struct top_look look;
	struct top_change change;
	struct top_view view;
	int64_t next_ms;		/* when to look again */
};

static void
look(struct live *l)
{
	const int64_t pause_ms = l->look.interval_s * 1000;

	top_take_look(l->take);
	l->next_ms = clock_tick_ms() + (l->take->looks == 1 &&
	    pause_ms > FIRST_MS ? FIRST_MS : pause_ms);
}

/* Lay out again: the numbers, the order, the size or the help changed. */
static bool
draw(struct live *l)
{
	const struct terminal_size size = terminal_size(STDOUT_FILENO);

	top_sample_compare(top_take_before(l->take), &l->take->now,
	    l->look.sort, &l->change);
	if (l->change.requests.rate > l->look.peak)
		l->look.peak = l->change.requests.rate;
	l->look.width = size.columns;
	l->look.height = size.rows;
	top_view_make(&l->view, &l->look, &l->take->now, &l->change,
	    &l->take->facts);
	if (l->look.skip > l->view.skip_most)
		l->look.skip = l->view.skip_most;
	return (screen_draw(l->screen, l->view.line[0],
	    sizeof(l->view.line[0]), l->view.n));
}

static void
scroll(struct live *l, size_t lines, bool down)
{

	if (down)
		l->look.skip += lines;
	else
		l->look.skip -= lines < l->look.skip ? lines : l->look.skip;
}

static void
set_interval(struct live *l, int64_t interval_s)
{

	if (interval_s < 1 || interval_s > TOP_LIVE_INTERVAL_MAX_S)
		return;
	l->next_ms += (interval_s - l->look.interval_s) * 1000;
	l->look.interval_s = interval_s;
}

/* Return false if the person quits. */
static bool
press(struct live *l, int key)
{
	const size_t page = l->look.height / 2;

	switch (key) {
	case 'q': case 'Q':
		return (false);
	case 'r':
		l->look.sort = TOP_BY_REQUESTS;
		break;
	case 'e':
		l->look.sort = TOP_BY_ERRORS;
		break;
	case 'l':
		l->look.sort = TOP_BY_TIME;
		break;
	case 'j': case SCREEN_DOWN:
		scroll(l, 1, true);
		break;
	case 'k': case SCREEN_UP:
		scroll(l, 1, false);
		break;
	case SCREEN_PAGE_DOWN:
		scroll(l, page, true);
		break;
	case SCREEN_PAGE_UP:
		scroll(l, page, false);
		break;
	case 'p': case ' ':
		l->look.paused = !l->look.paused;
		l->next_ms = clock_tick_ms();
		break;
	case 'h': case '?':
		l->look.help = !l->look.help;
		l->look.skip = 0;
		break;
	case '+': case '=':
		set_interval(l, l->look.interval_s + 1);
		break;
	case '-':
		set_interval(l, l->look.interval_s - 1);
		break;
	}
	return (true);
}

/* Until the person quits, or the terminal is gone. */
static enum screen_event
go(struct live *l)
{
	enum screen_event event = SCREEN_NOTHING;
	int64_t left_ms;
	int key = 0;

	for (;;) {
		left_ms = l->next_ms - clock_tick_ms();
		if (!l->look.paused && left_ms <= 0) {
			look(l);
			continue;
		}
		if (!draw(l)) {
			event = screen_wait(l->screen, 0, &key);
			return (event == SCREEN_STOPPED ? event : SCREEN_LOST);
		}
		event = screen_wait(l->screen, l->look.paused ?
		    INT64_C(1000) * TOP_LIVE_INTERVAL_MAX_S : left_ms, &key);
		if (event == SCREEN_STOPPED || event == SCREEN_LOST)
			return (event);
		if (event == SCREEN_KEY && !press(l, key))
			return (event);
	}
}

int
top_live_run(struct top_take *t, int64_t interval_s, bool color)
{
	enum screen_event end;
	struct live *l;
	bool stopped, was;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		log_die("out_of_memory", "top");
	l->take = t;
	l->look.interval_s = interval_s;
	l->look.color = color;
	if ((l->screen = screen_open()) == NULL) {
		free(l);
		return (command_failed("this terminal cannot be used; "
		    "foldergate top --once needs none"));
	}
	was = log_quiet(true);
	end = go(l);
	(void)log_replace();
	(void)log_quiet(was);
	stopped = screen_close(l->screen);
	free(l);
	if (stopped)
		return (COMMAND_STOPPED);
	return (end == SCREEN_LOST ?
	    command_failed("the terminal is gone") : COMMAND_OK);
}
