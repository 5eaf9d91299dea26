#include <stdio.h>

#include <json-c/json.h>

#include "base/log.h"
#include "names.h"
#include "progress.h"
#include "report.h"

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
file_json(const struct report_result *r, const char *name, int64_t bytes,
    const char *why)
{
	struct json_object *o = new_object();

	json_object_object_add(o, "file", json_object_new_string(name));
	json_object_object_add(o, "result", json_object_new_string(r->json));
	if (bytes >= 0)
		json_object_object_add(o, "bytes",
		    json_object_new_int64(bytes));
	if (why != NULL)
		json_object_object_add(o, "why", json_object_new_string(why));
	print_json(o);
}

void
report_file(const struct connect *c, struct progress *progress,
    const struct report_result *r, const char *name, size_t len, int64_t bytes,
    const char *why)
{
	char shown[NAMES_SHOWN_MAX + 1];

	names_show(name, len, shown);
	if (c->set.json)
		file_json(r, names_plain(name, len) ? name : shown, bytes,
		    why);
	else if (!r->good)
		progress_say(progress, true, "foldergate: %s: %s: %s", r->text,
		    shown, why);
	else if (!r->usual || c->set.verbose)
		progress_say(progress, false, "%s  %s", r->text, shown);
}

void
report_sum(const struct report_result *r, size_t n, const size_t *count,
    const char *bytes_name, int64_t bytes, int status)
{
	struct json_object *o = new_object();
	size_t i;

	json_object_object_add(o, "sum", json_object_new_boolean(1));
	for (i = 0; i < n; i++)
		json_object_object_add(o, r[i].json,
		    json_object_new_int64((int64_t)count[i]));
	json_object_object_add(o, bytes_name, json_object_new_int64(bytes));
	json_object_object_add(o, "exit_status", json_object_new_int(status));
	print_json(o);
}
