#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "command.h"
#include "get.h"
#include "names.h"
#include "progress.h"

/* For text, and for programs. */
static const struct {
	const char *text, *json;
	bool good;
	int status;
} results[GET_RESULTS] = {
	[GET_GOT] = { "got", "got", true, COMMAND_OK },
	[GET_SAME] = { "same", "same", true, COMMAND_OK },
	[GET_ODD] = { "left out", "odd", false, COMMAND_PARTLY },
	[GET_FAILED] = { "not loaded", "failed", false, COMMAND_FAILED },
	[GET_REFUSED] = { "refused", "refused", false, COMMAND_REFUSED },
	[GET_UNREACHABLE] = { "not loaded", "unreachable", false,
	    COMMAND_UNREACHABLE },
};

static struct json_object *
new_object(void)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "report");
	return (o);
}

static void
print_json(struct json_object *o)
{

	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(o);
}

static void
say_json(const char *name, enum get_result result, int64_t bytes,
    const char *why)
{
	struct json_object *o = new_object();

	json_object_object_add(o, "file", json_object_new_string(name));
	json_object_object_add(o, "result",
	    json_object_new_string(results[result].json));
	if (bytes >= 0)
		json_object_object_add(o, "bytes",
		    json_object_new_int64(bytes));
	if (why != NULL)
		json_object_object_add(o, "why", json_object_new_string(why));
	print_json(o);
}

void
get_say(struct get *g, const char *name, size_t len, enum get_result result,
    int64_t bytes, const char *why)
{
	char shown[NAMES_SHOWN_MAX + 1];

	g->count[result]++;
	names_show(name, len, shown);
	if (g->c->set.json)
		say_json(result == GET_ODD ? shown : name, result, bytes, why);
	else if (!results[result].good)
		progress_say(g->progress, true, "foldergate: %s: %s: %s",
		    results[result].text, shown, why);
	else if (result != GET_SAME || g->c->set.verbose)
		progress_say(g->progress, false, "%s  %s",
		    results[result].text, shown);
}

static void
sum_json(const struct get *g, int status)
{
	struct json_object *o = new_object();
	size_t i;

	json_object_object_add(o, "sum", json_object_new_boolean(1));
	for (i = 0; i < GET_RESULTS; i++)
		json_object_object_add(o, results[i].json,
		    json_object_new_int64((int64_t)g->count[i]));
	json_object_object_add(o, "bytes_got",
	    json_object_new_int64(g->bytes));
	json_object_object_add(o, "exit_status", json_object_new_int(status));
	print_json(o);
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
		sum_json(g, status);
	else if (!g->c->set.quiet)
		sum_text(g, bad);
	return (status);
}
