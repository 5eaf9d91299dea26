#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "command.h"
#include "miner.h"

/* A page of 1,000 keys, each byte of which is encoded. */
#define PAGE_BYTES ((size_t)8 << 20)

/* Pages without a key, in a row, that are read. */
#define EMPTY_MAX 100

#define HOTKEY_PREFIX "hotkey="

const char *
miner_read(const char *text, struct miner *m)
{
	const char *slash = strchr(text, '/'), *key = text;
	size_t len = 0;

	memset(m, 0, sizeof(*m));
	if (slash != NULL) {
		len = (size_t)(slash - text);
		if (!text_is_name(text, len))
			return ("must be HOTKEY or SOURCE/COLDKEY");
		memcpy(m->source, text, len);
		key = slash + 1;
	}
	if (ss58_decode(key, strlen(key), m->key.key) != ERR_OK)
		return (ss58_wrong(key, strlen(key)));
	ss58_encode(m->key.key, m->key.text);
	snprintf(m->name, sizeof(m->name), "%s%s%s", m->source,
	    slash != NULL ? "/" : "", m->key.text);
	return (NULL);
}

struct service_miner
miner_of(const struct miner *m)
{
	const bool coldkey = m->source[0] != '\0';

	return ((struct service_miner){
		.key = &m->key, .coldkey = coldkey,
		.source = coldkey ? m->source : NULL,
	});
}

/* GET a listing.  Print a fault; return the exit status. */
static int
fetch(struct service *s, const char *url, struct listing *page)
{
	struct service_answer a = { .result = SERVICE_OK };
	const char *text;
	size_t len;
	int status = COMMAND_OK;

	if (service_fetch(s, url, PAGE_BYTES, &a, &text, &len) != SERVICE_OK) {
		status = service_explain(s, &a);
	} else if (listing_parse(page, text, len) != ERR_OK &&
	    listing_salvage(page, text, len) != ERR_OK) {
		command_failed("the store's list cannot be read");
		status = COMMAND_UNREACHABLE;
	}
	service_clear(&a);
	return (status);
}

/* The miner of a folder "data/hotkey=5F.../" or "data/SOURCE/5F.../". */
static bool
read_prefix(const struct listing_item *it, const char *source,
    struct miner *m)
{
	char text[sizeof(m->name)];
	const char *end = it->key + it->key_len, *last;

	if (!it->is_prefix || it->key_len < 2 || end[-1] != '/' ||
	    strlen(it->key) != it->key_len)
		return (false);
	for (last = --end; last > it->key && last[-1] != '/'; last--)
		continue;
	if (source == NULL) {
		if (strncmp(last, HOTKEY_PREFIX, strlen(HOTKEY_PREFIX)) != 0)
			return (false);
		last += strlen(HOTKEY_PREFIX);
	}
	if (snprintf(text, sizeof(text), "%s%s%.*s", source != NULL ? source :
	    "", source != NULL ? "/" : "", (int)(end - last), last) >=
	    (int)sizeof(text))
		return (false);
	return (miner_read(text, m) == NULL);
}

/* Take the miners of one listing.  ${source} is NULL for hotkeys. */
static int
each_of(struct service *s, const char *url, const char *source,
    bool (*found)(void *user, const struct miner *m), void *user)
{
	struct listing page;
	struct miner m;
	size_t i;
	int status;

	listing_init(&page);
	status = fetch(s, url, &page);
	for (i = 0; status == COMMAND_OK && i < page.n; i++) {
		if (read_prefix(&page.item[i], source, &m) && !found(user, &m))
			goto out;
	}
	if (status == COMMAND_OK && page.truncated) {
		command_failed("the service lists only the first %zu miners "
		    "of %s", page.n, source != NULL ? source : "the hotkeys");
		status = COMMAND_PARTLY;
	}
out:
	listing_free(&page);
	return (status);
}

int
miner_each(struct service *s, bool (*found)(void *user,
    const struct miner *m), void *user)
{
	struct service_answer a = { .result = SERVICE_OK };
	struct json_object *urls, *sources;
	const char *url;
	int one, status = COMMAND_OK;

	if (service_list_all(s, &a) != SERVICE_OK) {
		status = service_explain(s, &a);
		service_clear(&a);
		return (status);
	}
	urls = service_object(a.json, "urls");
	url = service_text(service_object(urls, "miners"), "list_all_miners");
	sources = service_object(urls, "sources");
	if (url == NULL && sources == NULL) {
		command_failed("the service names no lists of miners");
		status = COMMAND_UNREACHABLE;
	}
	if (url != NULL)
		status = each_of(s, url, NULL, found, user);
	if (sources != NULL &&
	    json_object_is_type(sources, json_type_object)) {
		json_object_object_foreach(sources, name, value) {
			url = service_text(value, "list_miners");
			if ((status != COMMAND_OK && status !=
			    COMMAND_PARTLY) || url == NULL ||
			    !text_is_name(name, strlen(name)))
				continue;
			one = each_of(s, url, name, found, user);
			status = one != COMMAND_OK ? one : status;
		}
	}
	service_clear(&a);
	return (status);
}

/* Ask for the list that begins at ${token}.  Keep its URL in ${a}. */
static const char *
ask(struct miner_folder *f, const char *token, struct service_answer *a)
{
	const struct service_miner of = miner_of(f->miner);
	const char *url, *prefix;
	size_t len;

	if (service_list(f->service, &of, token, a, &url) != SERVICE_OK) {
		f->status = service_explain(f->service, a);
		return (NULL);
	}
	prefix = service_text(a->json, "prefix");
	len = prefix != NULL ? strlen(prefix) : 0;
	if (len == 0 || len > LISTING_KEY_MAX || prefix[len - 1] != '/' ||
	    (f->begun && strcmp(prefix, f->prefix) != 0)) {
		command_failed("the service does not name the miner's folder");
		f->status = COMMAND_UNREACHABLE;
		return (NULL);
	}
	memcpy(f->prefix, prefix, len + 1);
	return (url);
}

int
miner_prefix(struct miner_folder *f)
{
	struct service_answer a = { .result = SERVICE_OK };

	(void)ask(f, NULL, &a);
	service_clear(&a);
	return (f->status);
}

/* Is there a next page, and a token for it? */
static bool
has_token(struct miner_folder *f)
{

	if (!f->page.truncated)
		return (false);
	if (f->page.token_len > 0 &&
	    strlen(f->page.token) == f->page.token_len &&
	    text_is_utf8(f->page.token, f->page.token_len))
		return (true);
	command_failed("the store's list cannot be continued: a key with "
	    "control characters is at the end of a page");
	f->status = COMMAND_UNREACHABLE;
	return (false);
}

static bool
is_after(const struct miner_folder *f, const struct listing_item *it)
{
	const size_t n = it->key_len < f->last_len ? it->key_len : f->last_len;
	const int order = memcmp(it->key, f->last, n);

	return (order > 0 || (order == 0 && it->key_len > f->last_len));
}

/* Does the page come after those before it?  A store could lead us in a
   ring. */
static bool
goes_on(struct miner_folder *f)
{
	const struct listing_item *it = f->page.item;

	if (f->page.n == 0)
		return (!f->page.truncated || ++f->empty < EMPTY_MAX);
	if (!is_after(f, it))
		return (false);
	f->empty = 0;
	it += f->page.n - 1;
	f->last_len = it->key_len < LISTING_KEY_MAX ? it->key_len :
	    LISTING_KEY_MAX;
	memcpy(f->last, it->key, f->last_len);
	return (true);
}

bool
miner_next(struct miner_folder *f)
{
	struct service_answer a = { .result = SERVICE_OK };
	char token[PRESIGN_TOKEN_MAX + 1] = "";
	const char *url;

	if (!f->begun) {
		listing_init(&f->page);
	} else if (f->ended || !has_token(f)) {
		f->ended = true;
		return (false);
	} else {
		memcpy(token, f->page.token, f->page.token_len + 1);
	}
	url = ask(f, f->begun ? token : NULL, &a);
	if (url != NULL)
		f->status = fetch(f->service, url, &f->page);
	service_clear(&a);
	f->ended = f->status != COMMAND_OK;
	if (!f->ended && !goes_on(f)) {
		command_failed("the store's list does not go on");
		f->status = COMMAND_UNREACHABLE;
		f->ended = true;
	}
	f->begun = true;
	f->dropped += f->ended ? 0 : f->page.dropped;
	return (!f->ended);
}

void
miner_free(struct miner_folder *f)
{

	if (f->begun)
		listing_free(&f->page);
	f->begun = false;
}

const char *
miner_below(const struct miner_folder *f, const struct listing_item *it,
    size_t *len)
{
	const size_t n = strlen(f->prefix);

	if (it->is_prefix || it->key_len <= n ||
	    memcmp(it->key, f->prefix, n) != 0)
		return (NULL);
	*len = it->key_len - n;
	return (it->key + n);
}
