#include <string.h>

#include "service.h"

const char *
service_url_wrong(const char *url)
{
	const char *host, *s;
	size_t n;

	if (strlen(url) > SERVICE_URL_MAX)
		return ("is too long");
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return ("does not begin with http:// or https://");
	for (s = url; *s != '\0'; s++) {
		if (*s <= ' ' || *s > '~' || strchr("\"'<>\\^`{|}?#", *s) !=
		    NULL)
			return ("has a character that the URL of a service "
			    "does not have");
	}
	host = strstr(url, "://") + 3;
	n = strcspn(host, "/");
	if (n == 0 || host[0] == ':')
		return ("has no host");
	if (memchr(host, '@', n) != NULL)
		return ("has a user name");
	return (NULL);
}
