#include <string.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/log.h"
#include "service_prove.h"
#include "wallet.h"

/* What the service accepts as a proof.  One that does not tell accepts what
   all generations of clients send: texts, and X-Tao headers where there is no
   text. */
void
service_prove_note(struct service_prove *s, struct json_object *formats)
{
	struct json_object *all = service_object(formats, "schemes"), *one;
	const char *receiver = service_text(formats, "receiver");
	size_t i;

	s->noted = s->takes_text = true;
	if (!json_object_is_type(all, json_type_array))
		return;
	s->takes_text = false;
	for (i = 0; i < json_object_array_length(all); i++) {
		one = json_object_array_get_idx(all, i);
		if (!json_object_is_type(one, json_type_string))
			continue;
		s->takes_text |= strcmp(json_object_get_string(one),
		    "text") == 0;
		s->takes_btauth |= strcmp(json_object_get_string(one),
		    "btauth") == 0;
	}
	if (receiver != NULL && ss58_decode(receiver, strlen(receiver),
	    s->receiver.key) == ERR_OK)
		ss58_encode(s->receiver.key, s->receiver.text);
	else
		s->takes_btauth = false;
}

static enum service_scheme
choose_scheme(const struct service_prove *s, const struct service_request *r)
{
	const bool has_text = r->text != SIGNED_TEXT_KINDS;

	if (s->o->scheme != SERVICE_SCHEME_AUTO)
		return (s->o->scheme);

	/* A text names no service: one that is told a receiver must not get
	   a signature that another would take. */
	if (s->takes_btauth || s->o->receiver != NULL)
		return (SERVICE_SCHEME_BTAUTH);
	return (has_text && s->takes_text ? SERVICE_SCHEME_TEXT :
	    SERVICE_SCHEME_TAO);
}

bool
service_prove_can(const struct service_prove *s,
    const struct service_request *r)
{

	return (choose_scheme(s, r) != SERVICE_SCHEME_TEXT ||
	    r->text != SIGNED_TEXT_KINDS);
}

/* Return the fields of ${r}, in a new object. */
static struct json_object *
copy_fields(const struct service_request *r)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "service");
	if (r->body != NULL) {
		json_object_object_foreach(r->body, name, value)
			json_object_object_add(o, name,
			    json_object_get(value));
	}
	return (o);
}

static enum err
add_text(const struct service_prove *s, const struct service_request *r,
    struct json_object *body)
{
	const struct wallet *w = s->o->hotkey;
	struct signed_parts parts = r->parts;
	char hex[PROOF_HEX_LEN + 1];
	struct ss58 own;
	enum err e;

	memcpy(own.key, w->public, sizeof(own.key));
	memcpy(own.text, w->ss58, sizeof(own.text));
	if (parts.hotkey == NULL)
		parts.hotkey = &own;
	if (parts.coldkey == NULL)
		parts.coldkey = s->o->coldkey;
	if (parts.timestamp == 0)
		parts.timestamp = clock_now_ms() / 1000;
	if ((e = proof_text(w, r->text, &parts, hex)) != ERR_OK)
		return (e);
	json_object_object_add(body, "hotkey",
	    json_object_new_string(w->ss58));
	json_object_object_add(body, "timestamp",
	    json_object_new_int64(parts.timestamp));
	json_object_object_add(body, "signature",
	    json_object_new_string(hex));
	return (ERR_OK);
}

/* Write the headers of the proof of ${body}, which goes to ${url}. */
static enum err
make_lines(const struct service_prove *s, enum service_scheme scheme,
    const char *url, const char *body, size_t len, struct proof_lines *lines)
{
	const char *path = strstr(url, "://") + 3;
	const struct btauth_request b = {
		.method = "POST", .target = path + strcspn(path, "/"),
		.body = body, .len = len,
		.receiver = s->o->receiver != NULL ? s->o->receiver :
		    s->receiver.text,
	};
	int64_t nonce_ns;
	enum err e;

	lines->n = 0;
	if (scheme == SERVICE_SCHEME_TEXT)
		return (ERR_OK);
	if (scheme == SERVICE_SCHEME_TAO)
		return (proof_tao(s->o->hotkey, body, len, clock_now_ms(),
		    lines));
	if (b.receiver[0] == '\0')
		return (ERR_BTAUTH_RECEIVER);
	if ((e = proof_nonce(clock_now_ms(), &nonce_ns)) != ERR_OK)
		return (e);
	return (proof_btauth(s->o->hotkey, &b, nonce_ns, lines));
}

enum err
service_prove_make(const struct service_prove *s,
    const struct service_request *r, const char *url, struct json_object **body,
    const char **text, size_t *len, struct proof_lines *lines)
{
	const enum service_scheme scheme = choose_scheme(s, r);
	enum err e = ERR_OK;

	*body = copy_fields(r);
	if (scheme == SERVICE_SCHEME_TEXT)
		e = add_text(s, r, *body);
	*text = json_object_to_json_string_length(*body,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, len);
	if (*text == NULL)
		log_die("out_of_memory", "service");
	if (e == ERR_OK)
		e = make_lines(s, scheme, url, *text, *len, lines);
	if (e != ERR_OK) {
		json_object_put(*body);
		*body = NULL;
	}
	return (e);
}
