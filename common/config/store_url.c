#include <arpa/inet.h>

#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "config/store_url.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

#define LABEL_MAX 63	/* RFC 1123 */

bool
store_url_is_name(const char *s, size_t len)
{
	size_t n;

	for (;; s += n + 1, len -= n + 1) {
		n = strspn(s, LOWER DIGITS "-");
		if (n > len)
			n = len;
		if (n < 1 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
			return (false);
		if (n == len)
			return (true);
		if (s[n] != '.')
			return (false);
	}
}

bool
store_url_is_ipv4(const char *s, size_t len)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	if (len >= sizeof(text))
		return (false);
	memcpy(text, s, len);
	text[len] = '\0';
	return (inet_pton(AF_INET, text, &a) == 1);
}

/* An IPv6 address in the one form that a browser writes (RFC 5952)? */
static bool
is_ipv6(const char *s, size_t len)
{
	char text[INET6_ADDRSTRLEN], same[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (len >= sizeof(text))
		return (false);
	memcpy(text, s, len);
	text[len] = '\0';
	return (strchr(text, '.') == NULL &&
	    inet_pton(AF_INET6, text, &a) == 1 &&
	    inet_ntop(AF_INET6, &a, same, sizeof(same)) != NULL &&
	    strcmp(text, same) == 0);
}

/* Would a browser read this name as a number, hence as an IPv4 address?
   WHATWG URL, "ends in a number". */
static bool
ends_in_number(const char *s, size_t len)
{
	const char *last = s + len;
	size_t n;

	while (last > s && last[-1] != '.')
		last--;
	n = len - (size_t)(last - s);
	return (strspn(last, DIGITS) >= n || (n >= 2 && last[0] == '0' &&
	    last[1] == 'x' && strspn(last + 2, DIGITS "abcdef") >= n - 2));
}

static const char *
host_wrong(struct store_url *u)
{

	if (u->host_len < 1)
		return ("has no host");
	if (u->host_len > STORE_URL_NAME_MAX)
		return ("has a host that is longer than 253 characters");
	if (u->host[0] == '[') {
		u->is_address = true;
		return (is_ipv6(u->host + 1, u->host_len - 2) ? NULL :
		    "has brackets around what is no IPv6 address in its "
		    "shortest form");
	}
	if (strcspn(u->host, UPPER) < u->host_len)
		return ("has capitals: write the host in lower case");
	if (ends_in_number(u->host, u->host_len)) {
		u->is_address = true;
		return (store_url_is_ipv4(u->host, u->host_len) ? NULL :
		    "has a host that ends with a number and is no IPv4 "
		    "address");
	}
	return (store_url_is_name(u->host, u->host_len) ? NULL :
	    "has a host that is no name of a-z, 0-9, dots and inner dashes");
}

/* Parse the part after the host: nothing, or a colon and a port. */
static const char *
port_wrong(struct store_url *u, const char *s)
{

	u->port = 0;
	if (s[0] == '\0')
		return (NULL);
	if (s[0] != ':' || s[1] < '1' || s[1] > '9' ||
	    num_parse(s + 1, strlen(s + 1), 1, 65535, &u->port) != ERR_OK)
		return ("has a port that is no number from 1 to 65535");
	if (u->port == (u->is_tls ? 443 : 80))
		u->port = 0;
	return (NULL);
}

static const char *
scheme_wrong(const char *s)
{
	const char *end = strstr(s, "://");

	if (strncasecmp(s, "s3:", 3) == 0)
		return ("names the bucket as tools do: write the https:// "
		    "address of the store");
	if (end == NULL)
		return ("has no scheme: write https:// before it");
	return ("has another scheme than http:// and https://, in lower case");
}

/* Does something follow the host that an endpoint does not have? */
static const char *
rest_wrong(const char *host)
{
	const char *end = host + strcspn(host, "/?#");

	if (memchr(host, '@', (size_t)(end - host)) != NULL)
		return ("has a user before the host: leave it out");
	if (end[0] == '\0')
		return (NULL);
	if (strcmp(end, "/") == 0)
		return ("ends with a slash: leave it out");
	if (strchr(end, '?') != NULL)
		return ("has a query: leave it out, with everything after the "
		    "host");
	if (strchr(end, '#') != NULL)
		return ("has a fragment (#): leave it out, with everything "
		    "after the host");
	return ("has a path: leave it out; the bucket's name belongs into "
	    "s3.bucket");
}

const char *
store_url_parse(struct store_url *u, const char *s)
{
	const char *end, *wrong;

	memset(u, 0, sizeof(*u));
	u->is_tls = strncmp(s, "https://", 8) == 0;
	u->scheme = u->is_tls ? "https://" : "http://";
	if (strncmp(s, u->scheme, strlen(u->scheme)) != 0)
		return (scheme_wrong(s));
	u->host = s + strlen(u->scheme);
	if ((wrong = rest_wrong(u->host)) != NULL)
		return (wrong);
	if (u->host[0] == '[') {
		if ((end = strchr(u->host, ']')) == NULL)
			return ("has a bracket that is not closed");
		end++;
	} else {
		end = u->host + strcspn(u->host, ":");
	}
	u->host_len = (size_t)(end - u->host);
	if ((wrong = host_wrong(u)) != NULL)
		return (wrong);
	return (port_wrong(u, end));
}
