#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
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
