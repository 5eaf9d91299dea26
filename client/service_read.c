#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "crypto/ss58.h"
#include "service_answer.h"
#include "service_read.h"

/* As the service's own bound, LIST_JOBS in common/web/list_jobs.c. */
#define JOBS_MAX_BYTES ((size_t)256 << 20)
#define JOBS_MAX_VALUES 2000000
#define JOBS_TOTAL_S 180

/* A thousand URLs of at most 4 KiB and their keys. */
#define FILES_MAX_BYTES ((size_t)16 << 20)
#define FILES_TOTAL_S 120

/* The longest time that a store signs for. */
#define TTL_MAX_S ((int64_t)7 * 86400)

static struct json_object *
new_object(void)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "request");
	return (o);
}

static struct json_object *
miner_body(const struct service_miner *m)
{
	struct json_object *o = new_object();

	json_object_object_add(o, m->coldkey ? "miner_coldkey" :
	    "miner_hotkey", json_object_new_string(m->key->text));
	if (m->coldkey && m->source != NULL)
		json_object_object_add(o, "source",
		    json_object_new_string(m->source));
	return (o);
}

/* Send ${r} with ${body}, and free that. */
static enum service_result
ask(struct service *s, struct service_request *r, struct json_object *body,
    struct service_answer *a)
{

	r->body = body;
	service_ask(s, r, a);
	json_object_put(body);
	return (a->result);
}

enum service_result
service_list_all(struct service *s, struct service_answer *a)
{
	struct service_request r = { .path = "/get-validator-access",
	    .text = SIGNED_TEXT_EVERYTHING };
	struct json_object *body = new_object();

	json_object_object_add(body, "miners", json_object_new_boolean(0));
	return (ask(s, &r, body, a));
}

enum service_result
service_list(struct service *s, const struct service_miner *m,
    const char *token, struct service_answer *a, const char **url)
{
	struct service_request r = { .path = "/get-miner-list",
	    .text = SIGNED_TEXT_MINER, .parts = { .miner = m->key } };
	struct json_object *body = miner_body(m);

	*url = NULL;
	if (token != NULL)
		json_object_object_add(body, "continuation_token",
		    json_object_new_string(token));
	if (ask(s, &r, body, a) != SERVICE_OK)
		return (a->result);
	if ((*url = service_text(a->json, "list_url")) == NULL ||
	    (*url)[0] == '\0') {
		a->result = SERVICE_BROKEN;
		service_answer_say(a, "the answer has no list_url");
	}
	return (a->result);
}

enum service_result
service_jobs(struct service *s, const struct ss58 *miner,
    struct service_answer *a)
{
	struct service_request r = { .path = "/get-folder-presigned-urls",
	    .text = SIGNED_TEXT_FOLDERS, .max_bytes = JOBS_MAX_BYTES,
	    .max_values = JOBS_MAX_VALUES, .total_s = JOBS_TOTAL_S };
	struct json_object *body = new_object();

	if (miner != NULL)
		json_object_object_add(body, "miner_hotkey",
		    json_object_new_string(miner->text));
	return (ask(s, &r, body, a));
}

enum service_result
service_files(struct service *s, const struct service_miner *m,
    const char *const *keys, size_t n, int64_t hours, struct service_answer *a)
{
	struct service_request r = { .path = "/get-file-presigned-urls",
	    .text = SIGNED_TEXT_FILES, .parts = { .miner = m->key },
	    .max_bytes = FILES_MAX_BYTES, .total_s = FILES_TOTAL_S };
	struct json_object *body = miner_body(m);
	struct json_object *list = json_object_new_array();
	size_t i;

	if (list == NULL)
		log_die("out_of_memory", "request");
	for (i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_string(keys[i]));
	json_object_object_add(body, "file_keys", list);
	if (hours > 0)
		json_object_object_add(body, "expiry_hours",
		    json_object_new_int64(hours));
	return (ask(s, &r, body, a));
}

const char *
service_file_url(const struct service_answer *a, const char *key)
{
	struct json_object *urls = service_object(a->json, "file_urls");
	const char *url = service_text(urls, key);

	/* An object, or a text in answers of another service. */
	return (url != NULL ? url : service_text(service_object(urls, key),
	    "presigned_url"));
}

int64_t
service_files_ttl_s(const struct service_answer *a, const char *key)
{
	struct json_object *urls = service_object(a->json, "file_urls");
	int64_t s = service_int(a->json, "expiry_hours", 1);

	s = s < 0 || s > TTL_MAX_S / 3600 ? TTL_MAX_S : 3600 * s;
	s = service_int(service_object(urls, key), "expires_in_seconds", s);
	return (s < 0 ? 0 : s > TTL_MAX_S ? TTL_MAX_S : s);
}
