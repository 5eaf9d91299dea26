#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "json/document.h"
#include "json/strict.h"

const char document_repeated[] = "A field is repeated";

/* Count the name-value pairs in all objects of a parsed value. */
static size_t
count_members(struct json_object *v)
{
	size_t i, n = 0;

	if (json_object_is_type(v, json_type_object)) {
		json_object_object_foreach(v, name, member) {
			(void)name;
			n += 1 + count_members(member);
		}
	} else if (json_object_is_type(v, json_type_array)) {
		for (i = 0; i < json_object_array_length(v); i++)
			n += count_members(json_object_array_get_idx(v, i));
	}
	return (n);
}

const char *
document_parse(const char *text, size_t len, size_t most,
    struct json_object **out)
{
	struct json_object *v;
	struct json_tokener *tok;
	const char *wrong;
	size_t members;

	/* Some editors and languages write a byte order mark (U+FEFF). */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len > INT32_MAX)
		return ("too long");
	if ((wrong = strict_check(text, len, most, &members)) != NULL)
		return (wrong);
	if ((tok = json_tokener_new_ex(STRICT_DEPTH_MAX + 1)) == NULL)
		log_die("out_of_memory", "json");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	v = json_tokener_parse_ex(tok, text, (int)len);

	/* A bare number is complete only when another byte follows it. */
	if (json_tokener_get_error(tok) == json_tokener_continue)
		v = json_tokener_parse_ex(tok, "", 1);
	if (json_tokener_get_error(tok) != json_tokener_success)
		wrong = "JSON decode error";
	else if (count_members(v) != members)
		wrong = document_repeated;
	json_tokener_free(tok);
	if (wrong != NULL) {
		json_object_put(v);
		v = NULL;
	}
	*out = v;
	return (wrong);
}
