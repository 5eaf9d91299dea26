#include <string.h>

#include <json-c/json.h>

#include "base/num.h"
#include "base/text.h"
#include "json/document.h"
#include "json/schema.h"

static void
refuse(struct schema_errors *errors, const char *field, const char *msg,
    const char *type)
{

	if (errors->n == SCHEMA_ERRORS_MAX)
		return;
	errors->error[errors->n].field = field;
	errors->error[errors->n].msg = msg;
	errors->error[errors->n].type = type;
	errors->n++;
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
	if ((wrong = document_parse(body, len, &v)) != NULL) {
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

static void
put_time(const struct schema_field *f, struct json_object *v, int64_t *out,
    struct schema_errors *errors)
{
	enum err e = ERR_FORMAT;

	/* json-c saturates what is too large; the bound refuses that too. */
	if (json_object_is_type(v, json_type_int)) {
		*out = json_object_get_int64(v);
		e = *out < 0 || *out > SCHEMA_TIME_MAX ? ERR_RANGE : ERR_OK;
	} else if (json_object_is_type(v, json_type_string)) {
		e = num_parse(json_object_get_string(v),
		    (size_t)json_object_get_string_len(v), 0, SCHEMA_TIME_MAX,
		    out);
	}
	if (e == ERR_RANGE)
		refuse(errors, f->name, "Input is out of range", "int_range");
	else if (e != ERR_OK)
		refuse(errors, f->name, "Input should be a valid integer",
		    "int_parsing");
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

static bool
is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!(s[i] >= 'a' && s[i] <= 'z') && s[i] != '_' &&
		    s[i] != '-' && !(s[i] >= '0' && s[i] <= '9'))
			return (false);
	}
	return (len >= 1 && len <= SCHEMA_NAME_MAX);
}

static void
put_string(const struct schema_field *f, const char *s, size_t len, char *out,
    struct schema_errors *errors)
{
	struct ss58 *address;

	switch (f->kind) {
	case SCHEMA_SS58:
		address = (struct ss58 *)(void *)out;
		if (ss58_decode(s, len, address->key) != ERR_OK) {
			refuse(errors, f->name,
			    "Input should be an SS58 address", "ss58");
			return;
		}
		memcpy(address->text, s, len);
		return;
	case SCHEMA_NAME:
		if (!is_name(s, len) || len >= f->size) {
			refuse(errors, f->name, "String should match pattern "
			    "'^[a-z0-9_-]{1,32}$'", "string_pattern_mismatch");
			return;
		}
		break;
	default:
		if (len >= f->size) {
			refuse(errors, f->name, "String is too long",
			    "string_too_long");
			return;
		}
		if (!is_plain_text(s, len)) {
			refuse(errors, f->name, "String should not contain "
			    "control characters", "string_control");
			return;
		}
	}
	memcpy(out, s, len);
}

static void
put_field(const struct schema_field *f, struct json_object *object, char *out,
    struct schema_errors *errors)
{
	struct json_object *v;

	if (!json_object_object_get_ex(object, f->name, &v)) {
		if (f->need == SCHEMA_REQUIRED)
			refuse(errors, f->name, "Field required", "missing");
		return;
	}
	if (v == NULL && f->need == SCHEMA_NULLABLE)
		return;
	out += f->offset;
	if (f->kind == SCHEMA_TIME)
		put_time(f, v, (int64_t *)(void *)out, errors);
	else if (!json_object_is_type(v, json_type_string))
		refuse(errors, f->name, "Input should be a valid string",
		    "string_type");
	else
		put_string(f, json_object_get_string(v),
		    (size_t)json_object_get_string_len(v), out, errors);
}

enum err
schema_parse(const struct schema_field *fields, const char *body, size_t len,
    void *out, size_t out_size, struct schema_errors *errors)
{
	struct json_object *object;

	memset(out, 0, out_size);
	errors->n = 0;
	if ((object = parse_object(body, len, errors)) == NULL)
		return (ERR_SCHEMA);
	for (; fields->name != NULL; fields++)
		put_field(fields, object, out, errors);
	json_object_put(object);
	return (errors->n > 0 ? ERR_SCHEMA : ERR_OK);
}
