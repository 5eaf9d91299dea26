#include <stdbool.h>
#include <string.h>

#include "base/address.h"
#include "config/cleartext.h"

static bool
is_public_name(const char *host, size_t len)
{
	static const char *const private[] = { "internal", "local", "localhost",
	    "localdomain", "test", "invalid", "example", "home.arpa", "lan",
	    "home", "corp", "private", "intranet", "svc", "onion" };
	size_t i, n;

	if (len > 0 && host[len - 1] == '.')
		len--;
	if (memchr(host, '.', len) == NULL)
		return (false);
	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++) {
		n = strlen(private[i]);
		if (len > n && host[len - n - 1] == '.' &&
		    memcmp(host + len - n, private[i], n) == 0)
			return (false);
	}
	return (true);
}

static bool
is_public(const char *host)
{
	struct address a;
	size_t len;

	if (host[0] == '[') {
		host++;
		len = strcspn(host, "]");
	} else {
		len = strcspn(host, ":/?#");
	}
	if (address_parse(host, len, &a) == ERR_OK)
		return (!address_near(&a));
	return (is_public_name(host, len));
}

static bool
is_open(const char *url)
{

	if (strncmp(url, "http://", 7) == 0)
		return (is_public(url + 7));
	return (strncmp(url, "ws://", 5) == 0 && is_public(url + 5));
}

const char *
cleartext_found(const struct config *cfg)
{
	size_t i;

	if (is_open(cfg->s3_endpoint))
		return ("s3.endpoint");
	if (is_open(cfg->s3_public_endpoint))
		return ("s3.public_endpoint");
	for (i = 0; i < cfg->chain_endpoints.n; i++) {
		if (is_open(cfg->chain_endpoints.item[i]))
			return ("chain.endpoints");
	}
	return (NULL);
}
