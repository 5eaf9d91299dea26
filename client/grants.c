/* Print the grants in the audit log that outlive a denial. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/timefmt.h"
#include "grants.h"
#include "json/document.h"
#include "log_read.h"

struct search {
	const struct grants_of *of;
	int64_t now_s;
	uintmax_t alive, unread_lines;
};

/* Return a string member, or NULL. document_parse() refuses NUL in strings. */
static const char *
member(struct json_object *o, const char *name)
{
	struct json_object *v;

	return (json_object_object_get_ex(o, name, &v) &&
	    json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) : NULL);
}

static void
print_grant(struct json_object *o, int64_t until)
{
	static const char *const names[] = { "kind", "scope", "request_id" };
	char when[TIMEFMT_ISO_MAX + 1];
	const char *s;
	size_t i;

	timefmt_iso(until, when);
	printf("  until %s", when);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		printf(" %s ", names[i]);
		if ((s = member(o, names[i])) == NULL)
			printf("unknown");
		else
			log_read_print(s);
	}
	putchar('\n');
}

/* Print the line if it is a wanted grant that is still valid.  Return false
   if the line does not show that. */
static bool
look_at(struct search *s, struct json_object *o)
{
	const char *decision, *whose;
	struct json_object *until;

	/* A line without a decision is about the log itself. */
	if ((decision = member(o, "decision")) == NULL)
		return (member(o, "event") != NULL);
	if (strcmp(decision, "granted") != 0)
		return (true);
	if (!json_object_object_get_ex(o, "until", &until) ||
	    !json_object_is_type(until, json_type_int))
		return (false);
	if (json_object_get_int64(until) <= s->now_s)
		return (true);
	if ((whose = member(o, s->of->member)) == NULL)
		return (false);
	if (strcmp(whose, s->of->ss58) == 0) {
		print_grant(o, json_object_get_int64(until));
		s->alive++;
	}
	return (true);
}

static void
read_line(void *with, const char *line, size_t len)
{
	struct json_object *o = NULL;
	struct search *s = with;

	if (len > LOG_READ_LINE_MAX ||
	    document_parse(line, len, DOCUMENT_ANY, &o) != NULL ||
	    !look_at(s, o))
		s->unread_lines++;
	json_object_put(o);
}

void
grants_print(const char *audit_path, const struct grants_of *of, int64_t now_s)
{
	struct search s = { .of = of, .now_s = now_s };
	struct log_read r = { .line = read_line, .with = &s };

	if (audit_path[0] != '\0')
		log_read_all(&r, audit_path);
	if (r.files == 0)
		printf("no audit log%s: it is not known which grants are still "
		    "alive\n", r.unread_files > 0 ? " that can be read" : "");
	else
		printf("%ju %s still alive\n", s.alive, s.alive == 1 ?
		    "grant is" : "grants are");
	if (s.unread_lines > 0)
		printf("%ju line%s could not be read\n", s.unread_lines,
		    s.unread_lines == 1 ? "" : "s");
	if (r.files > 0 && r.unread_files > 0)
		printf("%ju file%s could not be read\n", r.unread_files,
		    r.unread_files == 1 ? "" : "s");
	if (r.files == 0 || s.alive > 0 || s.unread_lines > 0 ||
	    r.unread_files > 0)
		printf("only removing the S3 key that signed them ends grants "
		    "earlier\n");
}
