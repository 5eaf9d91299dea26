#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "command.h"
#include "migrate.h"
#include "progress.h"
#include "report.h"

static const struct report_result results[MIGRATE_RESULTS] = {
	[MIGRATE_SENT] = { "sent", "sent", true, false, COMMAND_OK },
	[MIGRATE_RENAMED] = { "renamed", "renamed", true, false, COMMAND_OK },
	[MIGRATE_SAME] = { "same", "same", true, true, COMMAND_OK },
	[MIGRATE_WOULD_SEND] = { "would send", "would_send", true, false,
	    COMMAND_OK },
	[MIGRATE_WOULD_READ] = { "would compare", "would_compare", true, false,
	    COMMAND_OK },
	[MIGRATE_SKIPPED] = { "skipped", "skipped", true, false, COMMAND_OK },
	[MIGRATE_CONFLICT] = { "conflict", "conflict", false, false,
	    COMMAND_FAILED },
	[MIGRATE_FAILED] = { "not sent", "failed", false, false,
	    COMMAND_FAILED },
	[MIGRATE_REFUSED] = { "refused", "refused", false, false,
	    COMMAND_REFUSED },
	[MIGRATE_UNREACHABLE] = { "not sent", "unreachable", false, false,
	    COMMAND_UNREACHABLE },
	[MIGRATE_LEFT] = { "left", "left", false, false, COMMAND_FAILED },
};

void
migrate_say(struct migrate *m, struct migrate_one *one,
    enum migrate_result result, const char *why)
{
	char shown[HUB_LIST_SHOWN_MAX + 1];
	char name[HUB_LIST_NAME_MAX + 20];

	if (result == MIGRATE_SENT && one->renamed) {
		result = MIGRATE_RENAMED;
		snprintf(name, sizeof(name), "it is stored as %s", one->name);
		why = name;
	}
	one->done = true;
	m->count[result]++;
	if (result == MIGRATE_SENT || result == MIGRATE_RENAMED)
		m->bytes_sent += one->item->bytes;
	hub_list_shown(&m->list, one->item, shown);
	report_file(m->c, m->progress, &results[result], shown, strlen(shown),
	    one->item->bytes, why);
}

void
migrate_say_odd(struct migrate *m, const char *path, int64_t bytes,
    const char *why)
{

	m->count[MIGRATE_FAILED]++;
	report_file(m->c, m->progress, &results[MIGRATE_FAILED], path,
	    strlen(path), bytes, why);
}

/* A row of the plan. */
struct row {
	const char *text, *json;
	size_t files;
	int64_t bytes;
};

enum { ROW_SEND, ROW_COMPARE, ROW_SAME, ROW_SKIPPED, ROW_CONFLICT, ROW_FAILED,
    ROW_OUT, ROWS };

static void
add(struct row *r, int64_t bytes)
{

	r->files++;
	if (__builtin_add_overflow(r->bytes, bytes, &r->bytes))
		r->bytes = INT64_MAX;
}

static void
set_rows(const struct migrate *m, struct row row[ROWS])
{
	const struct migrate_one *one;

	for (one = m->one; one < m->one + m->n; one++) {
		if (!one->done)
			add(&row[one->compare ? ROW_COMPARE : ROW_SEND],
			    one->item->bytes);
	}
	row[ROW_SAME].files = m->count[MIGRATE_SAME];
	row[ROW_SKIPPED].files = m->count[MIGRATE_SKIPPED];
	row[ROW_CONFLICT].files = m->count[MIGRATE_CONFLICT];
	row[ROW_FAILED].files = m->count[MIGRATE_FAILED];
	row[ROW_OUT].files = m->list.left_out;
}

static void
print_text(const struct migrate *m, const struct row row[ROWS])
{
	char size[PROGRESS_WORD_MAX + 1];
	size_t i;

	if (m->u.grants != NULL)
		printf("into %s\n", m->u.grants->folder.folder);
	for (i = 0; i < ROWS; i++) {
		if (row[i].files == 0)
			continue;
		progress_size(row[i].bytes, size);
		printf("%8zu  %10s  %s\n", row[i].files, row[i].bytes > 0 ?
		    size : "", row[i].text);
	}
	fflush(stdout);
}

static void
plan_json(const struct row row[ROWS])
{
	struct json_object *o = json_object_new_object();
	char name[40];
	size_t i;

	if (o == NULL)
		log_die("out_of_memory", "migrate");
	json_object_object_add(o, "plan", json_object_new_boolean(1));
	for (i = 0; i < ROWS; i++) {
		json_object_object_add(o, row[i].json,
		    json_object_new_int64((int64_t)row[i].files));
		if (i > ROW_COMPARE)
			continue;
		snprintf(name, sizeof(name), "%s_bytes", row[i].json);
		json_object_object_add(o, name,
		    json_object_new_int64(row[i].bytes));
	}
	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(o);
}

void
migrate_print_plan(const struct migrate *m)
{
	struct row row[ROWS] = {
		[ROW_SEND] = { .text = "to send", .json = "send" },
		[ROW_COMPARE] = { .text = "to load and compare, because their "
		    "names are taken", .json = "compare" },
		[ROW_SAME] = { .text = "the same in the folder",
		    .json = "same" },
		[ROW_SKIPPED] = { .text = "skipped: another content has the "
		    "name", .json = "skipped" },
		[ROW_CONFLICT] = { .text = "not sent: another content has the "
		    "name", .json = "conflict" },
		[ROW_FAILED] = { .text = "that may not be stored",
		    .json = "failed" },
		[ROW_OUT] = { .text = "left out: they are no data",
		    .json = "left_out" },
	};

	set_rows(m, row);
	hub_list_commits(&m->list, &m->c->set);
	if (m->c->set.json)
		plan_json(row);
	else if (!m->c->set.quiet)
		print_text(m, row);
}

static void
sum_text(const struct migrate *m, size_t bad)
{
	char size[PROGRESS_WORD_MAX + 1];

	progress_size(m->bytes_sent, size);
	if (m->dry_run)
		printf("%zu would be sent, %zu would be compared",
		    m->count[MIGRATE_WOULD_SEND],
		    m->count[MIGRATE_WOULD_READ]);
	else
		printf("%zu sent (%s)", m->count[MIGRATE_SENT] +
		    m->count[MIGRATE_RENAMED], size);
	if (m->count[MIGRATE_RENAMED] > 0)
		printf(", %zu of them under another name",
		    m->count[MIGRATE_RENAMED]);
	printf(", %zu the same", m->count[MIGRATE_SAME]);
	if (m->count[MIGRATE_SKIPPED] > 0)
		printf(", %zu skipped", m->count[MIGRATE_SKIPPED]);
	if (bad > 0)
		printf(", %zu not sent", bad);
	printf("\n");
}

int
migrate_sum(struct migrate *m)
{
	size_t i, bad = 0, good = 0;
	int status = m->ended;

	for (i = 0; i < MIGRATE_RESULTS; i++) {
		*(results[i].good ? &good : &bad) += m->count[i];
		if (status == COMMAND_OK && m->count[i] > 0)
			status = results[i].status;
	}
	if (status != COMMAND_OK && good > 0)
		status = COMMAND_PARTLY;
	if (service_stopped(m->c->service))
		status = COMMAND_STOPPED;
	if (m->c->set.json)
		report_sum(results, MIGRATE_RESULTS, m->count, "bytes_sent",
		    m->bytes_sent, status);
	else if (!m->c->set.quiet)
		sum_text(m, bad);
	return (status);
}
