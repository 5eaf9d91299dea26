#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "state/proxy.h"
#include "state/snapshot.h"

bool
proxy_noted(const char *directory, const struct address_range *trusted,
    size_t n, struct address *a)
{
	char path[PATH_MAX];
	struct file_map map;
	const char *why;
	bool good;
	size_t i;

	snapshot_path(directory, PROXY_FILE, path);
	if (file_map_open(path, ADDRESS_TEXT_MAX, &map, &why) != ERR_OK)
		return (false);
	good = address_parse(map.data, map.len, a) == ERR_OK;
	file_map_close(&map);
	for (i = 0; i < n && good; i++)
		good = !address_in(&trusted[i], a);
	return (good);
}

void
proxy_note(const char *directory, const struct address *a,
    const struct address_range *trusted, size_t n)
{
	char path[PATH_MAX], text[ADDRESS_TEXT_MAX + 1];
	struct address known;
	static bool noted;

	if (noted || proxy_noted(directory, trusted, n, &known))
		return;
	noted = true;
	address_text(a, text);
	LOG(LOG_WARN, "proxy_untrusted", LOG_S("address", text),
	    LOG_S("reason", "it sends X-Forwarded-For and is not in "
	    "web.trusted_proxies: all its clients count as one address"));
	snapshot_path(directory, PROXY_FILE, path);
	(void)!file_replace(path, text, strlen(text), 0644);
}

#define LOOK_S 60
#define LASTS_S 600
#define TIME_LEN_MAX 20		/* of 2^63 - 1, with a sign */

/* Is it time to look?  ${last_s} is when that was answered with yes. */
static bool
is_due(int64_t *last_s, int64_t now_s)
{

	if (*last_s != 0 && now_s >= *last_s && now_s < *last_s + LOOK_S)
		return (false);
	*last_s = now_s;
	return (true);
}

/* Read the time in the note.  No note, or none that makes sense: 0. */
static int64_t
unread_at(const char *path)
{
	struct file_map map;
	const char *why;
	int64_t t;

	if (file_map_open(path, TIME_LEN_MAX, &map, &why) != ERR_OK)
		return (0);
	if (num_parse(map.data, map.len, 0, INT64_MAX - LASTS_S, &t) != ERR_OK)
		t = 0;
	file_map_close(&map);
	return (t);
}

void
proxy_unread(const char *directory, const char *value, int64_t now_s)
{
	char path[PATH_MAX], text[TIME_LEN_MAX + 1];
	static int64_t last_s;
	int64_t t;

	if (!is_due(&last_s, now_s))
		return;
	snapshot_path(directory, PROXY_UNREAD_FILE, path);
	t = unread_at(path);
	if (t > now_s || t < now_s - LASTS_S)
		LOG(LOG_WARN, "forwarded_unread", LOG_S("value", value),
		    LOG_S("reason", "it is in X-Forwarded-For and is no "
		    "address: the proxy that passed it on counts as the "
		    "client"));
	snprintf(text, sizeof(text), "%" PRId64, now_s);
	(void)!file_replace(path, text, strlen(text), 0644);
}

void
proxy_read(const char *directory, int64_t now_s)
{
	char path[PATH_MAX];
	static int64_t last_s;
	int64_t t;

	if (!is_due(&last_s, now_s))
		return;
	snapshot_path(directory, PROXY_UNREAD_FILE, path);
	t = unread_at(path);
	if (t == 0 || (t <= now_s && t >= now_s - LASTS_S))
		return;
	if (unlink(path) == 0)
		LOG(LOG_WARN, "forwarded_read", LOG_S("reason",
		    "all of X-Forwarded-For could be read for ten minutes"));
}
