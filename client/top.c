/* foldergate top: what the service does now, from its counters, in the manner
   of htop. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "check_user.h"
#include "command.h"
#include "config/config.h"
#include "settings.h"
#include "state/metrics.h"
#include "top_facts.h"
#include "top_json.h"
#include "top_sample.h"
#include "top_view.h"

/* Seconds between two looks. */
#define INTERVAL_USUAL 2
#define INTERVAL_MAX 3600

struct top {
	struct config cfg;
	struct top_source *source;
	struct top_sample before, now;
	struct top_change change;
	struct top_facts facts;
	struct top_view view;
};

/* Take a sample; the last one becomes the one before.  The table is opened each
   time, so that one in its place is found. */
static void
look(struct top *t)
{
	const int64_t now_s = clock_now_ms() / 1000;
	const char *why = NULL;
	struct metrics *m;
	bool was;

	t->before = t->now;
	was = log_quiet(true);
	if (metrics_copy(t->cfg.state_shared, &m, &why) == ERR_OK) {
		top_sample_take(&t->now, m, clock_tick_ms(), now_s);
		metrics_close(m);
	} else {
		top_sample_none(&t->now, why, clock_tick_ms());
	}
	(void)log_replace();
	(void)log_quiet(was);
	top_source_read(t->source, now_s, &t->facts);
}

/* --- for a file or a program --------------------------------------------- */

static void
rest(int64_t s)
{
	struct timespec left = { s, 0 };

	while (nanosleep(&left, &left) != 0)
		continue;
}

static int
print(struct top *t, bool json, bool color, int64_t interval_s)
{
	const struct top_look how = { .plain = true, .color = color,
	    .interval_s = interval_s };
	size_t i;

	if (json) {
		top_json_print(&t->now, &t->change, &t->facts);
	} else {
		top_view_make(&t->view, &how, &t->now, &t->change, &t->facts);
		for (i = 0; i < t->view.n; i++)
			printf("%s\n", t->view.line[i]);
	}
	if (t->now.missing == NULL)
		return (COMMAND_OK);
	return (command_failed("no counts in %s/%s: %s", t->cfg.state_shared,
	    METRICS_FILE, t->now.missing));
}

/* One look; or two, for rates. */
static int
once(struct top *t, bool json, bool color, int64_t interval_s)
{

	look(t);
	if (interval_s > 0) {
		rest(interval_s);
		look(t);
	}
	top_sample_compare(interval_s > 0 ? &t->before : NULL, &t->now,
	    TOP_BY_REQUESTS, &t->change);
	return (print(t, json, color, interval_s));
}

/* A line for each interval, until nobody reads them. */
static int
stream(struct top *t, int64_t interval_s)
{

	look(t);
	while (!ferror(stdout)) {
		rest(interval_s);
		look(t);
		top_sample_compare(&t->before, &t->now, TOP_BY_REQUESTS,
		    &t->change);
		top_json_print(&t->now, &t->change, &t->facts);
		(void)fflush(stdout);
	}
	return (COMMAND_FAILED);
}

/* --- the command --------------------------------------------------------- */

static int
run(const struct settings *s, bool is_once, int64_t interval_s)
{
	struct check_user u;
	struct top *t;
	int status;

	if (!check_user_become(NULL, &u))
		return (COMMAND_FAILED);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		log_die("out_of_memory", "top");
	if (!command_config(&t->cfg)) {
		free(t);
		return (COMMAND_FAILED);
	}
	t->source = top_source_new(&t->cfg);
	if (s->json && !is_once)
		status = stream(t, interval_s > 0 ? interval_s :
		    INTERVAL_USUAL);
	else
		status = once(t, s->json, settings_color(s, STDOUT_FILENO),
		    interval_s);
	top_source_free(t->source);
	free(t);
	return (status);
}

int
command_top(int argc, char **argv)
{
	static struct settings s;
	const char *interval = NULL;
	bool is_once = false;
	const struct option_spec options[] = {
		{ "once", NULL, &is_once }, { "interval", &interval, NULL },
		{ "json", NULL, &s.json },
		SETTINGS_OPTION_ROW(&s, "color", SETTING_COLOR),
		{ NULL, NULL, NULL }
	};
	int64_t interval_s = 0;
	int status;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if (interval != NULL && num_parse(interval, strlen(interval), 1,
	    INTERVAL_MAX, &interval_s) != ERR_OK)
		return (command_wrong("--interval is a number of seconds from "
		    "1 to %d, not \"%s\"", INTERVAL_MAX, interval));
	if ((status = settings_load(&s)) == COMMAND_OK)
		status = run(&s, is_once, interval_s);
	settings_free(&s);
	return (status);
}
