/* The schema of a request and of an answer, from the tables that parse and
   write them. */

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "describe.h"
#include "examples.h"
#include "json.h"
#include "web/endpoint.h"

/* Only addresses whose prefix is 42 are accepted.  All of them have this
   form. */
#define SS58_PATTERN "^5[1-9A-HJ-NP-Za-km-z]{47}$"
#define NAME_PATTERN "^[a-z0-9_-]{1,32}$"
#define TEXT_PATTERN "^[^\\u0000-\\u001f\\u007f]*$"
#define TOKEN_PATTERN "^[^\\u0000]*$"
#define HEX_PATTERN "^(0[xX])?[0-9a-fA-F]{128}$"

static const char *
type_of(enum schema_kind kind)
{

	switch (kind) {
	case SCHEMA_TIME:
	case SCHEMA_INT:
		return ("integer");
	case SCHEMA_FLAG:
		return ("boolean");
	case SCHEMA_TEXTS:
	case SCHEMA_OBJECTS:
		return ("array");
	default:
		return ("string");
	}
}

static bool
is_hotkey(const struct endpoint *ep, const struct schema_field *f)
{

	return (ep->who != NULL && f->need == SCHEMA_SIGNED &&
	    f->offset == offsetof(struct endpoint_by, hotkey));
}

static bool
is_signature(const struct endpoint *ep, const struct schema_field *f)
{

	return (ep->who != NULL && f->need == SCHEMA_SIGNED &&
	    f->offset == offsetof(struct endpoint_by, signature));
}

/* Append a field's example.  Return whether a whole request has it. */
static bool
field_example(const struct endpoint *ep, const struct schema_field *f,
    struct buf *b)
{
	const struct schema_field *of;
	const char *value;
	bool sent = true;

	if (is_hotkey(ep, f)) {
		buf_fmt(b, "\"%s\"", ep->who == &endpoint_miner ? ALICE :
		    CHARLIE);
	} else if (is_signature(ep, f)) {
		if ((value = example_signature(ep->path + 1)) == NULL)
			describe_die(ep, "no example of", f->name);
		buf_fmt(b, "\"%s\"", value);
	} else if (f->kind == SCHEMA_OBJECTS) {
		for (of = f->of; of->name != NULL; of++) {
			buf_fmt(b, "%s\"%s\":", of == f->of ? "[{" : ",",
			    of->name);
			(void)field_example(ep, of, b);
		}
		buf_str(b, "}]");
		sent = false;
	} else {
		value = example_of_request(f->name, &sent);
		if (value == NULL)
			describe_die(ep, "no example of", f->name);
		buf_str(b, value);
	}
	return (sent);
}

static void
print_example(const struct endpoint *ep, const struct schema_field *f)
{
	char space[4096];
	struct buf b;

	buf_init(&b, space, sizeof(space));
	(void)field_example(ep, f, &b);
	if (buf_end(&b) != ERR_OK)
		describe_die(ep, "too long an example of", f->name);
	json_open("examples", '[');
	json_raw(NULL, space);
	json_close();
}

static void
about(const struct endpoint *ep, const struct schema_field *f)
{
	const bool optional = (ep->proofs & ~ENDPOINT_TEXT) != 0;

	json_text("description", "%s.%s%s%s%s%s", f->about,
	    f->need != SCHEMA_SIGNED ? "" : optional ?
	    " Required unless headers prove the request." : "",
	    f->kind == SCHEMA_TEXT || f->kind == SCHEMA_TOKEN ?
	    " The length is counted in bytes." : "",
	    f->instead != ERR_OK ? " Out of range: `" : "",
	    f->instead != ERR_OK ? err_code(f->instead) : "",
	    f->instead != ERR_OK ? "`." : "");
}

static void
type(const struct schema_field *f)
{

	if (f->need != SCHEMA_NULLABLE) {
		json_text("type", "%s", type_of(f->kind));
		return;
	}
	json_open("type", '[');
	json_text(NULL, "%s", type_of(f->kind));
	json_text(NULL, "null");
	json_close();
}

static void object(const struct endpoint *ep, const char *name,
    const struct schema_field *fields);

static void
bounds(const struct endpoint *ep, const struct schema_field *f)
{

	switch (f->kind) {
	case SCHEMA_SS58:
		json_text("pattern", SS58_PATTERN);
		break;
	case SCHEMA_NAME:
		json_text("pattern", NAME_PATTERN);
		break;
	case SCHEMA_TEXT:
		json_text("pattern", "%s", is_signature(ep, f) ? HEX_PATTERN :
		    TEXT_PATTERN);
		/* FALLTHROUGH */
	case SCHEMA_TOKEN:
		if (f->kind == SCHEMA_TOKEN)
			json_text("pattern", TOKEN_PATTERN);
		if (f->min > 0)
			json_int("minLength", f->min);
		json_int("maxLength", f->max);
		break;
	case SCHEMA_TIME:
	case SCHEMA_INT:
		json_text("format", "int64");
		if (f->min > SCHEMA_INT_MIN)
			json_int("minimum", f->min);
		if (f->max < SCHEMA_INT_MAX)
			json_int("maximum", f->max);
		break;
	case SCHEMA_TEXTS:
	case SCHEMA_OBJECTS:
		if (f->min > 0)
			json_int("minItems", f->min);
		if (f->max < SCHEMA_INT_MAX)
			json_int("maxItems", f->max);
		if (f->kind == SCHEMA_OBJECTS) {
			object(ep, "items", f->of);
			break;
		}
		json_open("items", '{');
		json_text("type", "string");
		json_text("pattern", TOKEN_PATTERN);
		json_close();
		break;
	case SCHEMA_FLAG:
		break;
	}
}

static void
required(const struct endpoint *ep, const struct schema_field *fields)
{
	const struct schema_field *f;
	const bool text = ep->proofs == ENDPOINT_TEXT;
	size_t n = 0;

	for (f = fields; f->name != NULL; f++) {
		if (f->need != SCHEMA_REQUIRED &&
		    !(text && f->need == SCHEMA_SIGNED))
			continue;
		if (n++ == 0)
			json_open("required", '[');
		json_text(NULL, "%s", f->name);
	}
	if (n > 0)
		json_close();
}

static void
object(const struct endpoint *ep, const char *name,
    const struct schema_field *fields)
{
	const struct schema_field *f;

	json_open(name, '{');
	json_text("type", "object");
	required(ep, fields);
	json_open("properties", '{');
	for (f = fields; f->name != NULL; f++) {
		json_open(f->name, '{');
		type(f);
		about(ep, f);
		bounds(ep, f);
		print_example(ep, f);
		json_close();
	}
	json_close();
	json_close();
}

void
request_schema(const struct endpoint *ep)
{

	object(ep, "schema", ep->request);
}

void
request_example(const struct endpoint *ep, bool is_signed, struct buf *b)
{
	const struct schema_field *f;
	size_t n = 0, start;

	buf_char(b, '{');
	for (f = ep->request; f->name != NULL; f++) {
		if (f->need == SCHEMA_SIGNED && !is_signed)
			continue;
		start = b->len;
		buf_fmt(b, "%s\"%s\":", n > 0 ? "," : "", f->name);
		if (field_example(ep, f, b))
			n++;
		else
			b->data[b->len = start] = '\0';
	}
	buf_char(b, '}');
}

/* --- answers --------------------------------------------------------------- */

static void answer_object(const struct endpoint *ep, const char *name,
    const char *about, const struct emit_field *fields);

/* The items of rows, or the members of a map. */
static void
rows(const struct endpoint *ep, const char *name, const struct emit_field *f)
{

	if (f->sub != NULL) {
		answer_object(ep, name, "", f->sub);
		return;
	}
	json_open(name, '{');
	json_text("type", "string");
	json_close();
}

static const char *
simple_type(enum emit_kind kind)
{

	switch (kind) {
	case EMIT_INT:
	case EMIT_INT_IF:
		return ("integer");
	case EMIT_FLAG:
	case EMIT_FLAG_IF:
		return ("boolean");
	case EMIT_TEXTS:
	case EMIT_ROWS:
		return ("array");
	case EMIT_PAIRS:
	case EMIT_MAP:
		return ("object");
	default:
		return ("string");
	}
}

static void
simple_example(const struct endpoint *ep, const struct emit_field *f)
{
	const char *value;

	if (f->sub != NULL)
		return;
	if ((value = example_of_answer(f->name)) == NULL)
		describe_die(ep, "no example of", f->name);
	json_open("examples", '[');
	if (f->kind == EMIT_ROWS)
		json_open(NULL, '[');
	json_raw(NULL, value);
	if (f->kind == EMIT_ROWS)
		json_close();
	json_close();
}

static void
answer_field(const struct endpoint *ep, const struct emit_field *f)
{

	if (f->kind == EMIT_OBJECT) {
		answer_object(ep, f->name, f->about, f->sub);
		return;
	}
	json_open(f->name, '{');
	json_text("type", "%s", simple_type(f->kind));
	if (f->about[0] != '\0')
		json_text("description", "%s.", f->about);
	if (f->kind == EMIT_INT || f->kind == EMIT_INT_IF)
		json_text("format", "int64");
	if (f->kind == EMIT_URL)
		json_text("format", "uri");
	if (f->kind == EMIT_ROWS)
		rows(ep, "items", f);
	if (f->kind == EMIT_MAP)
		rows(ep, "additionalProperties", f);
	if (f->kind == EMIT_TEXTS || f->kind == EMIT_PAIRS) {
		json_open(f->kind == EMIT_TEXTS ? "items" :
		    "additionalProperties", '{');
		json_text("type", "string");
		json_close();
	}
	simple_example(ep, f);
	json_close();
}

/* Members of EMIT_MEMBERS stand in the object of the field itself. */
static void
answer_object(const struct endpoint *ep, const char *name, const char *about,
    const struct emit_field *fields)
{
	const struct emit_field *f, *members = NULL;
	size_t n = 0;

	json_open(name, '{');
	json_text("type", "object");
	if (about[0] != '\0')
		json_text("description", "%s.", about);
	for (f = fields; f->name != NULL; f++) {
		if (f->kind == EMIT_MEMBERS)
			members = f;
		if (f->maybe)
			continue;
		if (n++ == 0)
			json_open("required", '[');
		json_text(NULL, "%s", f->name);
	}
	if (n > 0)
		json_close();
	json_open("properties", '{');
	for (f = fields; f->name != NULL; f++) {
		if (f != members)
			answer_field(ep, f);
	}
	json_close();
	if (members != NULL)
		rows(ep, "additionalProperties", members);
	json_close();
}

void
answer_schema(const struct endpoint *ep)
{

	answer_object(ep, "schema", "", ep->response);
}

static void
object_example(const struct endpoint *ep, const struct emit_field *fields,
    struct buf *b);

/* A map's and an object's members have these names: hotkeys, keys, sources. */
static const char *
member_name(const struct emit_field *f)
{

	if (strcmp(f->name, "file_urls") == 0)
		return ("\"" KEY "\"");
	if (strcmp(f->name, "sources") == 0 ||
	    strcmp(f->name, "by_source") == 0)
		return ("\"x\"");
	return (strcmp(f->name, "by_coldkey") == 0 ? "\"" BOB "\"" :
	    "\"" ALICE "\"");
}

static void
value_example(const struct endpoint *ep, const struct emit_field *f,
    struct buf *b)
{
	const char *value;

	if (f->kind == EMIT_MAP)
		buf_fmt(b, "{%s:", member_name(f));
	if (f->kind == EMIT_ROWS)
		buf_char(b, '[');
	if (f->sub != NULL) {
		object_example(ep, f->sub, b);
	} else {
		value = example_of_answer(f->name);
		if (value == NULL)
			describe_die(ep, "no example of", f->name);
		buf_str(b, value);
	}
	if (f->kind == EMIT_MAP)
		buf_char(b, '}');
	if (f->kind == EMIT_ROWS)
		buf_char(b, ']');
}

/* One answer cannot have every field: see each one's description. */
static bool
is_in_example(const struct emit_field *f)
{
	static const char *const absent[] = {
		"uploads", "miner_coldkey", "headers", "reason", "reasons",
		"s3_fault", "truncated"
	};
	size_t i;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		if (f->maybe && strcmp(f->name, absent[i]) == 0)
			return (false);
	}
	return (true);
}

static void
object_example(const struct endpoint *ep, const struct emit_field *fields,
    struct buf *b)
{
	const struct emit_field *f;
	size_t n = 0;

	buf_char(b, '{');
	for (f = fields; f->name != NULL; f++) {
		if (!is_in_example(f))
			continue;
		buf_str(b, n++ == 0 ? "" : ",");
		if (f->kind == EMIT_MEMBERS) {
			buf_fmt(b, "%s:", member_name(f));
			object_example(ep, f->sub, b);
			continue;
		}
		buf_fmt(b, "\"%s\":", f->name);
		value_example(ep, f, b);
	}
	buf_char(b, '}');
}

void
answer_example(const struct endpoint *ep, struct buf *b)
{

	object_example(ep, ep->response, b);
}
