#ifndef CONFIG_STORE_URL_H_
#define CONFIG_STORE_URL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The URL of an object store: http or https, "://", a host, optionally a port.
 * Nothing follows, not even "/".
 */
#define STORE_URL_NAME_MAX 253	/* RFC 1123: a host name */

/* Its parts.  The texts are the caller's. */
struct store_url {
	const char *scheme;	/* with "://" */
	const char *host;	/* with its brackets, if it has any */
	size_t host_len;
	int64_t port;		/* 0: the default one */
	bool is_address, is_tls;
};

/**
 * store_url_parse(u, s):
 * Fill ${u} from the text ${s} and return NULL.  Otherwise return what is
 * wrong, to follow the name of the setting.
 *   Shape   host: a name in lower case, an IPv4 or an [IPv6] address; only
 *	     hosts that a browser sends unchanged, because the host is signed;
 *	     port: 1 to 65535, without leading zeros
 */
const char *store_url_parse(struct store_url *u, const char *s);

/**
 * store_url_is_name(s, len), store_url_is_ipv4(s, len):
 * Are these dot-separated labels of a-z, 0-9 and inner hyphens?  An IPv4
 * address?
 */
bool store_url_is_name(const char *s, size_t len);
bool store_url_is_ipv4(const char *s, size_t len);

#endif /* !CONFIG_STORE_URL_H_ */
