#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "paper.h"
#include "selftest_report.h"

/* The words for the verdicts, in ways out of a folder and in other checks. */
static const char *
word(const struct selftest_report *r, enum selftest_verdict v)
{

	switch (v) {
	case SELFTEST_HELD:
		return (r->ways ? "held" : "ok");
	case SELFTEST_BREACHED:
		return (r->ways ? "BREACHED" : "FAILED");
	case SELFTEST_NOT_TRIED:
		return ("not tried");
	default:
		return ("absent");
	}
}

int
selftest_report_open(struct selftest_report *r)
{

	r->begun_s = clock_now_ms() / 1000;
	if (r->junit == NULL || (r->file = fopen(r->junit, "w")) != NULL)
		return (COMMAND_OK);
	return (command_failed("%s: %s", r->junit, strerror(errno)));
}

/* --- for people ---------------------------------------------------------- */

static char
mark(enum selftest_seen seen)
{

	return (seen == SELFTEST_SAME ? '.' : seen == SELFTEST_CHANGED ? 'X' :
	    '-');
}

static void
print_legend(const struct selftest_report *r)
{

	if (r->ways && r->shown == NULL)
		paper(0, "After the status, \"X\" says that the other's "
		    "folder, the bucket and the ACL changed, \".\" that they "
		    "did not, \"-\" that nobody looked.\n");
}

static void
print_text(struct selftest_report *r, const struct selftest_row *row)
{
	const size_t home = r->home != NULL ? strlen(r->home) : 0;
	const char *key = row->key;
	char status[16] = "", marks[8] = "";

	if (home > 0 && strncmp(key, r->home, home) == 0)
		key += home;
	print_legend(r);
	if (r->shown == NULL || strcmp(r->shown, row->kind) != 0)
		printf("%s%s\n", r->shown == NULL ? "" : "\n", row->kind);
	r->shown = row->kind;
	if (row->status != 0)
		snprintf(status, sizeof(status), "%d", row->status);
	if (r->ways)
		snprintf(marks, sizeof(marks), "%c%c%c ", mark(row->other),
		    mark(row->bucket), mark(row->acl));
	paper(16, "  %-9s %3s %s%s%s%s%s%s", word(r, row->verdict), status,
	    marks, row->name, row->key[0] == '\0' ? "" : key[0] == '\0' ?
	    "; stored as the folder itself" : "; stored as ", key,
	    row->why[0] != '\0' ? ": " : "", row->why);
}

/* --- for programs -------------------------------------------------------- */

static void
add_text(struct json_object *o, const char *name, const char *value)
{

	if (value != NULL && value[0] != '\0')
		json_object_object_add(o, name,
		    json_object_new_string(value));
}

static const char *
seen_word(enum selftest_seen seen, const char *changed)
{

	return (seen == SELFTEST_SAME ? "unchanged" :
	    seen == SELFTEST_CHANGED ? changed : NULL);
}

static void
print_json(struct json_object *o)
{

	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static struct json_object *
new_object(void)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "selftest");
	return (o);
}

static void
row_json(const struct selftest_report *r, const struct selftest_row *row)
{
	struct json_object *o = new_object();

	add_text(o, "kind", row->kind);
	add_text(o, "name", row->name);
	add_text(o, "verdict", word(r, row->verdict));
	if (row->status != 0)
		json_object_object_add(o, "status",
		    json_object_new_int(row->status));
	add_text(o, "key", row->key);
	add_text(o, "other_folder", seen_word(row->other, "changed"));
	add_text(o, "bucket", seen_word(row->bucket, "changed"));
	add_text(o, "acl", seen_word(row->acl, "public"));
	add_text(o, "why", row->why);
	print_json(o);
}

/* --- JUnit --------------------------------------------------------------- */

/* Print ${s} as the value of an attribute.  XML has no way to write a control
   character, U+FFFE or U+FFFF.  Source: XML 1.0, 2.2 Characters. */
static void
xml(FILE *f, const char *s)
{

	for (; *s != '\0'; s++) {
		if (*s == '&' || *s == '<' || *s == '>' || *s == '"') {
			fprintf(f, "&#%d;", *s);
		} else if ((unsigned char)*s < ' ' || *s == 0x7f ||
		    strncmp(s, "\xef\xbf\xbe", 3) == 0 ||
		    strncmp(s, "\xef\xbf\xbf", 3) == 0) {
			fputc('?', f);
			s += *s == '\xef' ? 2 : 0;
		} else {
			fputc(*s, f);
		}
	}
}

static void
attribute(FILE *f, const char *name, const char *value)
{

	fprintf(f, " %s=\"", name);
	xml(f, value);
	fputc('"', f);
}

/* The text between tags: what a row found. */
static void
found(FILE *f, const struct selftest_row *row)
{
	const struct { const char *name; enum selftest_seen seen; } looks[] = {
		{ "other folder", row->other }, { "bucket", row->bucket },
		{ "ACL", row->acl },
	};
	size_t i;

	if (row->status == 0 && row->key[0] == '\0')
		return;
	fprintf(f, "<system-out>status %d", row->status);
	if (row->key[0] != '\0') {
		fprintf(f, ", stored as ");
		xml(f, row->key);
	}
	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		if (looks[i].seen != SELFTEST_UNSEEN)
			fprintf(f, ", %s %schanged", looks[i].name,
			    looks[i].seen == SELFTEST_SAME ? "un" : "");
	}
	fprintf(f, "</system-out>");
}

static void
row_xml(const struct selftest_report *r, const struct selftest_row *row)
{
	FILE *f = r->file;
	const char *inside = row->verdict == SELFTEST_BREACHED ? "failure" :
	    row->verdict != SELFTEST_HELD ? "skipped" : NULL;
	char class[128];

	snprintf(class, sizeof(class), "foldergate.%s.%s", r->name, row->kind);
	fprintf(f, "    <testcase");
	attribute(f, "classname", class);
	attribute(f, "name", row->name);
	fprintf(f, " time=\"%lld.%03d\">", (long long)(row->ms / 1000),
	    (int)(row->ms % 1000));
	if (inside != NULL) {
		fprintf(f, "<%s", inside);
		attribute(f, "message", row->why[0] != '\0' ? row->why :
		    word(r, row->verdict));
		fprintf(f, "/>");
	}
	found(f, row);
	fprintf(f, "</testcase>\n");
}

static bool
write_xml(struct selftest_report *r)
{
	const size_t skipped = r->count[SELFTEST_NOT_TRIED] +
	    r->count[SELFTEST_ABSENT];
	const time_t begun = (time_t)r->begun_s;
	struct tm tm;
	char when[32];
	int64_t ms = 0;
	bool good;
	size_t i;

	for (i = 0; i < r->n; i++)
		ms += r->row[i].ms;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S",
	    gmtime_r(&begun, &tm));
	fprintf(r->file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n  <testsuite name=\"foldergate.%s\" tests=\"%zu\" "
	    "failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%lld.%03d\" "
	    "timestamp=\"%s\">\n", r->name, r->n, r->count[SELFTEST_BREACHED],
	    skipped, (long long)(ms / 1000), (int)(ms % 1000), when);
	for (i = 0; i < r->n; i++)
		row_xml(r, &r->row[i]);
	fprintf(r->file, "  </testsuite>\n</testsuites>\n");
	good = ferror(r->file) == 0;
	good = fclose(r->file) == 0 && good;
	r->file = NULL;
	return (good);
}

/* --- all rows ------------------------------------------------------------ */

void
selftest_report_add(struct selftest_report *r, const struct selftest_row *row)
{
	const bool wrong = row->verdict == SELFTEST_BREACHED ||
	    row->verdict == SELFTEST_NOT_TRIED;

	if (r->json)
		row_json(r, row);
	else if (!r->quiet || wrong)
		print_text(r, row);
	fflush(stdout);
	if (r->n == r->size) {
		r->size = 2 * r->size + 64;
		if ((r->row = realloc(r->row, r->size * sizeof(*r->row))) ==
		    NULL)
			log_die("out_of_memory", "selftest");
	}
	r->row[r->n++] = *row;
	r->count[row->verdict]++;
}

static void
print_sum(const struct selftest_report *r, const char *left, int status)
{
	struct json_object *o;
	size_t v;

	if (!r->json) {
		printf("\n");
		for (v = 0; v < SELFTEST_VERDICTS; v++)
			printf("%s%zu %s", v == 0 ? "" : ", ", r->count[v],
			    word(r, (enum selftest_verdict)v));
		printf("\n");
		if (left[0] != '\0')
			paper(0, "%s", left);
		return;
	}
	o = new_object();
	json_object_object_add(o, "sum", json_object_new_boolean(1));
	for (v = 0; v < SELFTEST_VERDICTS; v++)
		json_object_object_add(o, word(r, (enum selftest_verdict)v),
		    json_object_new_int64((int64_t)r->count[v]));
	add_text(o, "left", left);
	json_object_object_add(o, "exit_status", json_object_new_int(status));
	print_json(o);
}

int
selftest_report_close(struct selftest_report *r, const char *left, int status)
{

	if (r->count[SELFTEST_BREACHED] > 0)
		status = COMMAND_FAILED;
	else if (status == COMMAND_OK && r->count[SELFTEST_NOT_TRIED] > 0)
		status = COMMAND_PARTLY;
	if (r->n > 0)
		print_sum(r, left, status);
	if (r->file != NULL && !write_xml(r))
		status = command_failed("%s: it cannot be written", r->junit);
	free(r->row);
	r->row = NULL;
	return (status);
}
