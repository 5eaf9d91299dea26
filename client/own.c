#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "command.h"
#include "files.h"
#include "own.h"

/* A page of 1,000 keys, each byte of which is encoded. */
#define PAGE_BYTES ((size_t)8 << 20)

/* GET the list that begins after ${after}. */
static int
get_page(struct own *o, bool forms, const char *after, struct listing *page)
{
	struct service_folder f = { .folder = NULL };
	struct service_answer a = { .result = SERVICE_OK };
	const char *text;
	size_t len;
	int status = COMMAND_OK;

	if (service_folder(o->service, o->source, &o->sample, forms ? 0 : 1,
	    after, &f, &a) != SERVICE_OK) {
		status = service_explain(o->service, &a);
	} else if (f.list_url == NULL || strlen(f.folder) > LISTING_KEY_MAX) {
		command_failed("the service gives no list of the folder");
		status = COMMAND_UNREACHABLE;
	} else if (service_fetch(o->service, f.list_url, PAGE_BYTES, &a, &text,
	    &len) != SERVICE_OK) {
		status = service_explain(o->service, &a);
	} else if (listing_parse(page, text, len) != ERR_OK &&
	    listing_salvage(page, text, len) != ERR_OK) {
		command_failed("the store's list of the folder cannot be read");
		status = COMMAND_UNREACHABLE;
	} else {
		memcpy(o->prefix, f.folder, strlen(f.folder) + 1);
	}
	service_clear(&a);
	service_folder_free(&f);
	return (status);
}

/* Return the name of an item below the folder, or NULL if it is not there. */
static const char *
name_of(const struct own *o, const struct listing_item *it, size_t *len)
{
	const size_t n = strlen(o->prefix);

	if (it->is_prefix || it->key_len <= n ||
	    memcmp(it->key, o->prefix, n) != 0)
		return (NULL);
	*len = it->key_len - n;
	return (it->key + n);
}

/* Take the page, and set ${last} to its last name, "" if there is none that a
   list could begin after.  Return false if ${found} did, or the list begins
   before ${last}. */
static bool
take_page(struct own *o, const struct listing *page,
    char last[FILES_NAME_MAX + 1], bool (*found)(void *user,
    const struct listing_item *it, const char *name, size_t len), void *user)
{
	char before[FILES_NAME_MAX + 1];
	const char *name;
	size_t i, len;

	memcpy(before, last, sizeof(before));
	last[0] = '\0';
	for (i = 0; i < page->n; i++) {
		if ((name = name_of(o, &page->item[i], &len)) == NULL)
			continue;
		if (before[0] != '\0' && strcmp(name, before) <= 0) {
			o->blind = true;
			return (false);
		}
		if (!found(user, &page->item[i], name, len))
			return (false);
		last[0] = '\0';
		if (len <= FILES_NAME_MAX && strlen(name) == len &&
		    text_is_utf8(name, len))
			memcpy(last, name, len + 1);
	}
	return (true);
}

int
own_each(struct own *o, bool (*found)(void *user,
    const struct listing_item *it, const char *name, size_t len), void *user)
{
	struct service_limits limits;
	struct service_answer a = { .result = SERVICE_OK };
	char last[FILES_NAME_MAX + 1] = "";
	struct listing page;
	int status = COMMAND_OK;

	if (service_limits(o->service, &limits, &a) != SERVICE_OK)
		status = service_explain(o->service, &a);
	service_clear(&a);
	if (o->sample.bytes < limits.min_bytes ||
	    o->sample.bytes > limits.max_bytes)
		o->sample.bytes = limits.min_bytes;
	listing_init(&page);
	while (status == COMMAND_OK && !service_stopped(o->service)) {
		status = get_page(o, limits.folder_forms, last[0] != '\0' ?
		    last : NULL, &page);
		if (status != COMMAND_OK)
			break;
		o->dropped += page.dropped;
		if (!take_page(o, &page, last, found, user) ||
		    !page.truncated)
			break;
		if (last[0] == '\0') {
			command_failed("the store's list cannot be continued "
			    "after its last key");
			status = COMMAND_UNREACHABLE;
		}
	}
	listing_free(&page);
	return (service_stopped(o->service) ? COMMAND_STOPPED : status);
}
