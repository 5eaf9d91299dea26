/* asks OPTIONS WHAT ...: one request through client/service.h.  It prints the
   answer as JSON, and what service_explain() says on standard error. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "command.h"
#include "connect.h"
#include "service.h"
#include "service_read.h"
#include "service_upload.h"

static struct service_answer a;
static struct service_folder folder;

static void
print_pairs(const char *name, const struct text_pair *p, size_t n)
{
	struct json_object *o = json_object_new_object();
	size_t i;

	for (i = 0; i < n; i++)
		json_object_object_add(o, p[i].name,
		    json_object_new_string(p[i].value));
	printf(",\"%s\":%s", name, json_object_to_json_string(o));
	json_object_put(o);
}

static void
print_folder(void)
{
	size_t i;

	printf("\"folder\":\"%s\",\"any\":%s,\"grants\":[", folder.folder,
	    folder.any ? "true" : "false");
	for (i = 0; i < folder.n; i++) {
		printf("%s{\"url\":\"%s\",\"put\":%s,\"key\":\"%s\"",
		    i > 0 ? "," : "", folder.grant[i].url,
		    folder.grant[i].put ? "true" : "false",
		    folder.grant[i].key != NULL ? folder.grant[i].key : "");
		print_pairs("fields", folder.grant[i].fields,
		    folder.grant[i].n_fields);
		print_pairs("headers", folder.grant[i].headers,
		    folder.grant[i].n_headers);
		printf("}");
	}
	printf("],");
}

static void
ask_folder(struct service *s, int argc, const char **argv)
{
	struct service_file files[SERVICE_FILES_MAX];
	char *colon;
	size_t n = 0;
	int i;

	for (i = 1; i < argc; i++) {
		colon = strrchr(argv[i], ':');
		*colon = '\0';
		files[n++] = (struct service_file){ argv[i],
		    atoll(colon + 1) };
	}
	if (service_folder(s, argc > 0 && argv[0][0] != '\0' ? argv[0] : NULL,
	    files, n, NULL, &folder, &a) == SERVICE_OK)
		print_folder();
}

static void
ask_limits(struct service *s)
{
	struct service_limits l;

	if (service_limits(s, &l, &a) == SERVICE_OK)
		printf("\"limits\":[%lld,%lld,%d,%d,%d,%d,%d],",
		    (long long)l.min_bytes, (long long)l.max_bytes, l.put,
		    l.folder_forms, l.file_uploads, l.hotkey_layout,
		    l.coldkey_layout);
}

static void
ask_miner(struct service *s, const char *what, int argc, const char **argv)
{
	struct ss58 key;
	const struct service_miner m = { .key = &key };
	const char *url;
	int i;

	if (argc < 1 || ss58_decode(argv[0], strlen(argv[0]), key.key) !=
	    ERR_OK)
		exit(2);
	ss58_encode(key.key, key.text);
	if (strcmp(what, "jobs") == 0) {
		service_jobs(s, &key, &a);
	} else if (strcmp(what, "list") == 0) {
		if (service_list(s, &m, argv[1], &a, &url) == SERVICE_OK)
			printf("\"url\":\"%s\",", url);
	} else {
		service_files(s, &m, argv + 1, (size_t)argc - 1, 1, &a);
		for (i = 1; i < argc; i++)
			printf("\"url%d\":\"%s\",", i,
			    service_file_url(&a, argv[i]) != NULL ?
			    service_file_url(&a, argv[i]) : "");
	}
}

static void
ask_what(struct service *s, int argc, const char **argv)
{
	const char *what = argv[0], *text;
	const struct service_request get = { .path = argv[1], .get = true };
	size_t len;

	if (strcmp(what, "folder") == 0)
		ask_folder(s, argc - 1, argv + 1);
	else if (strcmp(what, "limits") == 0)
		ask_limits(s);
	else if (strcmp(what, "everything") == 0)
		service_list_all(s, &a);
	else if (strcmp(what, "get") == 0)
		service_ask(s, &get, &a);
	else if (strcmp(what, "job") == 0) {
		if (service_job_file(s, argv[1], argv[2], 2000, &folder, &a) ==
		    SERVICE_OK)
			print_folder();
	} else if (strcmp(what, "fetch") == 0) {
		if (service_fetch(s, argv[1], 1 << 20, &a, &text, &len) ==
		    SERVICE_OK)
			printf("\"bytes\":%zu,", len);
	} else
		ask_miner(s, what, argc - 1, argv + 1);
}

static void
on_notice(void *user, const char *why, long ms)
{

	(void)user;
	fprintf(stderr, "waits %ld ms: %s\n", ms, why);
}

/* The keys that the settings name. */
static int
print_keys(struct connect *c)
{
	int status = connect_open(c, CONNECT_COLDKEY);

	if (status == COMMAND_OK)
		printf("%s %s\n", service_hotkey(c->service)->ss58,
		    service_coldkey(c->service)->text);
	connect_close(c);
	return (command_finish(status));
}

int
main(int argc, char **argv)
{
	static struct connect c;
	const struct option_spec options[] = {
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), { NULL, NULL, NULL }
	};
	static const char *words[1100];
	struct service_options o = { .first_wait_ms = 10,
	    .notice = on_notice };
	struct identity id = { .has_coldkey = false };
	struct service *s;
	const char *scheme;
	int n, status;

	log_plain("asks");
	n = command_options(argc - 1, argv + 1, options, words, 1100);
	if (n < 1)
		return (2);
	if (strcmp(words[0], "who") == 0)
		return (print_keys(&c));
	if ((status = settings_load(&c.set)) != COMMAND_OK)
		return (status);
	scheme = c.set.value[SETTING_SCHEME];
	o.scheme = strcmp(scheme, "text") == 0 ? SERVICE_SCHEME_TEXT :
	    strcmp(scheme, "tao") == 0 ? SERVICE_SCHEME_TAO :
	    strcmp(scheme, "btauth") == 0 ? SERVICE_SCHEME_BTAUTH :
	    SERVICE_SCHEME_AUTO;
	o.url = c.set.value[SETTING_URL];
	o.ca_file = c.set.value[SETTING_CA_FILE];
	o.receiver = c.set.value[SETTING_RECEIVER];
	if (c.set.value[SETTING_KEYFILE] != NULL) {
		if (identity_load(&c.set, &id) != COMMAND_OK)
			return (2);
		o.hotkey = &id.hotkey;
	}
	if (id.has_coldkey)
		o.coldkey = &id.coldkey;
	s = service_new(&o);
	printf("{");
	ask_what(s, n, words);
	printf("\"result\":%d,\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\","
	    "\"json\":%s}\n", (int)a.result, a.status, a.code, a.detail,
	    a.json != NULL ? json_object_to_json_string(a.json) : "null");
	status = service_explain(s, &a);
	service_folder_free(&folder);
	service_clear(&a);
	service_free(s);
	identity_free(&id);
	settings_free(&c.set);
	return (status);
}
