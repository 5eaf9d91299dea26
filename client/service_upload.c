#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/log.h"
#include "names.h"
#include "service_answer.h"
#include "service_upload.h"

/* What the service that foldergate replaces grants. */
#define MIN_BYTES 1024
#define MAX_BYTES INT64_C(5368709120)
#define BYTES_MAX (INT64_C(1) << 50)	/* a larger limit means no limit */
#define TTL_S 86400
#define TTL_MAX_S (7 * 86400)	/* the most that a store signs for */

/* More values than all grants of one answer have. */
#define VALUES_MAX (SERVICE_FILES_MAX * 32)
#define ANSWER_MAX (16 << 20)

static bool
has_item(struct json_object *list, const char *want)
{
	struct json_object *one;
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return (false);
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (json_object_is_type(one, json_type_string) &&
		    strcmp(json_object_get_string(one), want) == 0)
			return (true);
	}
	return (false);
}

static bool
flag(struct json_object *o, const char *name, bool fallback)
{
	struct json_object *v;

	return (json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, name, &v) &&
	    json_object_is_type(v, json_type_boolean) ?
	    json_object_get_boolean(v) : fallback);
}

/* Whoever adds to it must not overflow. */
static int64_t
size_of(struct json_object *o, const char *name, int64_t fallback)
{
	const int64_t n = service_int(o, name, fallback);

	return (n < 0 ? 0 : n > BYTES_MAX ? BYTES_MAX : n);
}

enum service_result
service_limits(struct service *s, struct service_limits *l,
    struct service_answer *a)
{
	const struct service_request r = { .path = "/structure-info",
	    .get = true };
	struct json_object *u;
	const char *method;

	*l = (struct service_limits){ MIN_BYTES, MAX_BYTES, false, true, true,
	    true, true };
	if (service_ask(s, &r, a) != SERVICE_OK ||
	    (u = service_object(a->json, "uploads")) == NULL)
		return (a->result);
	method = service_text(u, "method");
	l->min_bytes = size_of(u, "min_bytes", MIN_BYTES);
	l->max_bytes = size_of(u, "max_bytes", MAX_BYTES);
	l->put = method != NULL && strcmp(method, "PUT") == 0;
	l->folder_forms = flag(u, "folder_forms", !l->put);
	l->file_uploads = flag(u, "file_uploads", true);
	l->hotkey_layout = has_item(service_object(u, "layouts"), "hotkey");
	l->coldkey_layout = has_item(service_object(u, "layouts"), "coldkey");
	return (a->result);
}

/* Is ${s} UTF-8 without control characters?  Whoever prints or sends it may do
   so by lines. */
static bool
is_line(const char *s)
{

	return (names_plain(s, strlen(s)));
}

/* Read an object of strings, each of which is_line().  Absent: none. */
static bool
take_pairs(struct json_object *o, struct text_pair **pair, size_t *n)
{
	if (o == NULL)
		return (true);
	if (!json_object_is_type(o, json_type_object))
		return (false);
	*pair = calloc((size_t)json_object_object_length(o) + 1,
	    sizeof(**pair));
	if (*pair == NULL)
		log_die("out_of_memory", "grant");
	json_object_object_foreach(o, name, value) {
		if (!json_object_is_type(value, json_type_string) ||
		    !is_line(name) || !is_line(json_object_get_string(value)))
			return (false);
		(*pair)[(*n)++] = (struct text_pair){ name,
		    json_object_get_string(value) };
	}
	return (true);
}

/* Could such a line be sent as a header, and nothing but that one?  To curl,
   "@" means a file with headers. */
static bool
are_headers(const struct service_grant *g)
{
	const char *name;
	size_t i;

	for (i = 0; i < g->n_headers; i++) {
		name = g->headers[i].name;
		if (name[0] == '\0' || name[strcspn(name, "@: ;")] != '\0')
			return (false);
	}
	return (true);
}

static bool
is_web(const char *url)
{

	return (url != NULL && is_line(url) &&
	    (strncmp(url, "http://", 7) == 0 ||
	    strncmp(url, "https://", 8) == 0));
}

/* Read a grant.  Its key, if it has one, must be in the folder. */
static bool
take_grant(struct json_object *o, const char *key_name, const char *folder,
    struct service_grant *g)
{
	const char *method = service_text(o, "method");

	g->url = service_text(o, "url");
	g->put = method != NULL && strcmp(method, "PUT") == 0;
	if (key_name != NULL &&
	    ((g->key = service_text(o, key_name)) == NULL ||
	    !is_line(g->key) ||
	    strncmp(g->key, folder, strlen(folder)) != 0))
		return (false);
	return (is_web(g->url) &&
	    (method == NULL || g->put || strcmp(method, "POST") == 0) &&
	    take_pairs(service_object(o, "fields"), &g->fields,
	    &g->n_fields) &&
	    take_pairs(service_object(o, "headers"), &g->headers,
	    &g->n_headers) && are_headers(g));
}

static struct service_grant *
make_room(struct service_folder *f, size_t n)
{

	if ((f->grant = calloc(n + 1, sizeof(*f->grant))) == NULL)
		log_die("out_of_memory", "grant");
	f->n = n;
	return (f->grant);
}

/* The answer of /get-folder-access. */
static bool
take_folder(struct service_folder *f, size_t wanted)
{
	struct json_object *rows = service_object(f->json, "uploads");
	size_t i, n;

	f->folder = service_text(f->json, "folder");
	f->list_url = service_text(f->json, "list_url");
	if (f->folder == NULL || !is_line(f->folder) || f->folder[0] == '\0' ||
	    f->folder[strlen(f->folder) - 1] != '/')
		return (false);
	if (!json_object_is_type(rows, json_type_array)) {
		f->any = true;
		return (take_grant(f->json, NULL, f->folder,
		    make_room(f, 1)));
	}
	if ((n = json_object_array_length(rows)) != wanted || n == 0)
		return (false);
	make_room(f, n);
	for (i = 0; i < n; i++) {
		if (!take_grant(json_object_array_get_idx(rows, i), "key",
		    f->folder, &f->grant[i]))
			return (false);
	}
	return (true);
}

static struct json_object *
new_object(void)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "request");
	return (o);
}

static struct json_object *
file_list(const struct service_file *files, size_t n)
{
	struct json_object *list = json_object_new_array(), *one;
	size_t i;

	if (list == NULL)
		log_die("out_of_memory", "request");
	for (i = 0; i < n; i++) {
		one = new_object();
		json_object_object_add(one, "name",
		    json_object_new_string(files[i].name));
		json_object_object_add(one, "size",
		    json_object_new_int64(files[i].bytes));
		json_object_array_add(list, one);
	}
	return (list);
}

/* Take the answer into ${f}, which then owns it. */
static void
own_answer(struct service_folder *f, struct service_answer *a)
{

	int64_t ttl_s;

	f->json = a->json;
	a->json = NULL;
	ttl_s = service_int(f->json, "expires_in_seconds", TTL_S);
	ttl_s = ttl_s < 0 ? 0 : ttl_s > TTL_MAX_S ? TTL_MAX_S : ttl_s;
	f->ends_ms = clock_tick_ms() + 1000 * ttl_s;
}

static enum service_result
broken(struct service_answer *a)
{

	a->result = SERVICE_BROKEN;
	service_answer_say(a, "the service's grant is not of the known form");
	return (a->result);
}

/* Ask with ${body}, to which whose folder it is is added; free it. */
static enum service_result
ask_folder(struct service *s, const char *source, struct json_object *body,
    size_t n, struct service_folder *f, struct service_answer *a)
{
	const struct ss58 *coldkey = service_coldkey(s);
	struct service_request r = { .path = "/get-folder-access",
	    .text = source != NULL ? SIGNED_TEXT_SOURCE_FOLDER :
	    SIGNED_TEXT_HOTKEY_FOLDER, .parts = { .source = source },
	    .max_bytes = ANSWER_MAX, .max_values = VALUES_MAX };

	service_folder_free(f);
	service_clear(a);
	if (coldkey == NULL) {
		a->result = SERVICE_UNABLE;
		service_answer_say(a, "the coldkey's address is not known; "
		    "name it with --coldkey");
		json_object_put(body);
		return (a->result);
	}
	json_object_object_add(body, "coldkey",
	    json_object_new_string(coldkey->text));
	if (source != NULL)
		json_object_object_add(body, "source",
		    json_object_new_string(source));
	r.body = body;
	if (service_ask(s, &r, a) == SERVICE_OK) {
		own_answer(f, a);
		if (!take_folder(f, n))
			broken(a);
	}
	json_object_put(body);
	return (a->result);
}

enum service_result
service_folder(struct service *s, const char *source,
    const struct service_file *files, size_t n, const char *after,
    struct service_folder *f, struct service_answer *a)
{
	struct json_object *body = new_object();

	if (n > 0)
		json_object_object_add(body, "files", file_list(files, n));
	if (after != NULL && after[0] != '\0')
		json_object_object_add(body, "list_after",
		    json_object_new_string(after));
	return (ask_folder(s, source, body, n, f, a));
}

enum service_result
service_folder_until(struct service *s, const char *source, int64_t until,
    struct service_folder *f, struct service_answer *a)
{
	struct json_object *body = new_object();

	json_object_object_add(body, "expiry", json_object_new_int64(until));
	return (ask_folder(s, source, body, 0, f, a));
}

enum service_result
service_job_file(struct service *s, const char *job, const char *name,
    int64_t bytes, struct service_folder *f, struct service_answer *a)
{
	struct service_request r = { .path = "/get-file-upload-url",
	    .text = SIGNED_TEXT_KINDS };
	struct json_object *body = new_object();

	service_folder_free(f);
	json_object_object_add(body, "job_id", json_object_new_string(job));
	json_object_object_add(body, "filename",
	    json_object_new_string(name));
	json_object_object_add(body, "size", json_object_new_int64(bytes));
	r.body = body;
	if (service_ask(s, &r, a) == SERVICE_OK) {
		own_answer(f, a);
		f->folder = "data/";
		if (!take_grant(f->json, "s3_key", f->folder,
		    make_room(f, 1)))
			broken(a);
	}
	json_object_put(body);
	return (a->result);
}

void
service_folder_free(struct service_folder *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->grant[i].fields);
		free(f->grant[i].headers);
	}
	free(f->grant);
	json_object_put(f->json);
	memset(f, 0, sizeof(*f));
}
