#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "progress.h"
#include "upload.h"

/* For text, and for programs. */
static const struct {
	const char *text, *json;
	bool good;
	int status;
} results[UPLOAD_RESULTS] = {
	[UPLOAD_SENT] = { "sent", "sent", true, COMMAND_OK },
	[UPLOAD_SAME] = { "same", "same", true, COMMAND_OK },
	[UPLOAD_WOULD_SEND] = { "would send", "would_send", true,
	    COMMAND_OK },
	[UPLOAD_FAILED] = { "not sent", "failed", false, COMMAND_FAILED },
	[UPLOAD_REFUSED] = { "refused", "refused", false, COMMAND_REFUSED },
	[UPLOAD_UNREACHABLE] = { "not sent", "unreachable", false,
	    COMMAND_UNREACHABLE },
	[UPLOAD_LEFT] = { "left", "left", false, COMMAND_FAILED },
};

/* Longer paths are cut. */
#define SHOWN_MAX 1024

/* Make a path safe to print. */
static void
show(const char *path, char out[SHOWN_MAX + TEXT_ESCAPE_MAX + 1])
{
	size_t len = strlen(path), n = 0, taken;

	while (len > 0 && n < SHOWN_MAX) {
		if (*path == '"' || *path == '\\') {
			out[n++] = *path;
			taken = 1;
		} else {
			n += text_json_escape(path, len, out + n, &taken);
		}
		path += taken;
		len -= taken;
	}
	out[n] = '\0';
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
say_json(const char *path, enum upload_result result, int64_t bytes,
    const char *why)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "report");
	json_object_object_add(o, "file", json_object_new_string(path));
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
upload_say(struct upload *u, const char *path, enum upload_result result,
    int64_t bytes, const char *why)
{
	char shown[SHOWN_MAX + TEXT_ESCAPE_MAX + 1];

	u->count[result]++;
	show(path, shown);
	if (u->c->set.json)
		say_json(shown, result, bytes, why);
	else if (!results[result].good)
		progress_say(u->progress, true, "foldergate: %s: %s: %s",
		    results[result].text, shown, why);
	else if (result != UPLOAD_SAME || u->c->set.verbose)
		progress_say(u->progress, false, "%s  %s",
		    results[result].text, shown);
}

static void
sum_json(const struct upload *u, int status)
{
	struct json_object *o = json_object_new_object();
	size_t i;

	if (o == NULL)
		log_die("out_of_memory", "report");
	json_object_object_add(o, "sum", json_object_new_boolean(1));
	for (i = 0; i < UPLOAD_RESULTS; i++)
		json_object_object_add(o, results[i].json,
		    json_object_new_int64((int64_t)u->count[i]));
	json_object_object_add(o, "bytes_sent",
	    json_object_new_int64(u->bytes_sent));
	json_object_object_add(o, "exit_status", json_object_new_int(status));
	print_json(o);
}

static void
sum_text(const struct upload *u, size_t bad)
{
	char size[PROGRESS_WORD_MAX + 1];

	progress_size(u->bytes_sent, size);
	printf("%zu %s (%s), %zu the same", u->dry_run ?
	    u->count[UPLOAD_WOULD_SEND] : u->count[UPLOAD_SENT],
	    u->dry_run ? "would be sent" : "sent", size,
	    u->count[UPLOAD_SAME]);
	if (bad > 0)
		printf(", %zu not sent", bad);
	printf("\n");
}

int
upload_sum(struct upload *u)
{
	size_t i, bad = 0, good = 0;
	int status = u->ended;

	for (i = 0; i < UPLOAD_RESULTS; i++) {
		*(results[i].good ? &good : &bad) += u->count[i];
		if (status == COMMAND_OK && u->count[i] > 0)
			status = results[i].status;
	}
	if (status != COMMAND_OK && good > 0)
		status = COMMAND_PARTLY;
	if (service_stopped(u->c->service))
		status = COMMAND_STOPPED;
	if (u->c->set.json)
		sum_json(u, status);
	else if (!u->c->set.quiet)
		sum_text(u, bad);
	return (status);
}
