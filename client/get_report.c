#include <stdio.h>
#include <string.h>

#include "command.h"
#include "get.h"
#include "progress.h"
#include "report.h"

static const struct report_result results[GET_RESULTS] = {
	[GET_GOT] = { "got", "got", true, false, COMMAND_OK },
	[GET_SAME] = { "same", "same", true, true, COMMAND_OK },
	[GET_ODD] = { "left out", "odd", false, false, COMMAND_PARTLY },
	[GET_FAILED] = { "not loaded", "failed", false, false,
	    COMMAND_FAILED },
	[GET_REFUSED] = { "refused", "refused", false, false,
	    COMMAND_REFUSED },
	[GET_UNREACHABLE] = { "not loaded", "unreachable", false, false,
	    COMMAND_UNREACHABLE },
};

void
get_say(struct get *g, const char *name, size_t len, enum get_result result,
    int64_t bytes, const char *why)
{

	g->count[result]++;
	report_file(g->c, g->progress, &results[result], name, len, bytes, why);
}

size_t
get_left(const struct get *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		n += !g->want[i].done;
	return (n);
}

void
get_give_up(struct get *g)
{
	const size_t got = g->count[GET_GOT];
	struct get_want *w;

	if (g->ended != 0 || service_stopped(g->c->service) || get_left(g) == 0)
		return;
	for (w = g->want; w < g->want + g->n; w++) {
		if (!w->done)
			get_say(g, w->path, strlen(w->path), GET_UNREACHABLE,
			    w->item->bytes, w->why != NULL ? w->why :
			    "there was no answer");
	}
	if (got == 0)
		g->ended = COMMAND_UNREACHABLE;
}

static void
sum_text(const struct get *g, size_t bad)
{
	char size[PROGRESS_WORD_MAX + 1];

	progress_size(g->bytes, size);
	printf("%zu loaded (%s), %zu the same", g->count[GET_GOT], size,
	    g->count[GET_SAME]);
	if (g->count[GET_ODD] > 0)
		printf(", %zu left out for their names",
		    g->count[GET_ODD]);
	if (bad > 0)
		printf(", %zu not loaded", bad);
	printf("\n");
}

int
get_sum(struct get *g)
{
	size_t i, bad = 0, good = 0;
	int status = g->ended;

	for (i = 0; i < GET_RESULTS; i++) {
		if (i != GET_ODD)
			*(results[i].good ? &good : &bad) += g->count[i];
		if (g->count[i] > 0 && (status == COMMAND_OK ||
		    status == COMMAND_PARTLY) &&
		    results[i].status != COMMAND_OK)
			status = results[i].status;
	}
	if (status == COMMAND_OK && g->patterns > 0 && good == 0)
		status = command_failed("no file of %s has such a name",
		    g->miner->name);
	else if (status != COMMAND_OK && good > 0)
		status = COMMAND_PARTLY;
	if (service_stopped(g->c->service))
		status = COMMAND_STOPPED;
	if (g->c->set.json)
		report_sum(results, GET_RESULTS, g->count, "bytes_got",
		    g->bytes, status);
	else if (!g->c->set.quiet)
		sum_text(g, bad);
	return (status);
}
