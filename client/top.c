/* foldergate top: what the service does now, from its counters, in the manner
   of htop. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "check_user.h"
#include "command.h"
#include "config/config.h"
#include "settings.h"
#include "state/metrics.h"
#include "terminal.h"
#include "top_json.h"
#include "top_live.h"
#include "top_take.h"
#include "top_view.h"

/* Seconds between two looks. */
#define INTERVAL_USUAL 2

/* What was asked for. */
struct top {
	bool once, json, color;
	int64_t interval_s;		/* 0: not given */
};

static void
rest(int64_t s)
{
	struct timespec left = { s, 0 };

	while (nanosleep(&left, &left) != 0)
		continue;
}

static void
look(struct top_take *t)
{
	const bool was = log_quiet(true);

	top_take_look(t);
	(void)log_replace();
	(void)log_quiet(was);
}

static void
print_text(const struct top *how, const struct top_take *t,
    const struct top_change *c)
{
	const struct top_look plain = { .plain = true, .color = how->color,
	    .interval_s = how->interval_s };
	struct top_view *v;
	size_t i;

	if ((v = calloc(1, sizeof(*v))) == NULL)
		log_die("out_of_memory", "top");
	top_view_make(v, &plain, &t->now, c, &t->facts);
	for (i = 0; i < v->n; i++)
		printf("%s\n", v->line[i]);
	free(v);
}

static void
print(const struct top *how, const struct top_take *t)
{
	static struct top_change c;

	top_sample_compare(top_take_before(t), &t->now, TOP_BY_REQUESTS, &c);
	if (how->json)
		top_json_print(&t->now, &c, &t->facts);
	else
		print_text(how, t, &c);
}

/* One look; or two, for rates. */
static int
once(const struct top *how, struct top_take *t)
{

	look(t);
	if (how->interval_s > 0) {
		rest(how->interval_s);
		look(t);
	}
	print(how, t);
	if (t->now.missing == NULL)
		return (COMMAND_OK);
	return (command_failed("no counts in %s/%s: %s", t->cfg->state_shared,
	    METRICS_FILE, t->now.missing));
}

/* A line for each interval, until nobody reads them. */
static int
stream(const struct top *how, struct top_take *t)
{

	look(t);
	while (!ferror(stdout)) {
		rest(how->interval_s > 0 ? how->interval_s : INTERVAL_USUAL);
		look(t);
		print(how, t);
		(void)fflush(stdout);
	}
	return (COMMAND_FAILED);
}

static int
run(const struct top *how)
{
	struct check_user u;
	struct config cfg;
	struct top_take *t;
	int status;

	if (!check_user_become(NULL, &u) || !command_config(&cfg))
		return (COMMAND_FAILED);
	t = top_take_new(&cfg);
	if (how->json && !how->once)
		status = stream(how, t);
	else if (how->once || !terminal_draws(STDOUT_FILENO) ||
	    !isatty(STDIN_FILENO))
		status = once(how, t);
	else
		status = top_live_run(t, how->interval_s > 0 ?
		    how->interval_s : INTERVAL_USUAL, how->color);
	top_take_free(t);
	return (status);
}

int
command_top(int argc, char **argv)
{
	static struct settings s;
	const char *interval = NULL;
	struct top how = { .once = false };
	const struct option_spec options[] = {
		{ "once", NULL, &how.once }, { "interval", &interval, NULL },
		{ "json", NULL, &how.json },
		SETTINGS_OPTION_ROW(&s, "color", SETTING_COLOR),
		{ NULL, NULL, NULL }
	};
	int status;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if (interval != NULL && num_parse(interval, strlen(interval), 1,
	    TOP_LIVE_INTERVAL_MAX_S, &how.interval_s) != ERR_OK)
		return (command_wrong("--interval is a number of seconds from "
		    "1 to %d, not \"%s\"", TOP_LIVE_INTERVAL_MAX_S, interval));
	if ((status = settings_load(&s)) == COMMAND_OK) {
		how.color = settings_color(&s, STDOUT_FILENO);
		status = run(&how);
	}
	settings_free(&s);
	return (status);
}
