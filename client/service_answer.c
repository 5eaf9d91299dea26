#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "command.h"
#include "json/document.h"
#include "s3/refusal.h"
#include "service_answer.h"

/* Signatures are good for minutes, and headers for seconds. */
#define SKEW_S 5

static void
copy_safe(char *out, size_t size, const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0' && i + 1 < size; i++)
		out[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
	out[i] = '\0';
}

void
service_answer_say(struct service_answer *a, const char *words)
{

	copy_safe(a->detail, sizeof(a->detail), words);
}

void
service_clear(struct service_answer *a)
{

	json_object_put(a->json);
	memset(a, 0, sizeof(*a));
}

const char *
service_text(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &v) ||
	    !json_object_is_type(v, json_type_string))
		return (NULL);
	return (json_object_get_string(v));
}

int64_t
service_int(struct json_object *o, const char *name, int64_t fallback)
{
	struct json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &v) ||
	    !json_object_is_type(v, json_type_int))
		return (fallback);
	return (json_object_get_int64(v));
}

struct json_object *
service_object(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &v) ||
	    (!json_object_is_type(v, json_type_object) &&
	    !json_object_is_type(v, json_type_array)))
		return (NULL);
	return (v);
}

/* A code is a word of ours, or it is none. */
static void
take_code(struct service_answer *a, const char *code)
{
	const size_t n = code == NULL ? 0 :
	    strspn(code, "abcdefghijklmnopqrstuvwxyz_");

	if (n > 0 && n <= SERVICE_CODE_MAX && code[n] == '\0')
		memcpy(a->code, code, n + 1);
}

/* The first fault of a list: where it is, and what it is. */
static bool
take_fault(struct service_answer *a, struct json_object *list)
{
	struct json_object *one = NULL, *loc;
	char words[SERVICE_DETAIL_MAX + 1];
	const char *field = NULL, *msg;
	size_t n;

	if (json_object_is_type(list, json_type_array))
		one = json_object_array_get_idx(list, 0);
	if ((msg = service_text(one, "msg")) == NULL)
		return (false);
	loc = service_object(one, "loc");
	if (json_object_is_type(loc, json_type_array) &&
	    (n = json_object_array_length(loc)) > 0)
		field = json_object_get_string(json_object_array_get_idx(loc,
		    n - 1));
	snprintf(words, sizeof(words), "%s%s%s", field != NULL ? field : "",
	    field != NULL ? ": " : "", msg);
	service_answer_say(a, words);
	return (true);
}

static void
take_refusal(struct service_answer *a)
{
	const char *detail = service_text(a->json, "detail");
	char words[40];

	take_code(a, service_text(a->json, "code"));
	if (detail != NULL && detail[0] != '\0') {
		service_answer_say(a, detail);
	} else if (!take_fault(a, service_object(a->json, "detail"))) {
		snprintf(words, sizeof(words), "HTTP status %d", a->status);
		service_answer_say(a, words);
	}
}

void
service_answer_read(struct service_answer *a, const char *text, size_t len,
    size_t max_values)
{
	const char *fault = document_parse(text, len, max_values, &a->json);
	char words[SERVICE_DETAIL_MAX + 1];

	if (fault != NULL)
		a->json = NULL;
	if (!json_object_is_type(a->json, json_type_object)) {
		json_object_put(a->json);
		a->json = NULL;
		/* A proxy that refuses writes HTML. */
		if (a->result == SERVICE_OK)
			a->result = SERVICE_BROKEN;
		snprintf(words, sizeof(words), "HTTP status %d without a JSON "
		    "object: another program answers at this URL",
		    a->status);
		service_answer_say(a, words);
		return;
	}
	if (a->result != SERVICE_OK)
		take_refusal(a);
}

void
service_answer_store(struct service_answer *a, const char *xml, size_t len)
{
	char words[SERVICE_DETAIL_MAX + 1];
	struct refusal r;

	refusal_read(a->status, xml, len, &r);
	copy_safe(a->code, sizeof(a->code), r.fault->code);
	snprintf(words, sizeof(words), "the store answered with status %d, %s",
	    a->status, r.fault->code);
	service_answer_say(a, words);
}

/* What a person can do. */
static const struct advice {
	const char *code, *text;
} advices[] = {
	{ "not_registered", "register the hotkey on the subnet, or name "
	    "another one (--wallet, --hotkey)" },
	{ "coldkey_mismatch", "the chain names another owner of this hotkey "
	    "than --coldkey or coldkeypub.txt" },
	{ "hotkey_kind", "only sr25519 hotkeys can sign a text" },
	{ "no_permit", "only validators with a permit may ask for this" },
	{ "low_stake", "this validator's stake is below the service's limit" },
	{ "layout_disabled", "this service offers other folders: try with "
	    "--source, or without it" },
	{ "unknown_source", "this service has other sources; `curl "
	    "URL/structure-info` lists them" },
	{ "daily_limit", "the count begins again at midnight, UTC" },
	{ "coldkey_limit", "the count begins again at midnight, UTC" },
	{ "global_limit", "the count begins again at midnight, UTC" },
	{ "receiver_mismatch", "--receiver is not this service's hotkey" },
	{ "scheme_disabled", "name another --scheme" },
	{ "tao_not_accepted", "name another --scheme" },
	{ "denied", "the operator has denied this key" },
	{ "files_required", "this service grants single files only" },
	{ "not_ready", "the operator can run `foldergate check-config`" },
	{ "no_client_address", "the operator can run `foldergate doctor`" },
	{ "RequestTimeTooSkewed", "the store's clock differs" },
	{ "AccessDenied", "the grant may have ended" },
};

static const char *
advice(const struct service_answer *a)
{
	size_t i;

	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (strcmp(advices[i].code, a->code) == 0)
			return (advices[i].text);
	return (NULL);
}

/* Is the time what was refused? */
static bool
is_about_time(const struct service_answer *a)
{
	static const char *const codes[] = { "invalid_timestamp",
	    "request_too_old", "request_too_early", "signed_too_early" };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i], a->code) == 0)
			return (true);
	return (false);
}

int
service_status(enum service_result result)
{

	switch (result) {
	case SERVICE_OK:
		return (COMMAND_OK);
	case SERVICE_REFUSED:
		return (COMMAND_REFUSED);
	case SERVICE_BROKEN:
	case SERVICE_UNREACHABLE:
		return (COMMAND_UNREACHABLE);
	case SERVICE_STOPPED:
		return (COMMAND_STOPPED);
	case SERVICE_UNABLE:
	default:
		return (COMMAND_FAILED);
	}
}

int
service_answer_explain(const struct service_answer *a, const char *url,
    int64_t ahead_s)
{
	const bool coded = a->code[0] != '\0' &&
	    strstr(a->detail, a->code) == NULL;
	const char *more = advice(a);
	char clock[80] = "";

	if (is_about_time(a) && (ahead_s > SKEW_S || ahead_s < -SKEW_S))
		snprintf(clock, sizeof(clock), "the clock here is %" PRId64
		    " s %s the service's", ahead_s < 0 ? -ahead_s : ahead_s,
		    ahead_s < 0 ? "ahead of" : "behind");
	if (clock[0] != '\0')
		more = clock;
	switch (a->result) {
	case SERVICE_OK:
		break;
	case SERVICE_STOPPED:
		command_failed("stopped");
		break;
	case SERVICE_UNABLE:
		command_failed("%s", a->detail);
		break;
	default:
		command_failed("%s: %s%s%s%s%s%s", url, a->detail,
		    coded ? " (" : "", coded ? a->code : "", coded ? ")" : "",
		    more != NULL ? "; " : "", more != NULL ? more : "");
		break;
	}
	return (service_status(a->result));
}
