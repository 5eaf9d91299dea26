#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/log.h"
#include "command.h"
#include "identity.h"
#include "json/document.h"
#include "service.h"

#define COLDKEYPUB_MAX 4096
#define COLDKEYPUB_VALUES 100

/* Return WALLET_PATH/WALLET/REST. */
static char *
wallet_file(const struct settings *s, const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s/%s%s", s->value[SETTING_WALLET_PATH],
	    s->value[SETTING_WALLET], folder, name) < 0)
		log_die("out_of_memory", "identity");
	return (path);
}

/* The hotkey's file itself, if it was named. */
static const char *
named_file(const struct settings *s)
{
	const char *hotkey = s->value[SETTING_HOTKEY];

	/* What was said more directly counts: an option before the rest. */
	if (s->value[SETTING_KEYFILE] != NULL &&
	    s->from[SETTING_KEYFILE] >= s->from[SETTING_HOTKEY] &&
	    s->from[SETTING_KEYFILE] >= s->from[SETTING_WALLET])
		return (s->value[SETTING_KEYFILE]);
	return (strchr(hotkey, '/') != NULL ? hotkey : NULL);
}

/* Return the address in a file as btcli writes it.  It holds no secret. */
static bool
read_coldkeypub(const char *path, struct ss58 *out)
{
	struct json_object *o = NULL;
	const char *address;
	bool good = false;
	char *text;
	size_t len;

	if ((text = command_read_file(path, COLDKEYPUB_MAX, &len)) == NULL)
		return (false);
	if (document_parse(text, len, COLDKEYPUB_VALUES, &o) == NULL &&
	    (address = service_text(o, "ss58Address")) != NULL &&
	    ss58_decode(address, strlen(address), out->key) == ERR_OK) {
		ss58_encode(out->key, out->text);
		good = true;
	} else {
		command_failed("%s: it has no ss58Address of Bittensor; name "
		    "the coldkey with --coldkey", path);
	}
	json_object_put(o);
	free(text);
	return (good);
}

static int
find_coldkey(const struct settings *s, bool by_name, struct identity *id)
{
	const char *coldkey = s->value[SETTING_COLDKEY];
	char *path;

	if (coldkey != NULL) {
		if (ss58_decode(coldkey, strlen(coldkey), id->coldkey.key) !=
		    ERR_OK)
			return (COMMAND_FAILED);
		ss58_encode(id->coldkey.key, id->coldkey.text);
		id->has_coldkey = true;
		return (COMMAND_OK);
	}
	if (!by_name)
		return (COMMAND_OK);
	path = wallet_file(s, "", "coldkeypub.txt");
	if (access(path, F_OK) == 0)
		id->has_coldkey = read_coldkeypub(path, &id->coldkey);
	else
		by_name = false;
	free(path);

	/* Without the file the command says what it misses. */
	return (id->has_coldkey || !by_name ? COMMAND_OK : COMMAND_FAILED);
}

int
identity_load(const struct settings *s, struct identity *id)
{
	const char *file = named_file(s);
	char *path = NULL;
	enum err e;

	memset(id, 0, sizeof(*id));
	if (file == NULL && s->value[SETTING_WALLET_PATH] == NULL)
		return (command_failed("HOME is not set; name the hotkey file "
		    "with --keyfile"));
	if (file == NULL)
		path = wallet_file(s, "hotkeys/", s->value[SETTING_HOTKEY]);
	e = wallet_load(file != NULL ? file : path,
	    s->value[SETTING_PASSWORD_FILE], &id->hotkey);
	free(path);
	return (e != ERR_OK ? COMMAND_FAILED :
	    find_coldkey(s, file == NULL, id));
}

void
identity_free(struct identity *id)
{

	explicit_bzero(id, sizeof(*id));
}
