#include <string.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/text.h"
#include "json/document.h"
#include "json/schema.h"

/* The most values in a request: 1,000 objects of three members, and some
   more. */
#define VALUES_MAX 8192

void
schema_refuse(struct schema_errors *errors, const char *where,
    const char *field, const char *msg, const char *type)
{

	if (errors->n == SCHEMA_ERRORS_MAX)
		return;
	errors->error[errors->n].where = where;
	errors->error[errors->n].field = field;
	errors->error[errors->n].msg = msg;
	errors->error[errors->n].type = type;
	errors->n++;
}

static void
refuse(struct schema_errors *errors, const char *field, const char *msg,
    const char *type)
{

	schema_refuse(errors, "body", field, msg, type);
}

static struct json_object *
parse_object(const char *body, size_t len, struct schema_errors *errors)
{
	struct json_object *v;
	const char *wrong;

	if (len == 0) {
		refuse(errors, NULL, "Field required", "missing");
		return (NULL);
	}
	if ((wrong = document_parse(body, len, VALUES_MAX, &v)) != NULL) {
		refuse(errors, NULL, wrong, wrong == document_repeated ?
		    "repeated" : "json_invalid");
		return (NULL);
	}
	if (!json_object_is_type(v, json_type_object)) {
		refuse(errors, NULL, "Input should be a valid dictionary",
		    "dict_type");
		json_object_put(v);
		return (NULL);
	}
	return (v);
}

/* The errors for a value below its bounds, and above. */
struct bounds {
	const char *below, *below_type, *above, *above_type;
};

static const struct bounds number = {
	"Input is out of range", "int_range",
	"Input is out of range", "int_range"
};

static const struct bounds length = {
	"String is too short", "string_too_short",
	"String is too long", "string_too_long"
};

static const struct bounds items = {
	"List has too few items", "too_short",
	"List has too many items", "too_long"
};

/* Record that the field is beyond its bounds. */
static void
beyond(const struct schema_field *f, const char *msg, const char *type,
    struct schema_errors *errors)
{

	if (f->instead == ERR_OK)
		refuse(errors, f->name, msg, type);
	else if (errors->instead == ERR_OK)
		errors->instead = f->instead;
}

/* Is ${n} within the bounds of the field?  If not, the error has been
   recorded. */
static bool
within(const struct schema_field *f, const struct bounds *b, int64_t n,
    struct schema_errors *errors)
{

	if (n >= f->min && n <= f->max)
		return (true);
	beyond(f, n < f->min ? b->below : b->above,
	    n < f->min ? b->below_type : b->above_type, errors);
	return (false);
}

/* A number as pydantic reads it from a string: blanks around it, a plus, and
   zeros after a point are allowed, but no exponent. */
static enum err
text_int(const char *s, size_t len, int64_t *out)
{

	for (; len > 0 && strchr(" \t\n\r\f\v", s[0]) != NULL; s++)
		len--;
	while (len > 0 && strchr(" \t\n\r\f\v", s[len - 1]) != NULL)
		len--;
	if (len > 1 && s[0] == '+' && s[1] != '-') {
		s++;
		len--;
	}
	if (memchr(s, 'e', len) != NULL || memchr(s, 'E', len) != NULL)
		return (ERR_FORMAT);
	return (num_parse_whole(s, len, SCHEMA_INT_MIN, SCHEMA_INT_MAX, out));
}

static enum err
get_int(struct json_object *v, int64_t *out)
{
	const char *s;

	switch (json_object_get_type(v)) {
	case json_type_int:
		/* json-c saturates a number that is too large. */
		*out = json_object_get_int64(v);
		return (*out < SCHEMA_INT_MIN || *out > SCHEMA_INT_MAX ?
		    ERR_RANGE : ERR_OK);
	case json_type_double:
		/* This is the text as it was received. */
		s = json_object_get_string(v);
		return (num_parse_whole(s, strlen(s), SCHEMA_INT_MIN,
		    SCHEMA_INT_MAX, out));
	case json_type_string:
		return (text_int(json_object_get_string(v),
		    (size_t)json_object_get_string_len(v), out));
	default:
		return (ERR_FORMAT);
	}
}

static void
put_int(const struct schema_field *f, struct json_object *v, int64_t *out,
    struct schema_errors *errors)
{

	switch (get_int(v, out)) {
	case ERR_OK:
		(void)within(f, &number, *out, errors);
		break;
	case ERR_RANGE:
		beyond(f, number.above, number.above_type, errors);
		break;
	default:
		refuse(errors, f->name, "Input should be a valid integer",
		    "int_parsing");
	}
}

static void
put_flag(const struct schema_field *f, struct json_object *v, int64_t *out,
    struct schema_errors *errors)
{

	if (json_object_is_type(v, json_type_boolean))
		*out = json_object_get_boolean(v) ? 1 : -1;
	else
		refuse(errors, f->name, "Input should be a valid boolean",
		    "bool_type");
}

static void
put_texts(const struct schema_field *f, struct json_object *v,
    struct schema_texts *out, struct arena *arena,
    struct schema_errors *errors)
{
	struct text_span *text;
	struct json_object *item;
	size_t i;

	if (!json_object_is_type(v, json_type_array)) {
		refuse(errors, f->name, "Input should be a valid list",
		    "list_type");
		return;
	}
	out->n = json_object_array_length(v);
	out->text = text = arena_alloc(arena, (out->n + 1) * sizeof(*text));
	for (i = 0; i < out->n; i++) {
		item = json_object_array_get_idx(v, i);
		if (!json_object_is_type(item, json_type_string)) {
			refuse(errors, f->name, "Input should be a list of "
			    "valid strings", "string_type");
			return;
		}
		text[i].len = (size_t)json_object_get_string_len(item);
		text[i].s = arena_text(arena, json_object_get_string(item),
		    text[i].len);
	}
	(void)within(f, &items, (int64_t)out->n, errors);
}

static void put_field(const struct schema_field *f,
    struct json_object *object, const struct schema_body *body, char *out,
    struct schema_errors *errors);

/* A fault within an object is reported under the name of the whole field. */
static void
put_objects(const struct schema_field *f, struct json_object *v,
    const struct schema_body *body, struct schema_objects *out,
    struct schema_errors *errors)
{
	const struct schema_field *of;
	struct json_object *item;
	struct schema_errors inner;
	char *object;
	size_t i;

	if (!json_object_is_type(v, json_type_array)) {
		refuse(errors, f->name, "Input should be a valid list",
		    "list_type");
		return;
	}
	out->n = json_object_array_length(v);
	if (!within(f, &items, (int64_t)out->n, errors))
		return;
	out->object = object = arena_alloc(body->arena,
	    (out->n + 1) * f->of_size);
	memset(object, 0, out->n * f->of_size);
	for (i = 0; i < out->n; i++, object += f->of_size) {
		item = json_object_array_get_idx(v, i);
		inner.n = 0;
		inner.instead = errors->instead;
		if (!json_object_is_type(item, json_type_object))
			refuse(&inner, f->name, "Input should be a list of "
			    "objects", "dict_type");
		for (of = f->of; inner.n == 0 && of->name != NULL; of++)
			put_field(of, item, body, object, &inner);
		if (inner.n > 0) {
			refuse(errors, f->name, inner.error[0].msg,
			    inner.error[0].type);
			return;
		}
		errors->instead = inner.instead;
	}
}

static bool
is_plain_text(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return (false);
	}
	return (true);
}

static void
put_string(const struct schema_field *f, const char *s, size_t len, char *out,
    struct schema_errors *errors)
{
	struct ss58 *address;

	switch (f->kind) {
	case SCHEMA_SS58:
		address = (struct ss58 *)(void *)out;
		if (len == 0 && f->need == SCHEMA_NULLABLE)
			return;
		if (ss58_decode(s, len, address->key) != ERR_OK) {
			refuse(errors, f->name, ss58_is_foreign(s, len) ?
			    "Input is an SS58 address of another network" :
			    "Input should be an SS58 address", "ss58");
			return;
		}
		memcpy(address->text, s, len);
		return;
	case SCHEMA_NAME:
		if (!text_is_name(s, len) || len >= f->size) {
			refuse(errors, f->name, "String should match pattern "
			    "'^[a-z0-9_-]{1,32}$'", "string_pattern_mismatch");
			return;
		}
		break;
	default:
		if (len >= f->size) {
			refuse(errors, f->name, length.above,
			    length.above_type);
			return;
		}
		if (f->kind != SCHEMA_TOKEN && !is_plain_text(s, len)) {
			refuse(errors, f->name, "String should not contain "
			    "control characters", "string_control");
			return;
		}
	}
	if (within(f, &length, (int64_t)len, errors))
		memcpy(out, s, len);
}

static void
put_field(const struct schema_field *f, struct json_object *object,
    const struct schema_body *body, char *out, struct schema_errors *errors)
{
	struct schema_int *number_given;
	struct json_object *v;

	if (!json_object_object_get_ex(object, f->name, &v)) {
		if (f->need == SCHEMA_REQUIRED ||
		    (f->need == SCHEMA_SIGNED && !body->signed_elsewhere))
			refuse(errors, f->name, "Field required", "missing");
		return;
	}
	if (v == NULL && f->need == SCHEMA_NULLABLE)
		return;
	out += f->offset;
	switch (f->kind) {
	case SCHEMA_TIME:
		put_int(f, v, (int64_t *)(void *)out, errors);
		break;
	case SCHEMA_INT:
		number_given = (struct schema_int *)(void *)out;
		number_given->given = true;
		put_int(f, v, &number_given->n, errors);
		break;
	case SCHEMA_FLAG:
		put_flag(f, v, (int64_t *)(void *)out, errors);
		break;
	case SCHEMA_TEXTS:
		put_texts(f, v, (struct schema_texts *)(void *)out,
		    body->arena, errors);
		break;
	case SCHEMA_OBJECTS:
		put_objects(f, v, body, (struct schema_objects *)(void *)out,
		    errors);
		break;
	default:
		if (json_object_is_type(v, json_type_string))
			put_string(f, json_object_get_string(v),
			    (size_t)json_object_get_string_len(v), out, errors);
		else
			refuse(errors, f->name, "Input should be a valid "
			    "string", "string_type");
	}
}

enum err
schema_parse(const struct schema_field *fields, const struct schema_body *body,
    void *out, size_t out_size, struct schema_errors *errors)
{
	struct json_object *object;

	memset(out, 0, out_size);
	errors->n = 0;
	errors->instead = ERR_OK;
	if ((object = parse_object(body->text, body->len, errors)) == NULL)
		return (ERR_SCHEMA);
	for (; fields->name != NULL; fields++)
		put_field(fields, object, body, out, errors);
	json_object_put(object);
	return (errors->n > 0 ? ERR_SCHEMA : errors->instead);
}
